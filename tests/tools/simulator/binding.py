"""How tests bind handlers to events, and cause one."""

from __future__ import annotations

from tests.tools.simulator.client import Json, Reply, call
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal

DEAL_ADD = "ONCRMDEALUSERFIELDADD"


def ask(portal: SimulatedPortal, visit: Visit, method: str, **params: Json) -> Reply:
    return call(portal.endpoint, method, {"auth": visit.chain.access_token, **params})


def bind(portal: SimulatedPortal, visit: Visit, url: str, *events: str, **params: Json) -> None:
    for event in events:
        assert ask(portal, visit, "event.bind", event=event, handler=url, **params).result is True


def add_deal_field(portal: SimulatedPortal, label: str = "Этаж", kind: str = "string") -> int:
    return portal.edit("add_user_field", owner="CRM_DEAL", kind=kind, label=label).id
