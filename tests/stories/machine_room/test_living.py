"""The life of an installed portal: edited, renamed, unpaid and paid again, removed, installed anew."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.stories.machine_room.frame import Frame, installed
from tests.waiting import HELD_MS, WITHIN_S, until
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def account_id(room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal) -> str:
    """The account of a portal that is installed, linked, read and sends its events."""
    found: str = installed(room, portal).link(cabinet.link_token())["id"]
    cabinet.until_state(found, "fresh")
    until(lambda: len(portal.installation(room.application).handlers) > 4, what="events are bound")
    cabinet.until_state(found, "fresh")
    return found


def test_an_edit_is_told_by_an_event_and_becomes_known(
    cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    edit = portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="Источник заявки")
    (change,) = cabinet.until_changes(account_id, 1, since=1)
    assert (change["kind"], change["entity_type"], change["op"]) == ("user_fields", "deal", "added")
    assert (change["item"]["id"], change["item"]["label"]) == (edit.id, "Источник заявки")


def test_an_event_during_a_read_leads_to_another_read(
    cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    portal.log.clear()
    portal.switches.latency_ms = HELD_MS
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="До чтения")
    until(lambda: [request for request in portal.log.requests if request.method == "batch"])
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="Во время чтения")
    portal.events.drain()
    portal.switches.latency_ms = 0
    cabinet.until_changes(account_id, 1, since=1)
    changes = cabinet.until_changes(account_id, 2, since=1)
    assert {change["item"]["label"] for change in changes} == {"До чтения", "Во время чтения"}


def test_a_second_change_becomes_known_at_once_by_its_event_alone(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    beat = room.processes["beat"]
    beat.freeze()
    try:
        for number in (1, 2):
            portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=f"Поле {number}")
            cabinet.until_changes(account_id, number, since=1)
    finally:
        beat.thaw()


def test_a_storm_of_events_is_one_read_and_another_for_what_came_meanwhile(
    cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    portal.log.clear()
    portal.switches.latency_ms = HELD_MS
    for number in range(20):
        portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=f"Поле {number}")
    portal.events.drain()
    portal.switches.latency_ms = 0
    cabinet.until_changes(account_id, 20, since=1)
    assert len(cabinet.snapshots(account_id)) <= 3
    assert len([request for request in portal.log.requests if request.method == "batch"]) <= 4


def test_a_renamed_portal_keeps_its_history_under_its_new_name(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    before = portal.domain
    portal.rename()
    assert portal.domain != before
    assert cabinet.refreshed(account_id)["state"] == "done"
    account = cabinet.account(account_id)
    assert (account["domain"], account["state"]) == (portal.domain, "fresh")
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]
    assert room.rows("select former_domains from portal where domain = %s", portal.domain) == [([before],)]


def test_a_portal_whose_payment_ended_says_so_and_comes_back_by_itself(
    cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    portal.end_payment()
    cabinet.until_state(account_id, "subscription_ended")
    assert cabinet.changes(account_id) == []
    assert cabinet.specification(account_id)
    portal.pay()
    cabinet.until_state(account_id, "fresh")


def test_a_removed_portal_is_let_go_of_and_can_come_back(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    portal_id = room.portal_id(portal)
    portal.uninstall(room.application, clean=False)
    cabinet.until_state(account_id, "removed")
    assert room.rows("select 1 from chain where portal_id = %s", portal_id) == []
    assert cabinet.ask("POST", f"/accounts/{account_id}/refresh").status_code == 409
    assert cabinet.specification(account_id), "what was read can still be looked at"
    portal.install(room.application)
    portal.finish_install(room.application)
    cabinet.until_state(account_id, "fresh")
    assert room.portal_id(portal) == portal_id
    assert cabinet.account(account_id)["id"] == account_id, "the link is the one it was"
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]


def test_a_portal_that_asked_for_it_is_erased_in_its_time(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    portal_id = room.portal_id(portal)
    portal.uninstall(room.application, clean=True)
    cabinet.until_state(account_id, "removed")
    room.rows("update portal set purge_at = now() where id = %s", portal_id)
    until(lambda: cabinet.accounts() == [], what="the portal is erased")
    assert room.rows("select 1 from snapshot where portal_id = %s", portal_id) == []


@pytest.mark.parametrize("token", ["right", "wrong"])
def test_a_forged_removal_changes_nothing(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str, token: str
) -> None:
    application_token = portal.installation(room.application).application_token
    sent = httpx.post(
        f"{room.url('gateway')}/bitrix24/events",
        data={
            "event": "ONAPPUNINSTALL",
            "data[CLEAN]": "1",
            "ts": str(int(time.time())),
            "auth[member_id]": portal.member_id,
            "auth[domain]": portal.domain,
            "auth[application_token]": application_token if token == "right" else "0" * 32,
        },
        timeout=WITHIN_S,
    )
    assert sent.status_code == (202 if token == "right" else 401)
    if token == "right":
        until(
            lambda: room.rows(
                "select 1 from inbox where member_id = %s and event = 'ONAPPUNINSTALL' and verdict = 'rejected'",
                portal.member_id,
            ),
            what="the authorization server was asked",
        )
    cabinet.until_state(account_id, "fresh")
    assert cabinet.refreshed(account_id)["state"] == "done"


@pytest.mark.parametrize("noticed_by", ["us", "the portal"])
def test_an_expired_token_is_renewed_exactly_once(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str, noticed_by: str
) -> None:
    if noticed_by == "us":
        room.rows("update chain set access_expires_at = now() where portal_id = %s", room.portal_id(portal))
    for chain in room.cloud.authority.chains:
        if chain.member_id == portal.member_id:
            chain.access_expires_at = 0
    assert cabinet.refreshed(account_id)["state"] == "done"
    cabinet.until_state(account_id, "fresh")
    chains = [chain for chain in room.cloud.authority.chains if chain.member_id == portal.member_id]
    assert sum(chain.refreshes for chain in chains) == 1
    assert sum(chain.invalid_grants for chain in chains) == 0


def test_the_spare_chain_of_another_administrator_takes_over(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    first = portal.callers.user_id("admin")
    other = next(user for user in portal.crm.users if user.id != first and user.active and not user.hidden)
    other.admin = True
    Frame(room, portal.open_app(room.application, other.id))
    portal.dismiss(first)
    until(lambda: cabinet.refreshed(account_id)["state"] == "done", what="read with the other chain")
    cabinet.until_state(account_id, "fresh")
    removed = [change for change in cabinet.changes(account_id) if change["op"] == "removed"]
    assert removed == []
