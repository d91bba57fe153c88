"""The tick: whatever is due becomes a job, whatever was lost is queued again, and the bell is rung.

Any number of copies may tick at once; the database decides what each of them gets to do.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from services.sync_worker.settling import settle_failure
from services.sync_worker.worker import Worker
from shared.db import audit, chains, inbox, jobs, keeping, limits, portals
from shared.db.session import DATABASE_TROUBLE
from shared.db.tables.portals import PortalRow
from shared.domain.errors import WorkerLost
from shared.queue import ring_now

_KEEP_EVENTS = timedelta(days=30)
_KEEP_JOBS = timedelta(days=3)
# More bells than slots anywhere would only be answered by silence.
_MOST_BELLS = 32

log = logging.getLogger(__name__)


def tick(worker: Worker) -> int:
    """Lost jobs are queued again, due portals have jobs, portals whose time has come are erased; bells rung.

    Each in a transaction of its own, which locks portals before jobs or only one of them. While the database is away
    nothing is done: the next tick comes soon.
    """
    try:
        wanted = _dispatch(worker)
        if worker.cleaning.is_due():
            _clean(worker)
    except DATABASE_TROUBLE as error:
        log.warning("tick.missed", extra={"error": type(error).__name__})
        return 0
    return ring_now(worker.celery, min(wanted, _MOST_BELLS)) if wanted else 0


def _dispatch(worker: Worker) -> int:
    """How much there is to do now."""
    with worker.db.session() as session:
        lost = jobs.take_back_lost(session)
    for portal_id in lost.put_aside:
        _tell_put_aside(worker, portal_id)
    with worker.db.session() as session:
        due = portals.request_due(session, every=worker.sync_every)
    with worker.db.session() as session:
        chains.bury_suspects(session)
        erased = portals.erase_due(session)
        for portal_id in erased:
            audit.write(session, "worker", "portal.erased", portal_id=portal_id)
    if lost.count or due or erased:
        log.info("tick.worked", extra={"lost": lost.count, "due": due, "erased": len(erased)})
    with worker.db.session() as session:
        return jobs.due_count(session) + inbox.waiting_count(session)


def _clean(worker: Worker) -> None:
    """What nobody asks for any more is gone: the cost of a portal does not grow with the number of its reads."""
    with worker.db.session() as session:
        events = inbox.drop_old(session, older_than=_KEEP_EVENTS)
        finished = jobs.drop_old(session, older_than=_KEEP_JOBS)
        limits.drop_old(session)
        before = portals.now(session) - worker.keep_versions
        old = keeping.with_old_versions(session, before=before)
    versions = 0
    for portal_id in old:
        with worker.db.session() as session:
            versions += keeping.prune(session, portal_id, before=before)
    log.info("tick.cleaned", extra={"events": events, "jobs": finished, "versions": versions})


def _tell_put_aside(worker: Worker, portal_id: UUID) -> None:
    """The portal rests for a day and says why; in the log it stands as an error."""
    with worker.db.session() as session:
        portal = session.get(PortalRow, portal_id, with_for_update={"key_share": True})
        if portal is not None:
            settle_failure(session, portal, WorkerLost(), started_at=portals.now(session))
    log.error("job.put_aside", extra={"portal_id": str(portal_id)})
