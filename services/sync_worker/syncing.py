"""One job: one portal is read and the result recorded, or the failure is recorded with the time of the next try."""

from __future__ import annotations

import logging
import random
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from services.sync_worker import binding
from services.sync_worker.metrics import READ_REQUESTS, READ_SECONDS, READS
from services.sync_worker.portal_access import PortalAccess, access_of, open_portal
from services.sync_worker.renewing import renew
from services.sync_worker.watch import Watch
from services.sync_worker.worker import Worker
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24, Patience
from shared.bitrix24.oauth import host_of, token_facts
from shared.bitrix24.pace import Pace
from shared.bitrix24.read_portal import read_portal
from shared.db import (
    applications,
    handlers,
    jobs,
    portal_states,
    portals,
    recording,
    renewals,
)
from shared.db.chains import OpenChain
from shared.db.jobs import ClaimedJob, LeaseLost
from shared.db.portal_states import Schedule
from shared.db.portals import PortalToRead
from shared.db.recording import Recorded
from shared.db.session import DATABASE_TROUBLE
from shared.domain.coverage import ReasonCode
from shared.domain.errors import AccessLost, ClientRefused, CrmapError, PortalMoved, RequestRejected
from shared.domain.outcome import PAUSED_FOR
from shared.domain.schedule import READ_AGAIN_AFTER, Lane
from shared.domain.snapshot import Snapshot
from shared.domain.unchanged import confirmed_by

_MOST_CHAINS_TRIED = 3
# A job that is interrupted by database errors this often is itself the cause.
_MOST_INTERRUPTIONS = 5
# Bitrix24 ends a request after 60 s.
_PATIENCE_WITH_SLOW = Patience(idle_s=60, silence_s=130)
# A portal nobody has ever read is tried again by its schedule, seconds later and without holding a slot meanwhile.
_PATIENCE_WITH_UNKNOWN = Patience(silence_s=20, pauses_s=(2,), rate_pauses_s=(1, 2, 4))

log = logging.getLogger(__name__)


class WorkerStops(Exception):
    """The process is stopping; the job is left to another process."""


def run_job(worker: Worker, job: ClaimedJob) -> str:
    """The job is run: its read or its failure is recorded, or the job is left to another worker.

    Nothing is written if the lease was lost. A job interrupted because the database is away stays leased until the
    next heartbeat releases it. Returns the result as a short text for Flower.
    """
    about = {"job_id": str(job.id), "portal_id": str(job.portal_id)}
    started = time.monotonic()
    try:
        result, summary = _run(worker, job)
    except LeaseLost:
        log.warning("job.lease_lost", extra=about)
        result = summary = "lease_lost"
    except DATABASE_TROUBLE as error:
        log.warning("job.interrupted", extra={**about, "error": type(error).__name__})
        result = summary = "interrupted"
    READS.labels(result).inc()
    READ_SECONDS.observe(time.monotonic() - started)
    return summary


def _run(worker: Worker, job: ClaimedJob) -> tuple[str, str]:
    """The result of the job: the label for metrics, and the text for Flower."""
    pace, watch = Pace(job.rest.total_seconds()), Watch(worker.db, job)
    try:
        recorded = _record(worker, job, *_read(worker, job, pace, watch), pace)
    except WorkerStops:
        with worker.db.session() as session:
            jobs.hand_back(session, job)
        log.info("job.handed_back", extra={"job_id": str(job.id), "portal_id": str(job.portal_id)})
        return "handed_back", "handed back"
    except LeaseLost:
        raise
    except CrmapError as error:
        return _fail(worker, job, error, pace)
    except Exception as bug:
        if isinstance(bug, DATABASE_TROUBLE) and job.attempts < _MOST_INTERRUPTIONS:
            raise
        # A bug of ours must not run again and again: it is logged, and the portal is tried later.
        log.exception("job.bug", extra={"job_id": str(job.id), "portal_id": str(job.portal_id)})
        return _fail(worker, job, CrmapError(error=type(bug).__name__), pace)
    return "done", f"version {recorded.number}, {len(recorded.changes)} changes"


def _read(worker: Worker, job: ClaimedJob, pace: Pace, watch: Watch) -> tuple[PortalAccess, Snapshot]:
    """The portal, read with the best access. If a chain is refused, the next one is used."""
    refused_chains: set[UUID] = set()
    while True:
        opened = open_portal(worker, job.portal_id, without=refused_chains)
        try:
            return opened, _read_moved(worker, job, opened, pace, watch)
        except AccessLost:
            if opened.chain is None:
                raise
            _ask_why(worker, opened.chain)
            if len(refused_chains) + 1 >= _MOST_CHAINS_TRIED:
                raise
            with worker.db.session() as session:
                renewals.suspect(session, worker.db.keyring, opened.chain)
            refused_chains.add(opened.chain.id)


def _ask_why(worker: Worker, chain: OpenChain) -> None:
    """Raises what the authorization server says about a chain that the portal has refused, unless it refuses it too.

    A portal's word that the application was removed counts for nothing, and a chain that is dead is never asked again.
    """
    with suppress(AccessLost, ClientRefused, RequestRejected):
        token_facts(worker.http, worker.oauth_servers, chain.access_token)


def _read_moved(worker: Worker, job: ClaimedJob, opened: PortalAccess, pace: Pace, watch: Watch) -> Snapshot:
    """The portal is read. If it redirects, the authorization server is asked for the address, and only that is used."""
    try:
        return _read_at(worker, job, opened, pace, watch)
    except PortalMoved:
        if opened.chain is None:
            raise
        facts = token_facts(worker.http, worker.oauth_servers, opened.access.token or "")
        if facts.member_id != opened.portal.member_id:
            raise
        with worker.db.session() as session:
            if not portals.rename(session, job.portal_id, facts.domain, facts.endpoint):
                raise
        access = replace(opened.access, endpoint=facts.endpoint, host=host_of(facts.endpoint))
        return _read_at(worker, job, replace(opened, access=access), pace, watch)


def _read_at(worker: Worker, job: ClaimedJob, opened: PortalAccess, pace: Pace, watch: Watch) -> Snapshot:
    def renewed(_expired: Access) -> Access:
        if opened.chain is None:
            raise AccessLost(error="expired_token")
        return access_of(worker, job.portal_id, renew(worker, opened.chain))

    def rest(seconds: float) -> None:
        if worker.stopping.wait(seconds):
            raise WorkerStops

    language, full = opened.portal.language, opened.portal.full_reads
    with Bitrix24(
        opened.access,
        allow_private=worker.allow_private,
        patience=_patience(job),
        pace=pace,
        renew=renewed,
        sleep=rest,
    ) as portal:
        snapshot = read_portal(
            portal,
            language=language,
            now=watch.now,
            known=opened.known.receipt,
            full=full,
            report=watch.report,
        )
        if snapshot.portal.language not in (None, language):
            # The portal must be read in its own language; otherwise its labels would seem to change with the next read.
            snapshot = read_portal(
                portal,
                language=snapshot.portal.language,
                now=watch.now,
                known=snapshot.coverage,
                full=full,
                report=watch.report,
            )
        if opened.chain is not None:
            binding.bind_missing(worker, portal, opened.chain, pace)
        READ_REQUESTS.observe(portal.requests)
    return snapshot


def _patience(job: ClaimedJob) -> Patience:
    """A slow portal has all the time Bitrix24 itself gives a request, since it only keeps other slow ones waiting."""
    if job.is_slow:
        return _PATIENCE_WITH_SLOW
    return _PATIENCE_WITH_UNKNOWN if job.is_unknown else Patience()


def _record(
    worker: Worker, job: ClaimedJob, opened: PortalAccess, snapshot: Snapshot, pace: Pace
) -> Recorded:
    """The snapshot, the portal's schedule and the end of the job are stored in one transaction, fenced by the lease."""
    schedule = Schedule(
        job.started_at,
        _rest(pace),
        worker.sync_every,
        random.random(),  # noqa: S311 - guards nothing
    )
    # Nobody else has recorded a read since the job was claimed, or its end finds that the lease is lost.
    confirmed = confirmed_by(snapshot, opened.known.lines)
    with worker.db.session() as session:
        if confirmed is None:
            recorded = _record_news(worker, session, job, snapshot)
        else:
            recorded = recording.confirm(
                session, job.portal_id, opened.known, confirmed, read_at=snapshot.read_at
            )
        # The portal is locked only at the end: recording may take seconds, and an event of this portal waits for two.
        if not portal_states.read_succeeded(session, job.portal_id, snapshot, recorded.counts, schedule):
            raise LeaseLost
        jobs.finish(session, job)
        if recorded.is_in_doubt:
            jobs.request_job(session, job.portal_id, lane=Lane.EVENT, after=READ_AGAIN_AFTER)
        elif _was_paused(snapshot):
            jobs.request_job(session, job.portal_id, lane=Lane.ROUTINE, after=PAUSED_FOR)
        elif opened.chain is not None and handlers.are_unchecked(session, job.portal_id):
            jobs.request_job(session, job.portal_id, lane=Lane.ROUTINE, after=binding.CHECK_EVERY)
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
    return recorded


def _record_news(worker: Worker, session: Session, job: ClaimedJob, snapshot: Snapshot) -> Recorded:
    """What was read is merged into what is known, and stored if it differs."""
    jobs.check_lease(session, job)
    portal = portals.one(session, worker.db.keyring, job.portal_id)
    if portal is None:
        raise LeaseLost
    return recording.record(session, job.portal_id, _under_our_name(portal, snapshot))


def _was_paused(snapshot: Snapshot) -> bool:
    """True when a method had used up its time limit; its part is read again when the method is available."""
    return any(line.reason and line.reason.code is ReasonCode.METHOD_PAUSED for line in snapshot.coverage)


def _under_our_name(portal: PortalToRead, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the ``member_id`` and domain that we store for the portal."""
    return replace(
        snapshot, portal=replace(snapshot.portal, member_id=portal.member_id, domain=portal.domain)
    )


def _fail(worker: Worker, job: ClaimedJob, error: CrmapError, pace: Pace) -> tuple[str, str]:
    with worker.db.session() as session:
        if not portal_states.read_failed(
            session, job.portal_id, error, started_at=job.started_at, rest=_rest(pace)
        ):
            raise LeaseLost
        jobs.finish(session, job, error=error.code)
        refused_applications = applications.refused(session) if isinstance(error, ClientRefused) else []
    log.warning("sync.failed", extra={"portal_id": str(job.portal_id), "error": error.code})
    for application in refused_applications:
        # This is not the portal's fault: the operator has to configure the right secret.
        log.error(
            "application.refused",
            extra={"application_id": str(application.id), "count": application.portals},
        )
    return error.code, f"failed, {error.code}"


def _rest(pace: Pace) -> timedelta:
    return timedelta(seconds=pace.rest_s)
