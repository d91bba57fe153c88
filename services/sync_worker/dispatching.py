"""The tick: due portals get jobs, lost jobs are queued again, and the bell is rung.

Several processes may tick at once; the database decides what each of them does.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from services.sync_worker.next_job import due_work
from services.sync_worker.worker import Worker
from shared.db import audit, inbox, jobs, limits, portal_states, portals, renewals, retention, upkeep
from shared.db.session import DATABASE_TROUBLE
from shared.queue import ring_now

_KEEP_EVENTS = timedelta(days=30)
_KEEP_JOBS = timedelta(days=3)
# One bell per piece of work. More bells than there are slots in all workers would be useless.
MOST_BELLS = 32

log = logging.getLogger(__name__)


def tick(worker: Worker) -> int:
    """Lost jobs are queued again, due portals get jobs or are erased, and bells are rung. Returns how many.

    Each step has its own transaction, which locks portals before jobs or only one of both. If the database is away,
    nothing is done; the next tick comes soon.
    """
    try:
        _dispatch(worker)
        if worker.cleaning.is_due():
            _clean(worker)
        bells = due_work(worker, most=MOST_BELLS)
    except DATABASE_TROUBLE as error:
        log.warning("tick.missed", extra={"error": type(error).__name__})
        return 0
    return ring_now(worker.celery, bells) if bells else 0


def _dispatch(worker: Worker) -> None:
    with worker.db.session(autocommit=True) as session:
        found = upkeep.look(session)
    lost = _requeue(worker) if found.lost else 0
    due = erased = 0
    if found.due:
        with worker.db.session() as session:
            due = portals.request_due(session)
    if found.over:
        erased = _end(worker)
    if lost or due or erased:
        log.info("tick.worked", extra={"lost": lost, "due": due, "erased": erased})


def _requeue(worker: Worker) -> int:
    """Lost jobs are queued again, or quarantined with their portals. Returns how many were lost."""
    with worker.db.session() as session:
        requeued = jobs.requeue_lost(session)
    for portal_id in requeued.quarantined:
        with worker.db.session() as session:
            portal_states.quarantine(session, portal_id)
        log.error("job.quarantined", extra={"portal_id": str(portal_id)})
    return requeued.count


def _end(worker: Worker) -> int:
    """What has had its time is ended or erased. Returns how many portals were erased."""
    with worker.db.session() as session:
        renewals.end_suspects(session)
        inbox.forget_sources(session)
        erased = portals.erase_due(session)
        for portal_id in erased:
            audit.write(session, "worker", "portal.erased", portal_id=portal_id)
    return len(erased)


def _clean(worker: Worker) -> None:
    """Old events, jobs, tries and versions are deleted, so a portal's data does not grow with every read."""
    with worker.db.session() as session:
        given_up = inbox.give_up(session)
        events = inbox.drop_old(session, older_than=_KEEP_EVENTS)
        finished = jobs.drop_old(session, older_than=_KEEP_JOBS)
        limits.drop_old(session)
        before = retention.cutoff(session, worker.keep_versions)
        portals_to_prune = retention.with_old_versions(session, before=before)
    versions = 0
    for portal_id in portals_to_prune:
        with worker.db.session() as session:
            versions += retention.prune(session, portal_id, before=before)
    facts = {"events": events, "given_up": given_up, "jobs": finished, "versions": versions}
    log.info("tick.cleaned", extra=facts)
