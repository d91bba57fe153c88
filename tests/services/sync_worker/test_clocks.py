"""A worker whose own clock is wrong: what it stores has the time of the database, and it says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.sync_worker.dispatching import tick
from services.sync_worker.heartbeat import beat
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom
from tests.working import work
from tests.wrong_clocks import ABOUT, HOUR, wrong_by
from tools.simulator.portal import SimulatedPortal

STORED = [
    "read_at from portal",
    "read_at from snapshot",
    "read_at from coverage",
    "at from change",
]


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_what_is_read_has_the_time_of_the_database(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, ahead: timedelta
) -> None:
    room.installed(portal)
    with wrong_by(ahead):
        work(worker)
        portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="Новое поле")
        room.rows("update portal set next_read_at = now()")
        tick(worker)
        assert work(worker) == [f"read {portal.domain}: version 2, 1 changes"]
    for moment in STORED:
        query = f"select min(now() - m), max(now() - m) from (select {moment}) t(m)"  # noqa: S608
        ((earliest, latest),) = room.rows(query)
        assert -ABOUT < earliest <= latest < ABOUT, moment


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_failed_read_has_the_time_of_the_database(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, ahead: timedelta
) -> None:
    room.installed(portal)
    portal.end_payment()
    with wrong_by(ahead):
        work(worker)
    ((state, ago),) = room.rows("select state, now() - problem_at from portal")
    assert state == "subscription_ended"
    assert abs(ago) < ABOUT


def test_a_heartbeat_says_that_the_clock_is_wrong(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    beat(worker)
    assert "clock.differs" not in caplog.messages
    with wrong_by(HOUR):
        assert beat(worker)
        assert beat(worker)
    assert caplog.messages.count("clock.differs") == 1
