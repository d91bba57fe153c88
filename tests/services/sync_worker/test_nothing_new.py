"""What is asked of the database where there is nothing to do, and where a read brings no news."""

from __future__ import annotations

from collections.abc import Callable

from services.sync_worker.dispatching import tick
from services.sync_worker.heartbeat import beat
from services.sync_worker.next_job import do_next, ring_if_due
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom
from tests.plans import stated
from tests.working import work
from tools.simulator.portal import SimulatedPortal


def test_a_tick_that_finds_nothing_is_two_statements(worker: Worker) -> None:
    tick(worker)
    assert len(_asked(worker, tick)) == 2


def test_a_bell_without_work_is_one_statement(worker: Worker) -> None:
    assert len(_asked(worker, do_next)) == 1
    assert len(_asked(worker, ring_if_due)) == 1


def test_a_heartbeat_changes_nothing_soon_after_another(room: GatewayRoom, worker: Worker) -> None:
    beat(worker)
    before = room.rows("select xmin::text from attempt")
    assert len(_asked(worker, beat)) == 3
    assert room.rows("select xmin::text from attempt") == before


def test_a_read_without_news_changes_receipt_portal_and_job_and_loads_no_items(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    _read(room, worker, portal)
    ((number, before),) = room.rows("select number, portal.read_at from snapshot join portal on true")
    asked = _asked(worker, lambda worker: _read(room, worker, portal))
    assert [statement.split()[1] for statement in asked if statement.lower().startswith("update")] == [
        "installation",
        "coverage",
        "portal",
        "job",
    ]
    assert not [statement for statement in asked if "part.body" in statement]
    ((number_now, now, lines),) = room.rows(
        "select number, portal.read_at, (select count(distinct read_at) from coverage where complete)"
        " from snapshot join portal on true"
    )
    assert (number_now, lines) == (number, 1)
    assert now > before


def _read(room: GatewayRoom, worker: Worker, portal: SimulatedPortal) -> None:
    """The portal is read again and again until nothing is due."""
    room.rows("update portal set next_read_at = now()")
    tick(worker)
    assert f"read {portal.domain}: version 1, 0 changes" in work(worker)


def _asked(worker: Worker, do: Callable[[Worker], object]) -> list[str]:
    """The statements that doing this takes."""
    with stated(worker.db.engine) as statements:
        do(worker)
    return [statement.strip() for statement, _ in statements]
