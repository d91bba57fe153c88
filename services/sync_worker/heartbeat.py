"""The heartbeat of a worker process: it prolongs the leases of running jobs, and releases jobs that do not run.

It comes whatever else the process does, so it also notices when an outage is over.
"""

from __future__ import annotations

import logging
import time

from services.sync_worker.worker import Worker
from shared.db import jobs, outages, portal_states
from shared.db.session import DATABASE_TROUBLE

_USUAL_S = 3.0
# A lease is longer than three beats.
_BEATS_PER_LEASE = 4
# The pause while the database is away, and while the process is stopping.
_HURRIED_S = 1.0

log = logging.getLogger(__name__)


def keep_beating(worker: Worker) -> None:
    """Leases are prolonged until the process stops; jobs that are not over in time are then left to another worker.

    Nothing ends this but the end of the process: without heartbeats it would lose every job it works on.
    """
    usual_s = min(_USUAL_S, worker.lease.total_seconds() / _BEATS_PER_LEASE)
    wait_s = 0.0
    while not worker.stopping.wait(wait_s):
        wait_s = usual_s if _beat_whatever_happens(worker) else min(_HURRIED_S, usual_s)
    until = time.monotonic() + worker.grace.total_seconds()
    while worker.occupancy.in_progress() and time.monotonic() < until:
        _beat_whatever_happens(worker)
        time.sleep(min(_HURRIED_S, usual_s))
    _release_all(worker)


def _beat_whatever_happens(worker: Worker) -> bool:
    try:
        return beat(worker)
    except Exception:
        log.exception("heartbeat.bug")
        return False


def beat(worker: Worker) -> bool:
    """Leases of jobs in progress are prolonged, idle jobs are queued again, and the process's clock is checked.

    After an outage all portals are due soon. False when the database is away.
    """
    in_progress = worker.occupancy.in_progress()
    try:
        with worker.db.session(autocommit=True) as session:
            if in_progress:
                jobs.prolong(session, owner=worker.name, in_progress=in_progress, lease=worker.lease)
            dropped = jobs.release_idle(session, owner=worker.name, in_progress=in_progress)
            worker.db.clock.ask(session)
        with worker.db.session() as session:
            reconciled = portal_states.reconcile(session) if outages.is_over(session) else 0
    except DATABASE_TROUBLE as error:
        log.warning("heartbeat.missed", extra={"error": type(error).__name__})
        return False
    if dropped:
        log.info("jobs.released", extra={"count": dropped})
    if reconciled:
        log.warning("outage.over", extra={"portals": reconciled})
    return True


def _release_all(worker: Worker) -> None:
    try:
        with worker.db.session() as session:
            released = jobs.release_all(session, owner=worker.name)
    except DATABASE_TROUBLE as error:
        # The leases expire by themselves.
        log.warning("heartbeat.missed", extra={"error": type(error).__name__})
        return
    if released:
        log.info("jobs.handed_over", extra={"count": released})
