"""Every page of the cabinet, and cabinets in which each of them has something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from fastapi.routing import APIRoute

from services.cabinet.web.site import ROUTERS
from shared.db import groups
from tests.stories.browser.plant import Person, Plant
from tools.simulator.ledger import DEAL
from tools.simulator.portal import SimulatedPortal


@dataclass(frozen=True)
class Estate:
    """A cabinet to look around in. An empty one has neither accounts nor a group."""

    name: str
    person: Person
    portal: SimulatedPortal | None = None
    account: str = ""
    other: str = ""
    group: str = ""
    refresh: str = ""


Addresses = Callable[[Estate], str]


def _tab(tab: str) -> Addresses:
    return lambda estate: f"/accounts/{estate.account}/{tab}"


# What needs no account comes first; by the route, as the cabinet has it.
ANYWHERE: Final[Mapping[str, Addresses]] = {
    "/sign-in": lambda _: "/sign-in",
    "/sign-up": lambda _: "/sign-up",
    "/accounts": lambda _: "/accounts",
    "/accounts/connect": lambda _: "/accounts/connect",
    "/token/replace": lambda _: "/token/replace",
    "nowhere": lambda _: "/accounts/nowhere",
}
WITH_ACCOUNTS: Final[Mapping[str, Addresses]] = {
    "a group": lambda estate: f"/accounts?group={estate.group}",
    "/accounts/{account_id}/unlink": lambda estate: f"/accounts/{estate.account}/unlink",
    "/accounts/{account_id}/refreshes/{refresh_id}": lambda estate: (
        f"/accounts/{estate.account}/refreshes/{estate.refresh}"
    ),
}
ACCOUNT: Final = "/accounts/{account_id}"
_TABS = ("pipelines", "stages", "fields", "users", "dictionaries", "smart-processes", "changes")
OF_AN_ACCOUNT: Final[Mapping[str, Addresses]] = {
    ACCOUNT: lambda estate: f"/accounts/{estate.account}",
    "a past version": lambda estate: f"/accounts/{estate.account}?version=1",
    "seen by an employee": lambda estate: f"/accounts/{estate.other}",
    **{f"{ACCOUNT}/{tab}": _tab(tab) for tab in _TABS},
}
PAGES: Final[Mapping[str, Addresses]] = {**ANYWHERE, **WITH_ACCOUNTS, **OF_AN_ACCOUNT}
#: Pages whose work grows with the number of accounts, besides their list.
OVER_ALL: Final[Mapping[str, str]] = {}
#: What the frame shows, asked for with its session.
IN_PORTAL: Final[Mapping[str, Mapping[str, str]]] = {
    "/portal/ pipelines": {"tab": "pipelines"},
    "/portal/ stages": {"tab": "stages"},
    "/portal/ fields": {"tab": "fields"},
    "/portal/ users": {"tab": "users"},
    "/portal/ text": {"tab": "pipelines", "text": "1"},
    "/portal/settings": {},
}
#: Files, and what only leads on.
NO_PAGES: Final = frozenset({"/", "/static/{name}", "/accounts/{account_id}/specification"})


def routes() -> Iterator[str]:
    """Everything the cabinet's web site answers a GET at."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                yield route.path


def empty(plant: Plant) -> Estate:
    return Estate("empty", plant.person())


def furnished(
    plant: Plant,
    portal: SimulatedPortal,
    other: SimulatedPortal,
    *,
    name: str,
    group: str = "Розничные магазины",
) -> Estate:
    """Two accounts in a group: an application's that has changed since it was read first, and an employee's webhook."""
    person = plant.person()
    account = plant.linked(portal, person)
    another = person.api.connect(other.webhook("employee"))
    person.api.until_state(another, "fresh", within=30)
    portal.edit("rename_pipeline", entity_type_id=DEAL, pipeline_id=0, to="Опт и розница")
    portal.edit("add_stage", directory="DEAL_STAGE", name="Счёт выставлен", sort=45)
    person.api.refreshed(account, within=30)
    return _with_group_and_watch(plant, Estate(name, person, portal, account, another), group)


def _with_group_and_watch(plant: Plant, estate: Estate, title: str) -> Estate:
    """The same with a group of both accounts, and a read of the second that never begins, so that one can watch it."""
    person = estate.person
    with plant.db.session(cabinet=person.member.cabinet_id) as session:
        members = [UUID(estate.account), UUID(estate.other)]
        group = groups.save(session, person.member.cabinet_id, title, members)
    assert group is not None
    ((refresh,),) = plant.rows(
        "update job set state = 'queued', run_after = now() + interval '1 day', finished_at = null, lease_until = null"
        " where id = (select job.id from job join link using (portal_id) where link.id = %s limit 1) returning id",
        estate.other,
    )
    return replace(estate, group=str(group.id), refresh=str(refresh))
