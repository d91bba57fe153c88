"""Every page of the cabinet, and cabinets in which each of them has something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid4

from fastapi.routing import APIRoute

from services.cabinet.app import PAGE_ROUTERS
from shared.db import applications, groups, people
from shared.db.applications import ApplicationCard
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
    application: str = ""
    key: str = ""


Addresses = Callable[[Estate], str]


def _tab(tab: str) -> Addresses:
    return lambda estate: f"/accounts/{estate.account}/{tab}"


def _group_tab(tab: str) -> Addresses:
    return lambda estate: f"/groups/{estate.group}/{tab}"


# What needs no account comes first; by the route, as the cabinet has it.
ANYWHERE: Final[Mapping[str, Addresses]] = {
    "/sign-in": lambda _: "/sign-in",
    "/sign-up": lambda _: "/sign-up",
    "/accounts": lambda _: "/accounts",
    "/accounts/connect": lambda _: "/accounts/connect",
    "/token/replace": lambda _: "/token/replace",
    "/compare": lambda _: "/compare",
    "/search": lambda _: "/search",
    "/changes": lambda _: "/changes",
    "/settings": lambda _: "/settings",
    "/settings/password": lambda _: "/settings/password",
    "/settings/tokens": lambda _: "/settings/tokens",
    "/settings/applications": lambda _: "/settings/applications",
    "nowhere": lambda _: "/accounts/nowhere",
}
_GROUP_TABS = ("pipelines", "stages", "fields", "standard-fields", "users")
WITH_ACCOUNTS: Final[Mapping[str, Addresses]] = {
    "a group": lambda estate: f"/accounts?group={estate.group}",
    **{f"/groups/{{group_id}}/{tab}": _group_tab(tab) for tab in _GROUP_TABS},
    "/groups/{group_id}/refresh": lambda estate: f"/groups/{estate.group}/refresh",
    "two portals compared": lambda estate: f"/compare?a={estate.account}&b={estate.other}",
    "two versions compared": lambda estate: f"/compare?a={estate.account}.1&b={estate.account}",
    "found": lambda _: "/search?q=опт",
    "nothing found": lambda _: "/search?q=qqqq",
    "changes of one account": lambda estate: f"/changes?account={estate.account}&kind=stages&period=week",
    "/settings/tokens/{token_id}/revoke": lambda estate: f"/settings/tokens/{estate.key}/revoke",
    "/settings/applications/{application_id}/remove": lambda estate: (
        f"/settings/applications/{estate.application}/remove"
    ),
    "/accounts/{account_id}/unlink": lambda estate: f"/accounts/{estate.account}/unlink",
    "/accounts/{account_id}/refreshes/{refresh_id}": lambda estate: (
        f"/accounts/{estate.account}/refreshes/{estate.refresh}"
    ),
}
ACCOUNT: Final = "/accounts/{account_id}"
_TABS = (
    "pipelines",
    "stages",
    "fields",
    "standard-fields",
    "users",
    "dictionaries",
    "smart-processes",
    "changes",
)
OF_AN_ACCOUNT: Final[Mapping[str, Addresses]] = {
    ACCOUNT: lambda estate: f"/accounts/{estate.account}",
    "a past version": lambda estate: f"/accounts/{estate.account}?version=1",
    "seen by an employee": lambda estate: f"/accounts/{estate.other}",
    **{f"{ACCOUNT}/{tab}": _tab(tab) for tab in _TABS},
}
PAGES: Final[Mapping[str, Addresses]] = {**ANYWHERE, **WITH_ACCOUNTS, **OF_AN_ACCOUNT}
#: Pages whose work grows with the number of accounts, first of all their list.
OVER_ALL: Final = ("/accounts", "/compare", "/search?q=сделка", "/changes")
#: What the frame shows, asked for with its session.
IN_PORTAL: Final[Mapping[str, Mapping[str, str]]] = {
    "/portal/ pipelines": {"tab": "pipelines"},
    "/portal/ stages": {"tab": "stages"},
    "/portal/ fields": {"tab": "fields"},
    "/portal/ users": {"tab": "users"},
    "/portal/settings": {},
}
#: Files, and what only leads on.
NO_PAGES: Final = frozenset(
    {
        "/",
        "/static/{name}",
        "/accounts/{account_id}/specification",
        "/accounts/{account_id}/addendum",
        "/groups/{group_id}/specifications.zip",
        # One route for all tabs of a group.
        "/groups/{group_id}/{tab}",
    }
)


def routes() -> Iterator[str]:
    """Everything the cabinet's web site answers a GET at."""
    for router in PAGE_ROUTERS:
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
    title: str = "Розничные магазины",
) -> Estate:
    """Two accounts in a group: an application's that has changed since it was read first, and an employee's webhook.

    The first is read in full from its second read on.
    """
    person = plant.person()
    account = plant.linked(portal, person)
    another = person.api.connect(other.webhook("employee"))
    person.api.until_state(another, "fresh")
    portal.edit("rename_pipeline", entity_type_id=DEAL, pipeline_id=0, to="Опт и розница")
    portal.edit("add_stage", directory="DEAL_STAGE", name="Счёт выставлен", sort=45)
    person.api.reads_in_full(account)
    person.api.refreshed(account)
    return _with_titles(plant, Estate(name, person, portal, account, another), title)


def _with_titles(plant: Plant, estate: Estate, title: str) -> Estate:
    """The same with all that has a title, and a read of the second account that never begins, to be watched."""
    person = estate.person
    with plant.db.session(cabinet=person.member.cabinet_id) as session:
        members = [UUID(estate.account), UUID(estate.other)]
        group = groups.save(session, person.member.cabinet_id, title, members)
        card = ApplicationCard(f"local.{uuid4().hex}", "secret", title)
        application = applications.save_own(
            session, plant.db.keyring, person.member.cabinet_id, card, actor="tests"
        )
        key, _ = people.issue_api_token(session, person.member, title=title)
    assert group is not None
    ((refresh,),) = plant.rows(
        "update job set state = 'queued', run_after = now() + interval '1 day', finished_at = null, lease_until = null"
        " where id = (select job.id from job join link using (portal_id) where link.id = %s limit 1) returning id",
        estate.other,
    )
    return replace(
        estate, group=str(group.id), refresh=str(refresh), application=str(application), key=str(key)
    )
