"""The broker emptied, stopped, frozen: nothing is lost, nobody waits for it, and work goes on when it is back."""

from __future__ import annotations

import contextlib

from tests.cabinet_api import CabinetApi
from tests.faults.processes.servers import Servers
from tests.machine_room import MachineRoom
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal

# Waiting for the broker takes seconds each time: so many waits would outlast any test.
# Twice as often is still less than a cabinet may ask for in a minute.
ASKED = 50


def test_an_emptied_broker_loses_no_read(room: MachineRoom, plant: Servers, cabinet: CabinetApi) -> None:
    portals = [room.portal() for _ in range(6)]
    for worker in room.workers():
        worker.freeze()
    accounts = [cabinet.connect(portal.webhook_url) for portal in portals]
    plant.flush_broker()
    for worker in room.workers():
        worker.thaw()
    for account_id in accounts:
        cabinet.until_state(account_id, "fresh")


def test_while_the_broker_is_away_the_api_answers_and_afterwards_all_is_read(
    plant: Servers, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    plant.stop_broker()
    try:
        refreshes = [cabinet.refresh(account_id) for _ in range(5)]
    finally:
        plant.start_broker()
    for refresh_id in set(refreshes):
        until(lambda: cabinet.refresh_state(refresh_id)["state"] == "done")  # noqa: B023


def test_a_bell_rung_after_the_broker_came_back_is_heard_without_a_tick(
    room: MachineRoom, plant: Servers, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    plant.stop_broker()
    cabinet.refresh(account_id)
    plant.start_broker()
    until(lambda: cabinet.account(account_id)["state"] == "fresh")
    until(lambda: cabinet.refreshed(account_id))
    room.processes["beat"].freeze()
    for _ in range(3):
        assert cabinet.refreshed(account_id)["state"] == "done"


def test_connections_that_break_again_and_again_make_no_worker_deaf(
    room: MachineRoom, plant: Servers, cabinet: CabinetApi, portal: SimulatedPortal, times: int
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    with contextlib.closing(plant.valkey.client()) as client:
        for _ in range(20 * times):
            client.client_kill_filter(_type="normal", skipme=True)
    pids = [worker.pid for worker in room.workers()]
    until(lambda: all(room.hears(worker) for worker in room.workers()), what="both workers hear")
    assert cabinet.refreshed(account_id)["state"] == "done"
    assert [worker.pid for worker in room.workers()] == pids


def test_a_frozen_broker_keeps_nobody_waiting(
    room: MachineRoom, plant: Servers, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    with plant.frozen_broker():
        refreshes = {cabinet.refresh(account_id) for _ in range(ASKED)}
        until(lambda: "bell.unheard" in room.processes["cabinet"].log.read_text())
        refreshes |= {cabinet.refresh(account_id) for _ in range(ASKED)}
    for refresh_id in refreshes:
        until(lambda: cabinet.refresh_state(refresh_id)["state"] == "done")  # noqa: B023
