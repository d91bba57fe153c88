"""The watch over a read: its time, and its progress for those who wait for a slow portal."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.sync_worker.watch import Watch
from services.sync_worker.worker import Worker
from shared.bitrix24.read_portal import Progress
from shared.db import jobs
from shared.db.jobs import ClaimedJob, LeaseLost
from shared.domain.coverage import Kind
from tests.gateway_room import GatewayRoom
from tools.simulator.portal import SimulatedPortal


class Steady:
    """A monotonic clock that goes when it is told to."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def job(room: GatewayRoom, worker: Worker, portal: SimulatedPortal) -> ClaimedJob:
    room.installed(portal)
    with worker.db.session() as session:
        claimed = jobs.claim(session, owner=worker.name)
    assert claimed is not None
    return claimed


@pytest.fixture
def watch(worker: Worker, job: ClaimedJob, steady: Steady) -> Watch:
    return Watch(worker.db, job, steady)


def test_its_time_goes_on_from_the_moment_the_job_was_claimed(
    watch: Watch, job: ClaimedJob, steady: Steady
) -> None:
    assert watch.now() == job.started_at
    steady.now_s += 2.5
    assert watch.now() == job.started_at + timedelta(seconds=2.5)


def test_progress_is_stored_at_most_once_a_second_and_never_for_a_quick_read(
    room: GatewayRoom, watch: Watch, job: ClaimedJob, steady: Steady
) -> None:
    stored = []
    for done, passed_s in enumerate((0.5, 0.25, 0.25, 0.75, 0.25), start=1):
        steady.now_s += passed_s
        watch.report(Progress(done, 9, (Kind.USERS,)))
        stored.append(_progress(room, job.id).get("done"))
    assert stored == [None, None, 3, 3, 5]
    assert _progress(room, job.id) == {"done": 5, "planned": 9, "kinds": ["users"]}


def test_whoever_has_lost_the_lease_learns_it_from_the_next_progress(
    room: GatewayRoom, watch: Watch, steady: Steady
) -> None:
    room.rows("update job set lease_owner = 'another'")
    watch.report(Progress(1, 3, ()))
    steady.now_s += 1
    with pytest.raises(LeaseLost):
        watch.report(Progress(2, 3, ()))


def _progress(room: GatewayRoom, job_id: UUID) -> dict[str, object]:
    ((found,),) = room.rows("select progress from job where id = %s", job_id)
    assert isinstance(found, dict)
    return found
