"""The database restarted under everything: processes stay, what was promised is kept, reads go on by themselves."""

from __future__ import annotations

import signal

import httpx
import pytest

from tests.cabinet_api import CabinetApi
from tests.faults.processes.servers import Servers
from tests.machine_room import MachineRoom
from tests.waiting import HELD_MS, WITHIN_S, until

HOW = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@pytest.mark.parametrize("how", HOW)
def test_a_restart_of_the_database_loses_and_doubles_nothing(
    room: MachineRoom, plant: Servers, cabinet: CabinetApi, how: str
) -> None:
    portals = [room.portal() for _ in range(6)]
    accounts = [cabinet.connect(portal.webhook_url) for portal in portals]
    for account_id in accounts:
        cabinet.until_state(account_id, "fresh")
    for portal in portals:
        portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="До перезапуска")
        portal.switches.latency_ms = HELD_MS
    for account_id in accounts:
        cabinet.refresh(account_id)
    until(lambda: all(len(portal.log.requests) > 1 for portal in portals), what="all are being read")
    pids = {name: process.pid for name, process in room.processes.items()}
    plant.stop_database(HOW[how])
    away = cabinet.ask("GET", "/accounts")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "30")
    assert httpx.get(f"{room.url('gateway')}/readyz", timeout=WITHIN_S).status_code == 503
    assert httpx.get(f"{room.url('gateway')}/healthz", timeout=WITHIN_S).status_code == 200
    for portal in portals:
        portal.switches.latency_ms = 0
    # Their answers arrive while there is nobody to write them to.
    until(lambda: all(request.status for portal in portals for request in portal.log.requests))
    plant.start_database()
    assert cabinet.ask("GET", "/accounts").status_code == 200
    for account_id in accounts:
        changes = cabinet.until_changes(account_id, 1, since=1)
        assert [change["item"]["label"] for change in changes] == ["До перезапуска"]
        assert [version["number"] for version in cabinet.snapshots(account_id)] == [2, 1]
    assert {name: process.pid for name, process in room.processes.items() if process.is_alive} == pids


def test_an_event_that_was_answered_is_kept_through_a_crash(room: MachineRoom, plant: Servers) -> None:
    portals = [room.portal() for _ in range(3)]
    for portal in portals:
        portal.install(room.application, page=False)
        portal.finish_install(room.application)
        portal.events.drain()
    answered = [
        portal for portal in portals if portal.events.delivered and portal.events.delivered[-1].status == 202
    ]
    assert answered == portals
    plant.stop_database(signal.SIGQUIT)
    plant.start_database()
    for portal in portals:
        until(
            lambda: room.rows(
                "select 1 from portal where member_id = %s and state = 'active' and read_at is not null",
                portal.member_id,  # noqa: B023
            ),
            what="installed and read",
        )
