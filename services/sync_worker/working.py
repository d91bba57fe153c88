"""One bell heard: work is done until none is due that this process may take."""

from __future__ import annotations

import logging

from services.sync_worker.syncing import run_job
from services.sync_worker.verifying import verify_next
from services.sync_worker.worker import Worker
from shared.db import jobs
from shared.db.session import DATABASE_TROUBLE
from shared.domain.schedule import Lane

log = logging.getLogger(__name__)


def work(worker: Worker) -> int:
    """Events are verified and due jobs run, the most urgent first; how many jobs were run.

    While the database is away there is nothing to do: the next tick rings again.
    """
    count = 0
    try:
        with worker.occupancy.slot():
            while not worker.stopping.is_set():
                if verify_next(worker):
                    continue
                if not (_run_next(worker, least=Lane.EVENT) or _run_routine(worker) or _run_alone(worker)):
                    break
                count += 1
    except DATABASE_TROUBLE as error:
        log.warning("work.interrupted", extra={"error": type(error).__name__})
    return count


def _run_next(worker: Worker, *, least: Lane, alone: bool = False) -> bool:
    """The most urgent due job was run; False when none is due."""
    with worker.db.session() as session:
        job = jobs.claim(session, owner=worker.name, least=least, alone=alone, lease=worker.lease)
    if job is None:
        return False
    with worker.occupancy.working_on(job.id):
        run_job(worker, job)
    return True


def _run_routine(worker: Worker) -> bool:
    """Any due job was run, unless too many slots do routine work already: some are kept for people who wait."""
    with worker.occupancy.routine(worker.slots) as granted:
        return granted and _run_next(worker, least=Lane.ROUTINE)


def _run_alone(worker: Worker) -> bool:
    """A job whose worker died is run while nothing else is, so that another death can be blamed on it."""
    with worker.occupancy.alone() as granted:
        return granted and _run_next(worker, least=Lane.ROUTINE, alone=True)
