"""Who may bind handlers to which events."""

from __future__ import annotations

import pytest

from tests.tools.simulator.binding import DEAL_ADD, add_deal_field, ask, bind
from tests.tools.simulator.client import Json, call
from tests.tools.simulator.listener import Listener
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal


def test_binding_and_unbinding(portal: SimulatedPortal, visit: Visit, listener: Listener) -> None:
    visit.installation.handlers.clear()
    url = f"{listener.url}fields"
    bind(portal, visit, url, "OnCrmDealUserFieldAdd")
    assert ask(portal, visit, "event.get").result == [
        {"event": DEAL_ADD, "handler": url, "auth_type": "0", "offline": 0}
    ]
    again = ask(portal, visit, "event.bind", event=DEAL_ADD, handler=url)
    assert (again.status, again.error) == (400, "ERROR_CORE")
    assert again.json["error_description"] == "Unable to set event handler: Handler already binded"
    assert ask(portal, visit, "event.unbind", event=DEAL_ADD, handler=url).result == {"count": 1}
    assert ask(portal, visit, "event.unbind", event=DEAL_ADD, handler=url).result == {"count": 0}
    assert ask(portal, visit, "event.get").result == []


@pytest.mark.parametrize("method", ["event.bind", "event.unbind", "event.get", "event.test"])
def test_a_webhook_has_no_events(portal: SimulatedPortal, method: str) -> None:
    reply = call(portal.webhook_url, method, {"event": DEAL_ADD, "handler": "http://app.example/"})
    assert (reply.status, reply.error) == (403, "WRONG_AUTH_TYPE")


REFUSED: list[tuple[dict[str, Json], int, str]] = [
    ({"event": "ONCRMSTAGEADD"}, 400, "ERROR_EVENT_NOT_FOUND"),
    ({"event": ""}, 400, "ERROR_EVENT_NOT_FOUND"),
    ({"handler": "ftp://app.example/"}, 400, "ERROR_UNSUPPORTED_PROTOCOL"),
    ({"handler": ""}, 400, "ERROR_UNSUPPORTED_PROTOCOL"),
    ({"handler": "http:///events"}, 400, "ERROR_WRONG_HANDLER_URL"),
]


@pytest.mark.parametrize(("change", "status", "error"), REFUSED)
def test_what_cannot_be_bound(
    portal: SimulatedPortal, visit: Visit, change: dict[str, Json], status: int, error: str
) -> None:
    reply = ask(portal, visit, "event.bind", **{"event": DEAL_ADD, "handler": "http://app.example/"} | change)
    assert (reply.status, reply.error) == (status, error)


def test_what_older_and_stricter_portals_refuse(portal: SimulatedPortal, visit: Visit) -> None:
    portal.switches.missing_events = {"ONCRMTYPEUSERFIELDADD"}
    portal.switches.local_handlers = False
    reply = ask(portal, visit, "event.bind", event="onCrmTypeUserFieldAdd", handler="http://app.example/")
    assert reply.error == "ERROR_EVENT_NOT_FOUND"
    assert "ONCRMTYPEUSERFIELDADD" not in ask(portal, visit, "events").result
    reply = ask(portal, visit, "event.bind", event=DEAL_ADD, handler="http://gateway/")
    assert reply.error == "ERROR_WRONG_HANDLER_URL"


def test_events_need_the_scope_of_their_module(
    cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener
) -> None:
    narrow = cloud.register_application(handler_url=listener.url, scopes=["user_basic"])
    visit = portal.install(narrow, page=False)
    assert (
        ask(portal, visit, "event.bind", event=DEAL_ADD, handler=listener.url).error
        == "ERROR_EVENT_NOT_FOUND"
    )
    bind(portal, visit, listener.url, "ONUSERADD", "ONAPPUNINSTALL")
    assert DEAL_ADD not in ask(portal, visit, "events").result
    assert DEAL_ADD in ask(portal, visit, "events", FULL=True).result
    assert DEAL_ADD in ask(portal, visit, "events", SCOPE="crm").result


def test_employees_bind_for_themselves_only(
    portal: SimulatedPortal, visit: Visit, application: Application, listener: Listener
) -> None:
    own = portal.open_app(application, user="employee", page=False)
    where = {"event": DEAL_ADD, "handler": f"{listener.url}own"}
    for params in ({"auth_type": 1}, {"event_type": "offline"}):
        reply = ask(portal, own, "event.bind", **where, **params)
        assert (reply.status, reply.error) == (403, "ACCESS_DENIED")
    bind(portal, own, f"{listener.url}own", DEAL_ADD)
    (row,) = ask(portal, own, "event.get").result
    assert row["auth_type"] == str(own.chain.user_id)
    assert len(ask(portal, visit, "event.get").result) == 5
    assert ask(
        portal, own, "event.unbind", event="ONAPPUNINSTALL", handler=f"{listener.url}events"
    ).result == {"count": 0}
    add_deal_field(portal)
    portal.events.drain()
    assert listener.received[-1].form["auth[user_id]"] == str(own.chain.user_id)


def test_offline_handlers_are_only_listed(portal: SimulatedPortal, visit: Visit) -> None:
    visit.installation.handlers.clear()
    bind(portal, visit, "", DEAL_ADD, event_type="offline")
    assert ask(portal, visit, "event.get").result == [{"event": DEAL_ADD, "connector_id": "", "offline": 1}]
    add_deal_field(portal)
    portal.events.drain()
    assert portal.events.delivered == []
    assert ask(portal, visit, "event.unbind", event=DEAL_ADD, event_type="offline").result == {"count": 1}
