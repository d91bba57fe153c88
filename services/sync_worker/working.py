"""One bell heard: work is done until none is due that this process may take."""

from __future__ import annotations

from services.sync_worker.syncing import run_job
from services.sync_worker.verifying import verify_next
from services.sync_worker.worker import Worker
from shared.db import jobs
from shared.db.jobs import ClaimedJob
from shared.domain.schedule import Lane


def work(worker: Worker) -> int:
    """Events are verified and due jobs run, the most urgent first; how many jobs were run."""
    count = 0
    with worker.occupancy.slot():
        while not worker.stopping.is_set():
            if verify_next(worker):
                continue
            job = _claim(worker)
            if job is None:
                break
            _run(worker, job)
            count += 1
        return count + _work_alone(worker)


def _claim(worker: Worker) -> ClaimedJob | None:
    """A due job; routine ones only while enough slots stay free for people who wait."""
    least = Lane.ROUTINE if worker.occupancy.takes_routine(worker.slots) else Lane.EVENT
    with worker.db.session() as session:
        return jobs.claim(session, owner=worker.name, least=least)


def _run(worker: Worker, job: ClaimedJob) -> None:
    if job.lane is Lane.ROUTINE:
        with worker.occupancy.routine():
            run_job(worker, job)
    else:
        run_job(worker, job)


def _work_alone(worker: Worker) -> int:
    """A job whose worker died is run while nothing else is, so that another death can be blamed on it."""
    with worker.occupancy.alone() as granted:
        if not granted or worker.stopping.is_set():
            return 0
        with worker.db.session() as session:
            job = jobs.claim(session, owner=worker.name, alone=True)
        if job is None:
            return 0
        run_job(worker, job)
        return 1
