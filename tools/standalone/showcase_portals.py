"""Three pretend portals of different owners, each connected in another way and in another state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.simulator.applications import Application
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.ledger import DEAL
from tools.simulator.portal import SimulatedPortal
from tools.standalone.api_client import ApiClient, UnexpectedAnswer

# Without stages: only one side counts those of a deleted pipeline.
_COUNTED = ("pipelines", "user_fields", "users")
_SESSION = re.compile(r'name="session" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Connected:
    """A portal as the cabinet has it; ``how`` says in words how it was connected and what happened since."""

    portal: SimulatedPortal
    account: Any
    how: str


def showcase_cloud(port: int) -> SimulatedCloud:
    """The three portals, not started yet: «Ромашка Опт» and two that resemble it as sister companies do."""
    names = ("romashka", "vasilek", "pion")
    cloud = SimulatedCloud([PortalSpec(name, "showcase") for name in names], port)
    retail, garden = cloud.portal("vasilek"), cloud.portal("pion")
    retail.crm.settings.title = "Василёк Розница"
    retail.edit("rename_pipeline", entity_type_id=DEAL, pipeline_id=0, to="Продажи с витрины")
    retail.edit("add_stage", directory="DEAL_STAGE", name="Букет собран", sort=45)
    garden.crm.settings.title = "Пион Ландшафт"
    garden.edit("rename_smart_process", entity_type_id=1040, to="Уход за садом")
    garden.edit("add_user_field", owner="CRM_DEAL", kind="double", label="Площадь участка, сотки")
    return cloud


def connect(cloud: SimulatedCloud, application: Application, client: ApiClient) -> Iterator[Connected]:
    """Every portal is an account in the cabinet of the client's person, and was read. Raises UnexpectedAnswer."""
    for name, way in _WAYS.items():
        yield way(cloud.portal(name), application, client)


def _by_application(portal: SimulatedPortal, application: Application, client: ApiClient) -> Connected:
    account = client.until_state(_linked(portal, application, client), "fresh")
    truth = portal.truth()
    for kind in _COUNTED:
        count = account["counts"][kind]
        if count != len(truth[kind]):
            raise UnexpectedAnswer(f"{portal.domain} has {len(truth[kind])} {kind}, {count} were found")
    return Connected(portal, account, "application and connection token, read by an administrator")


def _by_employee(portal: SimulatedPortal, _application: Application, client: ApiClient) -> Connected:
    account_id = client.api("/accounts", {"webhook_url": portal.webhook("employee")})["id"]
    account = client.until_state(account_id, "fresh")
    if all(line["state"] == "complete" for line in account["coverage"]):
        raise UnexpectedAnswer(f"{portal.domain} was read with few rights and all of it is called complete")
    return Connected(portal, account, "incoming webhook of an employee, who does not see everything")


def _unpaid(portal: SimulatedPortal, application: Application, client: ApiClient) -> Connected:
    account_id = _linked(portal, application, client)
    client.until_state(account_id, "fresh")
    portal.end_payment()
    client.refresh(account_id)
    account = client.until_state(account_id, "subscription_ended")
    return Connected(portal, account, "application and connection token; its subscription has ended since")


def _linked(portal: SimulatedPortal, application: Application, client: ApiClient) -> str:
    """The account's id after an administrator has installed the application and pasted the cabinet's token in it."""
    portal.install(application)
    portal.finish_install(application)
    page = portal.open_app(application).page
    match = _SESSION.search(page.text) if page is not None else None
    if match is None:
        raise UnexpectedAnswer(f"the application does not open in {portal.domain}")
    token = client.api("/link-token")["token"]
    preview = client.frame("link/preview", session=match[1], token=token)["preview"]
    account_id: str = client.frame("link", session=match[1], token=token, preview=preview)["id"]
    return account_id


_WAYS: dict[str, Callable[[SimulatedPortal, Application, ApiClient], Connected]] = {
    "romashka": _by_application,
    "vasilek": _by_employee,
    "pion": _unpaid,
}
