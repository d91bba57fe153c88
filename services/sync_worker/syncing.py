"""One job: one portal is read and what it says is recorded, or it is written down why not and when to try again."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session

from services.sync_worker import binding
from services.sync_worker.opening import Opened, access_of, open_portal
from services.sync_worker.renewing import renew
from services.sync_worker.settling import PAUSED_FOR, settle_failure, settle_success
from services.sync_worker.worker import Worker
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.oauth import host_of, token_facts
from shared.bitrix24.read_portal import Progress, read_portal
from shared.db import audit, chains, jobs, portals, recording
from shared.db.jobs import ClaimedJob, LeaseLost
from shared.db.session import DATABASE_TROUBLE
from shared.db.tables.portals import PortalRow
from shared.domain.coverage import ReasonCode
from shared.domain.errors import AccessLost, CrmapError, PortalMoved
from shared.domain.schedule import READ_AGAIN_AFTER, Lane
from shared.domain.snapshot import Snapshot

_DEFAULT_LANGUAGE = "ru"
_MOST_CHAINS_TRIED = 3
# A job that fails at the database this often is at fault itself.
_MOST_INTERRUPTIONS = 5

log = logging.getLogger(__name__)


class WorkerStops(Exception):
    """The process is stopping; what has not been read by now is left to another one."""


def run_job(worker: Worker, job: ClaimedJob) -> None:
    """The job is over: its read is recorded, or its failure settled; or it is left to whoever takes it next.

    Nothing is written where the lease was lost. A job that the database's absence interrupted stays ours until the
    next heartbeat lets go of it.
    """
    about = {"job_id": str(job.id), "portal_id": str(job.portal_id)}
    try:
        _run(worker, job)
    except LeaseLost:
        log.warning("job.lease_lost", extra=about)
    except DATABASE_TROUBLE as error:
        log.warning("job.interrupted", extra={**about, "error": type(error).__name__})


def _run(worker: Worker, job: ClaimedJob) -> None:
    try:
        read = _read(worker, job)
        _record(worker, job, read)
    except WorkerStops:
        with worker.db.session() as session:
            jobs.hand_back(session, job)
        log.info("job.handed_back", extra={"job_id": str(job.id), "portal_id": str(job.portal_id)})
    except LeaseLost:
        raise
    except CrmapError as error:
        _fail(worker, job, error)
    except Exception as bug:
        if isinstance(bug, DATABASE_TROUBLE) and job.attempts < _MOST_INTERRUPTIONS:
            raise
        # A fault of ours must not run again and again; it is seen in the log and the portal is tried later.
        log.exception("job.bug", extra={"job_id": str(job.id), "portal_id": str(job.portal_id)})
        _fail(worker, job, CrmapError(error=type(bug).__name__))


def _read(worker: Worker, job: ClaimedJob) -> Snapshot:
    """The portal as the best access sees it; a chain that is refused gives way to the next."""
    refused: set[UUID] = set()
    while True:
        opened = open_portal(worker, job.portal_id, without=refused)
        try:
            return _read_moved(worker, job, opened)
        except AccessLost:
            if opened.chain is None or len(refused) + 1 >= _MOST_CHAINS_TRIED:
                raise
            with worker.db.session() as session:
                chains.suspect(session, worker.db.keyring, opened.chain)
            refused.add(opened.chain.id)


def _read_moved(worker: Worker, job: ClaimedJob, opened: Opened) -> Snapshot:
    """Reads; where the portal points elsewhere, the authorization server is asked where, and only there it goes on."""
    try:
        return _read_at(worker, job, opened)
    except PortalMoved:
        if opened.chain is None:
            raise
        facts = token_facts(worker.http, worker.oauth_servers, opened.access.token or "")
        with worker.db.session() as session:
            portal = session.get_one(PortalRow, job.portal_id)
            if facts.member_id != portal.member_id or not portals.named(portal, facts.domain, facts.endpoint):
                raise
            audit.write(
                session, "worker", "portal.renamed", portal_id=portal.id, facts={"domain": facts.domain}
            )
            session.add(portal)
        moved = replace(opened.access, endpoint=facts.endpoint, host=host_of(facts.endpoint))
        return _read_at(worker, job, replace(opened, access=moved))


def _read_at(worker: Worker, job: ClaimedJob, opened: Opened) -> Snapshot:
    def renewed(_expired: Access) -> Access:
        if opened.chain is None:
            raise AccessLost(error="expired_token")
        return access_of(worker, job.portal_id, renew(worker, opened.chain))

    def report(progress: Progress) -> None:
        shown = {"done": progress.done, "planned": progress.planned, "kinds": list(progress.kinds)}
        with worker.db.session() as session:
            jobs.report(session, job, shown)

    def rest(seconds: float) -> None:
        if worker.stopping.wait(seconds):
            raise WorkerStops

    with worker.db.session() as session:
        portal_row = session.get(PortalRow, job.portal_id)
    if portal_row is None:
        raise LeaseLost
    language, full = portal_row.language or _DEFAULT_LANGUAGE, portal_row.full_reads
    with Bitrix24(opened.access, allow_private=worker.allow_private, renew=renewed, sleep=rest) as portal:
        read = read_portal(portal, language=language, now=_now, full=full, report=report)
        if read.portal.language not in (None, language):
            # Read in a foreign language, a portal would seem to be relabelled by its next read.
            read = read_portal(portal, language=read.portal.language, now=_now, full=full, report=report)
        if opened.chain is not None:
            binding.bind_missing(worker, portal, opened.chain)
    return read


def _record(worker: Worker, job: ClaimedJob, read: Snapshot) -> None:
    """What was read, the portal's schedule and the end of the job are one transaction, fenced by the lease."""
    with worker.db.session() as session:
        jobs.check_lease(session, job)
        known_as = session.get_one(PortalRow, job.portal_id)
        recorded = recording.record(session, job.portal_id, _as_member(known_as, read))
        # Locked for the last moment only: recording may take seconds, and an event of this portal waits for two.
        portal = _locked(session, job)
        portal.counts = dict(recorded.counts)
        settle_success(session, portal, read, started_at=job.started_at, every=worker.sync_every)
        session.flush()
        jobs.finish(session, job)
        if recorded.is_in_doubt:
            jobs.request_job(session, job.portal_id, lane=Lane.EVENT, after=READ_AGAIN_AFTER)
        elif _was_paused(read):
            jobs.request_job(session, job.portal_id, lane=Lane.ROUTINE, after=PAUSED_FOR)
    log.info(
        "sync.finished",
        extra={
            "portal_id": str(job.portal_id),
            "snapshot": recorded.number,
            "is_new": recorded.is_new,
            "changes": len(recorded.changes),
            "is_in_doubt": recorded.is_in_doubt,
        },
    )


def _was_paused(read: Snapshot) -> bool:
    """True when some method had used up its time; what hangs on it is read once it is free again."""
    return any(line.reason and line.reason.code is ReasonCode.METHOD_PAUSED for line in read.coverage)


def _locked(session: Session, job: ClaimedJob) -> PortalRow:
    """The job's portal, as nobody else can change it now. Raises LeaseLost when it has been erased meanwhile."""
    portal = session.get(
        PortalRow, job.portal_id, populate_existing=True, with_for_update={"key_share": True}
    )
    if portal is None:
        raise LeaseLost
    return portal


def _as_member(portal: PortalRow, read: Snapshot) -> Snapshot:
    """The snapshot under the identity and name the portal is known by."""
    return replace(read, portal=replace(read.portal, member_id=portal.member_id, domain=portal.domain))


def _fail(worker: Worker, job: ClaimedJob, error: CrmapError) -> None:
    with worker.db.session() as session:
        portal = _locked(session, job)
        jobs.finish(session, job, error=error.code)
        settle_failure(session, portal, error, started_at=job.started_at)
    log.warning("sync.failed", extra={"portal_id": str(job.portal_id), "error": error.code})


def _now() -> datetime:
    return datetime.now(UTC)
