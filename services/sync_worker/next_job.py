"""For each bell one piece of work is done, and the bell is rung again when more is due."""

from __future__ import annotations

import logging
from datetime import timedelta

from services.sync_worker.renewing import renew_idle
from services.sync_worker.syncing import run_job
from services.sync_worker.verifying import verify_next
from services.sync_worker.worker import Worker
from shared.contracts.tasks import RungFor, WorkKind
from shared.db import due_jobs, inbox, jobs, renewals
from shared.db.due_jobs import DueWork
from shared.db.session import DATABASE_TROUBLE
from shared.domain.schedule import Lane
from shared.queue import TICK_EVERY_S, ring_now

_NEXT_TICK = timedelta(seconds=TICK_EVERY_S)
# An alarm that is a little early finds nothing due.
_TO_BE_SURE = timedelta(milliseconds=20)

log = logging.getLogger(__name__)


def do_next(worker: Worker) -> str | None:
    """The most urgent due job this process may take was run, or an event verified. Returns the result as text.

    Reads somebody waits for come before events, all others after them, and tokens nothing uses last.
    ``None`` when there was nothing to do or the database is away; the next tick rings again.
    """
    if worker.stopping.is_set():
        return None
    try:
        with worker.occupancy.slot():
            due = _look(worker)
            return (
                (due.has_job(Lane.INSTALL) and _run_next(worker, least=Lane.INSTALL))
                or (due.events and _verify(worker))
                or (due.has_job(Lane.EVENT) and _run_next(worker, least=Lane.EVENT))
                or (due.has_job(Lane.SLOW) and _run_routine(worker))
                or (due.alone and _run_alone(worker))
                or (due.tokens and _renew_idle(worker))
                or None
            )
    except DATABASE_TROUBLE as error:
        log.warning("work.interrupted", extra={"error": type(error).__name__})
        return None


def ring_if_due(worker: Worker) -> bool:
    """The bell is rung once more if there is more to do; any free worker takes it."""
    if worker.stopping.is_set():
        return False
    try:
        bells = due_work(worker, most=1)
    except DATABASE_TROUBLE as error:
        log.warning("work.interrupted", extra={"error": type(error).__name__})
        return False
    return bool(bells) and ring_now(worker.celery, bells) == 1


def due_work(worker: Worker, *, most: int) -> list[RungFor]:
    """A bell for each piece of work that could be done now, reads first, idle tokens last, at most ``most``."""
    due = _look(worker)
    if not due.is_any:
        return []
    with worker.db.session(autocommit=True) as session:
        reads = [
            RungFor(WorkKind.READ, str(job.id), job.domain) for job in due_jobs.listed(session, most=most)
        ]
        if len(reads) == most:
            return reads
        events = [
            RungFor(WorkKind.EVENT, portal=name) for name in inbox.due_events(session, most=most - len(reads))
        ]
        left = most - len(reads) - len(events)
        tokens = [RungFor(WorkKind.TOKENS, portal=name) for name in renewals.idle(session, most=left)]
    return [*reads, *events, *tokens]


def _look(worker: Worker) -> DueWork:
    """What could be done now. The bell will be rung for the next job that was put off, if no tick comes before."""
    with worker.db.session(autocommit=True) as session:
        due = due_jobs.look(session, within=_NEXT_TICK)
    if due.next_in is not None and not worker.stopping.is_set():
        worker.alarm.set(due.next_in + _TO_BE_SURE, lambda: ring_if_due(worker))
    return due


def _verify(worker: Worker) -> str | None:
    """The next event is verified, unless as many as may are being verified already: anybody can send events."""
    with worker.occupancy.verification(worker.slots) as granted:
        return verify_next(worker) if granted else None


def _run_next(worker: Worker, *, least: Lane, alone: bool = False) -> str | None:
    """The most urgent due job this process has a share left for is run; ``None`` when there is none."""
    with worker.claiming, worker.db.session(autocommit=True) as session:
        job = jobs.claim(
            session, owner=worker.name, least=least, alone=alone, lease=worker.lease, slots=worker.slots
        )
    if job is None:
        return None
    with worker.occupancy.working_on(job.id):
        return f"{WorkKind.READ} {job.domain}: {run_job(worker, job)}"


def _run_routine(worker: Worker) -> str | None:
    """Any due job is run, unless too many slots do routine work already: some are kept for people who wait."""
    with worker.occupancy.routine(worker.slots) as granted:
        return _run_next(worker, least=Lane.SLOW) if granted else None


def _renew_idle(worker: Worker) -> str | None:
    """The tokens nothing has used for longest are renewed, in a slot that routine work may have."""
    with worker.occupancy.routine(worker.slots) as granted:
        return renew_idle(worker) if granted else None


def _run_alone(worker: Worker) -> str | None:
    """A job whose worker died is run while nothing else runs, so that a second death proves that the job causes it."""
    with worker.occupancy.alone() as granted:
        return _run_next(worker, least=Lane.SLOW, alone=True) if granted else None
