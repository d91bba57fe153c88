"""Events: when they are fired, how they look on the wire and what becomes of them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.tools.simulator.binding import DEAL_ADD, add_deal_field, ask, bind
from tests.tools.simulator.client import call, request
from tests.tools.simulator.conftest import Clock
from tests.tools.simulator.listener import Listener
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal

STORY: list[tuple[str, dict[str, Any], list[str]]] = [
    ("add_user_field", {"owner": "CRM_LEAD", "kind": "string", "label": "x"}, ["ONCRMLEADUSERFIELDADD"]),
    (
        "add_user_field",
        {"owner": "CRM_CONTACT", "kind": "enumeration", "label": "x", "values": ["a"]},
        ["ONCRMCONTACTUSERFIELDADD", "ONCRMCONTACTUSERFIELDSETENUMVALUES"],
    ),
    (
        "add_user_field",
        {"owner": "CRM_SMART_INVOICE", "kind": "date", "label": "x"},
        ["ONCRMTYPEUSERFIELDADD"],
    ),
    ("rename_user_field", {"to": "x"}, ["ONCRMDEALUSERFIELDUPDATE"]),
    ("set_mandatory", {"to": True}, ["ONCRMDEALUSERFIELDUPDATE"]),
    ("add_list_value", {"value": "x"}, ["ONCRMDEALUSERFIELDSETENUMVALUES"]),
    ("remove_user_field", {}, ["ONCRMDEALUSERFIELDDELETE"]),
    ("add_user", {"name": "Ева", "last_name": "Линд"}, ["ONUSERADD"]),
    ("add_pipeline", {"entity_type_id": 2, "name": "x"}, []),
    ("add_stage", {"directory": "DEAL_STAGE", "name": "x"}, []),
    ("add_dictionary_row", {"directory": "SOURCE", "name": "x"}, []),
    ("add_department", {"name": "x"}, []),
    ("dismiss_user", {"user_id": 3}, []),
]


@pytest.mark.parametrize(("name", "arguments", "events"), STORY)
def test_an_edit_fires_what_the_platform_has_for_it(
    portal: SimulatedPortal,
    visit: Visit,
    listener: Listener,
    name: str,
    arguments: dict[str, Any],
    events: list[str],
) -> None:
    if name in ("rename_user_field", "set_mandatory", "add_list_value", "remove_user_field"):
        arguments = arguments | {"field_id": add_deal_field(portal, kind="enumeration")}
    every = [event for event in ask(portal, visit, "events").result if not event.startswith("ONAPP")]
    bind(portal, visit, listener.url, *every)
    portal.edit(name, **arguments)
    portal.events.drain()
    assert listener.events == events


def test_a_smart_process_is_named_by_its_type_id(
    portal: SimulatedPortal, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, "ONCRMTYPEUPDATE", "ONCRMTYPEUSERFIELDADD")
    process = portal.crm.smart_processes[0]
    portal.edit("rename_smart_process", entity_type_id=process.entity_type_id, to="x")
    change = portal.edit("add_user_field", owner=process.field_owner, kind="string", label="x")
    portal.events.drain()
    first, second = (received.form for received in listener.received)
    assert first["data[FIELDS][ID]"] == str(process.type_id)
    assert second["data[FIELDS][ID]"] == str(change.id)
    assert second["data[FIELDS][ENTITY_ID]"] == process.field_owner
    assert second["data[FIELDS][FIELD_NAME]"] == portal.crm.user_field(change.id).code


def test_an_event_of_the_crm_on_the_wire(
    cloud: SimulatedCloud, portal: SimulatedPortal, visit: Visit, listener: Listener, clock: Clock
) -> None:
    bind(portal, visit, f"{listener.url}b24", DEAL_ADD)
    number = add_deal_field(portal)
    portal.events.drain()
    (received,) = listener.at("/b24")
    form, now = received.form, int(clock.now)
    token = form.pop("auth[access_token]")
    assert received.content_type == "application/x-www-form-urlencoded"
    assert form == {
        "event": DEAL_ADD,
        "event_handler_id": str(visit.installation.handlers[-1].id),
        "data[FIELDS][ID]": str(number),
        "data[FIELDS][ENTITY_ID]": "CRM_DEAL",
        "data[FIELDS][FIELD_NAME]": portal.crm.user_field(number).code,
        "ts": str(now),
        "auth[expires]": str(now + 3600),
        "auth[expires_in]": "3600",
        "auth[scope]": "crm,user_basic,department,userfieldconfig",
        "auth[domain]": portal.domain,
        "auth[server_endpoint]": cloud.oauth.endpoint,
        "auth[client_endpoint]": portal.endpoint,
        "auth[member_id]": portal.member_id,
        "auth[status]": "L",
        "auth[user_id]": "1",
        "auth[application_token]": visit.installation.application_token,
    }
    assert call(portal.endpoint, "profile", {"auth": token}).result["ID"] == "1"


SHORT = {"domain", "server_endpoint", "client_endpoint", "member_id", "application_token"}
USUAL = SHORT | {"access_token", "expires", "expires_in", "scope", "status", "user_id"}


def keys(form: dict[str, str], group: str) -> set[str]:
    return {name[len(group) + 1 : -1] for name in form if name.startswith(f"{group}[")}


def test_the_events_of_an_applications_life(
    portal: SimulatedPortal, application: Application, listener: Listener
) -> None:
    portal.install(application, page=False)
    portal.update(application)
    portal.end_payment()
    portal.pay()
    portal.uninstall(application)
    portal.events.drain()
    forms = [received.form for received in listener.received]
    assert listener.events == [
        "ONAPPINSTALL", "ONAPPUPDATE", "ONAPPPAYMENT", "ONAPPPAYMENT", "ONAPPUNINSTALL",
    ]  # fmt: skip
    assert keys(forms[0], "data") == {"VERSION", "ACTIVE", "INSTALLED", "LANGUAGE_ID"}
    assert (forms[0]["data[VERSION]"], forms[0]["data[INSTALLED]"]) == ("1", "Y")
    assert (forms[1]["data[VERSION]"], forms[1]["data[PREVIOUS_VERSION]"]) == ("2", "1")
    assert [form["data[PAYMENT_EXPIRED]"] for form in forms[2:4]] == ["Y", "N"]
    assert (forms[4]["data[CLEAN]"], forms[4]["data[LANGUAGE_ID]"]) == ("1", "ru")
    for form in forms[:2]:
        assert keys(form, "auth") == USUAL | {"refresh_token"}
    for form in forms[2:]:
        assert keys(form, "auth") == SHORT


def test_how_sources_disagree_about_the_wire(
    portal: SimulatedPortal, application: Application, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, DEAL_ADD)
    portal.switches.event_handler_ids = False
    portal.switches.event_scope_separator = " "
    portal.switches.dotted_versions = True
    portal.switches.event_auth = {DEAL_ADD: "full", "ONAPPUNINSTALL": "none"}
    add_deal_field(portal)
    portal.update(application)
    portal.uninstall(application, clean=False)
    portal.events.drain()
    field, update, uninstall = (received.form for received in listener.received)
    assert keys(field, "auth") == USUAL | {"refresh_token"}
    assert "event_handler_id" not in field
    assert field["auth[scope]"] == "crm user_basic department userfieldconfig"
    assert (update["data[VERSION]"], update["data[PREVIOUS_VERSION]"]) == ("2.0.0", "1.0.0")
    assert (uninstall["data[CLEAN]"], keys(uninstall, "auth")) == ("0", set())


def test_a_test_event_carries_what_it_was_given(
    portal: SimulatedPortal, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, "ONAPPTEST")
    assert ask(portal, visit, "event.test", any={"thing": [1, 2]}).result is True
    portal.events.drain()
    form = listener.received[0].form
    assert (form["data[QUERY][any][thing][0]"], form["data[QUERY][any][thing][1]"]) == ("1", "2")
    assert "auth[refresh_token]" in form


def test_without_payment_the_crm_says_nothing(
    portal: SimulatedPortal, application: Application, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, DEAL_ADD)
    portal.end_payment(application, event=False)
    add_deal_field(portal)
    portal.pay(application, event=False)
    portal.end_payment(event=False)
    add_deal_field(portal)
    portal.events.drain()
    assert listener.received == []


@pytest.mark.parametrize(("dropped", "events"), [(True, []), (False, ["ONAPPUPDATE"])])
def test_handlers_may_be_gone_after_an_update(
    cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener, *, dropped: bool, events: list[str]
) -> None:
    wizard = cloud.register_application(
        handler_url=listener.url, installer_url=listener.url, events_url=listener.url
    )
    visit = portal.install(wizard, page=False)
    portal.finish_install(wizard, event=False)
    portal.switches.handlers_dropped_on_update = dropped
    portal.update(wizard)
    portal.events.drain()
    assert listener.events == events
    assert bool(ask(portal, visit, "event.get").result) is not dropped


def test_nothing_is_repeated_whatever_the_handler_says(
    portal: SimulatedPortal, visit: Visit, listener: Listener
) -> None:
    listener.status = 500
    bind(portal, visit, listener.url, DEAL_ADD)
    bind(portal, visit, "http://127.0.0.1:9/", DEAL_ADD)
    add_deal_field(portal)
    portal.events.drain()
    assert [(delivery.event, delivery.status) for delivery in portal.events.delivered] == [
        (DEAL_ADD, 500),
        (DEAL_ADD, None),
    ]
    assert str(portal.events.delivered[1].error).startswith("ConnectionRefusedError")
    assert len(listener.received) == 1


def test_events_get_lost_and_doubled_by_the_dice(
    portal: SimulatedPortal, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, DEAL_ADD)
    portal.switches.event_seed = 7
    portal.switches.event_loss = portal.switches.event_duplication = 0.3
    for place in range(40):
        add_deal_field(portal, f"Поле {place}")
    portal.events.drain()
    codes = [received.form["data[FIELDS][ID]"] for received in listener.received]
    lost = len(portal.events.lost)
    assert len(set(codes)) == 40 - lost
    assert 0 < lost < 30
    assert len(codes) > len(set(codes))
    portal.switches.event_loss, portal.switches.event_duplication = 1.0, 0.0
    add_deal_field(portal)
    portal.events.drain()
    assert len(portal.events.lost) == lost + 1
    assert len(listener.received) == len(codes)


def test_events_can_be_held_back_and_come_in_any_order(
    portal: SimulatedPortal, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, DEAL_ADD)
    portal.switches.events_held = portal.switches.events_shuffled = True
    added = [str(add_deal_field(portal, f"Поле {place}")) for place in range(12)]
    with pytest.raises(TimeoutError, match="12 events are still on their way"):
        portal.events.drain(0.05)
    portal.switches.events_held = False
    portal.events.drain()
    arrived = [received.form["data[FIELDS][ID]"] for received in listener.received]
    assert arrived != added
    assert sorted(arrived) == sorted(added)


def test_events_can_be_late(portal: SimulatedPortal, visit: Visit, listener: Listener) -> None:
    bind(portal, visit, listener.url, DEAL_ADD)
    portal.switches.event_delay_s = 0.15
    started = time.monotonic()
    add_deal_field(portal)
    portal.events.drain()
    assert time.monotonic() - started >= 0.15


def test_the_log_of_events_is_shown_and_emptied(
    portal: SimulatedPortal, visit: Visit, listener: Listener
) -> None:
    bind(portal, visit, listener.url, DEAL_ADD)
    add_deal_field(portal)
    portal.events.drain()
    url = f"{portal.base_url}_events/romashka"
    shown = request("GET", url).json
    assert (shown["waiting"], shown["lost"]) == (0, [])
    (delivery,) = shown["delivered"]
    assert (delivery["event"], delivery["handler"], delivery["status"]) == (DEAL_ADD, listener.url, 200)
    assert delivery["form"]["auth[member_id]"] == portal.member_id
    assert request("DELETE", url).json["delivered"] == []
