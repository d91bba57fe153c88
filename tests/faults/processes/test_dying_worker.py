"""A worker that is killed, frozen or told to stop: another one goes on, and nothing is written twice."""

from __future__ import annotations

import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom, Process
from tests.waiting import HELD_MS, until
from tools.simulator.portal import SimulatedPortal

# A lease of four seconds, a tick every three, and the read itself.
# A silent portal is asked again after 20 s; one that sends a byte a second is waited for until all time is up.
SLOW = "byte_by_byte"


def holder(room: MachineRoom, portal: SimulatedPortal) -> Process:
    """The worker that reads the portal now."""

    def found() -> Process | None:
        rows = room.rows(
            "select j.lease_owner from job j join portal p on p.id = j.portal_id"
            " where p.domain = %s and j.state = 'running'",
            portal.domain,
        )
        owners = {int(owner.split("-")[-2]) for (owner,) in rows}
        return next((worker for worker in room.workers() if worker.pid in owners), None)

    worker: Process = until(found, what="some worker reads the portal")
    return worker


def batches(portal: SimulatedPortal) -> int:
    return len([request for request in portal.log.requests if request.method == "batch"])


def test_a_worker_killed_inside_a_read_is_replaced(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.faults.add(SLOW)
    account_id = cabinet.connect(portal.webhook_url)
    until(lambda: batches(portal) == 1)
    holder(room, portal).kill()
    account = cabinet.until_state(account_id, "fresh")
    assert account["counts"]["stages"] == len(portal.truth()["stages"])
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]
    assert batches(portal) == 2


def test_a_worker_killed_while_it_writes_leaves_nothing_half_written(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="Новое поле")
    with room.connection() as holding:
        # The last thing a read writes waits for us.
        holding.execute("lock table change in exclusive mode")
        cabinet.refresh(account_id)
        until(lambda: is_writing(room), what="the worker writes")
        holder(room, portal).kill()
        assert len(cabinet.snapshots(account_id)) == 1
    (change,) = cabinet.until_changes(account_id, 1, since=1)
    assert change["item"]["label"] == "Новое поле"
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [2, 1]


def is_writing(room: MachineRoom) -> bool:
    return bool(
        room.rows(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'insert into change%%'"
        )
    )


def test_a_portal_that_kills_every_worker_is_quarantined_and_nobody_else_waits(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.faults.add(SLOW, times=None)
    account_id = cabinet.connect(portal.webhook_url)
    # The first death proves nothing; then it runs alone, and three more are enough.
    for death in range(1, 5):
        until(lambda: batches(portal) == death)  # noqa: B023
        worker = holder(room, portal)
        worker.kill()
        room.start(worker.name)
    account = cabinet.until_problem(account_id, "worker_lost")
    assert "наша ошибка" in account["problem_detail"]
    other = room.portal()
    cabinet.until_state(cabinet.connect(other.webhook_url), "fresh")
    assert batches(portal) == 4
    portal.faults.clear()
    assert cabinet.refreshed(account_id)["state"] == "done", "whoever asks gets another try"


def test_a_worker_killed_between_reads_is_not_missed(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    room.workers()[0].kill()
    for _ in range(4):
        assert cabinet.refreshed(account_id)["state"] == "done"


def test_what_both_workers_had_in_hand_is_read_once_one_is_back(
    room: MachineRoom, cabinet: CabinetApi
) -> None:
    portals = [room.portal() for _ in range(6)]
    for portal in portals:
        portal.switches.latency_ms = HELD_MS
    accounts = [cabinet.connect(portal.webhook_url) for portal in portals]
    until(lambda: all(batches(portal) for portal in portals), what="all are being read")
    for worker in room.workers():
        worker.kill()
    for portal in portals:
        portal.switches.latency_ms = 0
    room.start("worker-1")
    for account_id in accounts:
        cabinet.until_state(account_id, "fresh")


def test_a_worker_frozen_beyond_its_lease_writes_nothing_when_it_wakes(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    portal.switches.latency_ms = HELD_MS
    refresh_id = cabinet.refresh(account_id)
    worker = holder(room, portal)
    worker.freeze()
    portal.switches.latency_ms = 0
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="Пока он спал")
    until(
        lambda: cabinet.refresh_state(refresh_id)["state"] == "done",
        what="another worker takes over",
    )
    read_at = cabinet.account(account_id)["read_at"]
    worker.thaw()
    until(lambda: "job.lease_lost" in worker.log.read_text(), what="the sleeper finds its lease lost")
    assert cabinet.account(account_id)["read_at"] == read_at
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [2, 1]
    assert cabinet.refreshed(account_id)["state"] == "done"


def test_a_worker_keeps_its_read_however_long_it_takes(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.switches.latency_ms = 9_000
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    assert batches(portal) == 1
    assert room.rows(
        "select attempts, losses from job j join link l using (portal_id) where l.id = %s", account_id
    ) == [(1, 0)]


def test_a_worker_told_to_stop_finishes_its_read(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.switches.latency_ms = HELD_MS
    account_id = cabinet.connect(portal.webhook_url)
    until(lambda: batches(portal) == 1)
    worker = holder(room, portal)
    worker.ask_to_stop()
    portal.switches.latency_ms = 0
    assert worker.ended() == 0
    cabinet.until_state(account_id, "fresh")
    assert batches(portal) == 1


@pytest.mark.parametrize("trouble", ["silence", "html_502"])
def test_a_worker_told_to_stop_leaves_a_read_that_does_not_end_to_another(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, trouble: str
) -> None:
    portal.faults.add(trouble)
    portal.switches.latency_ms = HELD_MS
    account_id = cabinet.connect(portal.webhook_url)
    until(lambda: batches(portal) == 1)
    worker = holder(room, portal)
    worker.ask_to_stop()
    portal.switches.latency_ms = 0
    cabinet.until_state(account_id, "fresh")
    assert batches(portal) == 2
    assert room.rows(
        "select losses, alone from job j join link l using (portal_id) where l.id = %s", account_id
    ) == [(0, False)]
    worker.kill()
