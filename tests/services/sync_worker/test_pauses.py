"""A portal that says "not now": how long it is left alone, and who goes on meanwhile."""

from __future__ import annotations

import time
from datetime import timedelta

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from shared.db import refreshing
from shared.domain.schedule import BETWEEN_REQUESTS, REQUESTS_AT_ONCE
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.portal import SimulatedPortal


def test_a_paused_portal_holds_no_worker_and_no_other_portal_up(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, other: SimulatedPortal
) -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/187"""
    paused, free = room.installed(portal), room.installed(other)
    portal.log.clear()
    portal.faults.add("operation_limit_429", times=None)
    assert len(work(worker)) == 2
    assert len(portal.log.requests) == 1, "nobody waited for it, nobody asked again"
    assert room.rows("select read_at is not null from portal where id = %s", free) == [(True,)]
    assert room.rows(
        "select problem, next_read_at > now() + interval '9 min' from portal where id = %s", paused
    ) == [("method_paused", True)]
    assert room.rows("select count(*) from job where state in ('queued', 'running')") == [(0,)]


def test_what_hangs_on_a_paused_method_is_read_again_when_it_is_free(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/220"""
    room.installed(portal)
    portal.switches.operating_limit_s = 480
    portal.switches.durations_s = {"user.get": 500}
    work(worker)
    room.rows("update portal set next_read_at = now(), dirty_since = null")
    tick(worker)
    work(worker)
    ((paused, again),) = room.rows(
        "select c.reason_code, j.run_after - now() from coverage c, job j"
        " where c.kind = 'users' and j.state = 'queued'"
    )
    assert paused == "method_paused"
    assert timedelta(minutes=9) < again <= timedelta(minutes=10)
    portal.switches.operating_limit_s = None
    room.rows("update job set run_after = now() where state = 'queued'")
    assert len(work(worker)) == 1
    assert room.rows("select state from coverage where kind = 'users'") == [("complete",)]
    assert room.rows("select count(*) from job where state in ('queued', 'running')") == [(0,)]


def test_whoever_presses_without_end_sends_no_flood(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    portal_id = room.installed(portal)
    work(worker)
    portal.log.clear()
    began = time.monotonic()
    for _ in range(60):
        with room.db.session() as session:
            refreshing.request(session, portal_id)
        work(worker)
    seconds = time.monotonic() - began
    assert 1 < len(portal.log.requests) <= REQUESTS_AT_ONCE + seconds / BETWEEN_REQUESTS.total_seconds() + 1
