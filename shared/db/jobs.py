"""The queue of jobs: which portals are to be read, which reads run, and who may write the result.

A worker holds a job by a lease on the database's clock. The lease fences every write of a worker: if another worker
holds it, the write finds no row and the worker stops. If a transaction touches portal and job, the portal is
locked first, because otherwise two transactions could deadlock.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, func, or_, text
from sqlmodel import Session, col

from shared.db.tables.work import JobRow
from shared.domain.schedule import Lane
from shared.domain.shares import Shares

LEASE = timedelta(seconds=60)
LONGEST_RUN = timedelta(minutes=40)
# After so many losses of its worker while it ran alone in the process, a job is not tried again by itself.
MOST_LOSSES = 3
# A job claimed this recently may not be registered as in progress yet.
_JUST_CLAIMED = timedelta(seconds=5)
# Jobs whose worker died.
LOST = "state = 'running' and lease_until < now()"


class LeaseLost(Exception):
    """Another worker holds the job now, so nothing may be written for it."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that this worker holds while its lease is prolonged in time.

    ``domain`` is that of its portal, for Flower. The portal ``is_slow`` if its last read took long, ``is_unknown`` if
    it was never read, and still needs ``rest``. ``started_at`` distinguishes this claim from any other, also from a
    later one by the same owner.
    """

    id: UUID
    portal_id: UUID
    domain: str
    is_slow: bool
    is_unknown: bool
    rest: timedelta
    lane: Lane
    owner: str
    attempts: int
    alone: bool
    started_at: datetime
    lease: timedelta


def request_job(session: Session, portal_id: UUID, *, lane: Lane, after: timedelta = timedelta(0)) -> UUID:
    """The id of the job that will read this portal: a new job, or the active one, made at least as urgent.

    Services request reads only by this. Ring the bell (``shared.queue``) after the transaction is committed.
    """
    return UUID(
        str(
            session.execute(
                text(
                    """
                    insert into job (id, portal_id, lane, run_after, state)
                    values (:id, :portal, :lane, now() + :after, 'queued')
                    on conflict (portal_id) where state in ('queued', 'running') do update
                      set lane = least(job.lane, excluded.lane),
                          run_after = case when job.state = 'queued'
                                           then least(job.run_after, excluded.run_after) else job.run_after end
                    returning id
                    """
                ),
                {"id": uuid4(), "portal": portal_id, "lane": int(lane), "after": after},
            ).scalar_one()
        )
    )


def claim(
    session: Session,
    *,
    owner: str,
    least: Lane = Lane.SLOW,
    alone: bool = False,
    lease: timedelta = LEASE,
    slots: int = 8,
) -> ClaimedJob | None:
    """The most urgent due job that ``owner`` may take, now leased to it; ``None`` when there is none.

    ``least``: the least urgent lane to take from. ``alone``: take only jobs that lost their worker before; the caller
    must run them while its process does nothing else. With so many ``slots``, no kind of jobs, no cabinet and no host
    may hold more of them than its share; the owner's claims must not overlap. Among equally urgent jobs those come
    first of whose cabinet and host the owner runs fewest, unless routine ones may be taken.
    """
    # Routine jobs are many, and nobody waits for them: the index gives the next without a look at all of them, and
    # without a look at those of slow portals while their share is taken.
    fewest_first = "taken.of_one," if least < Lane.ROUTINE else ""
    row = session.execute(
        text(
            f"""
            with held as materialized (
              select portal.cabinet_id, portal.domain, portal.slow, portal.slow or portal.read_at is null as unproven
                from job join portal on portal.id = job.portal_id
               where job.lease_owner = :owner and job.state = 'running'),
            best as (
              select job.id
                from job join portal on portal.id = job.portal_id
               cross join lateral (
                 select count(*) filter (where held.slow) as slow,
                        count(*) filter (where held.unproven) as unproven,
                        greatest(count(*) filter (where held.unproven and held.cabinet_id = portal.cabinet_id),
                                 count(*) filter (where held.unproven and held.domain = portal.domain))
                          as unproven_of_one,
                        greatest(count(*) filter (where held.cabinet_id = portal.cabinet_id),
                                 count(*) filter (where held.domain = portal.domain)) as of_one
                   from held) taken
               where job.state = 'queued' and job.run_after <= now() and job.lane <= :least and job.alone = :alone
                 and job.lane < (select case when count(*) filter (where slow) < :slow
                                              and count(*) filter (where unproven) < :unproven
                                             then {Lane.SLOW:d} + 1 else {Lane.SLOW:d} end from held)
                 and taken.of_one < :of_one
                 and (not portal.slow or taken.slow < :slow)
                 and (portal.read_at is not null and not portal.slow
                      or taken.unproven < :unproven and taken.unproven_of_one < :unproven_of_one)
               order by job.lane, {fewest_first} job.run_after limit 1 for update of job skip locked)
            update job set state = 'running', lease_owner = :owner, lease_until = now() + :lease,
                           attempts = attempts + 1, started_at = now(), error = null, progress = '{{}}'::jsonb
              from portal
             where job.id = (select id from best) and portal.id = job.portal_id
            returning job.id, job.portal_id, job.lane, job.attempts, job.alone, job.started_at, portal.domain,
                      portal.slow, portal.read_at is null as is_unknown,
                      greatest(portal.rested_at - now(), interval '0') as rest
            """  # noqa: S608 - a literal of this function
        ),
        {
            "owner": owner,
            "lease": lease,
            "least": int(least),
            "alone": alone,
            **asdict(Shares.of(slots)),
        },
    ).one_or_none()
    if row is None:
        return None
    return ClaimedJob(
        id=row.id,
        portal_id=row.portal_id,
        domain=row.domain,
        is_slow=row.slow,
        is_unknown=row.is_unknown,
        rest=row.rest,
        lane=Lane(row.lane),
        owner=owner,
        attempts=row.attempts,
        alone=row.alone,
        started_at=row.started_at,
        lease=lease,
    )


def prolong(session: Session, *, owner: str, in_progress: Collection[UUID], lease: timedelta = LEASE) -> int:
    """The leases of the jobs this owner works on start again from now. Returns how many.

    A job that has run longer than any read takes is left out: its thread hangs, so another process has to take it.
    """
    result = session.execute(
        text(
            "update job set lease_until = now() + :lease where lease_owner = :owner and state = 'running'"
            " and id = any(cast(:in_progress as uuid[])) and lease_until > now()"
            " and started_at > now() - cast(:longest as interval)"
        ),
        {"owner": owner, "in_progress": list(in_progress), "lease": lease, "longest": LONGEST_RUN},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def release_idle(session: Session, *, owner: str, in_progress: Collection[UUID] = ()) -> int:
    """The jobs this owner holds but does not work on are queued again. Returns how many.

    Such a job was interrupted while the database was away, or its claim was committed but the answer was lost.
    """
    result = session.execute(
        text(
            "update job set state = 'queued', lease_owner = null, lease_until = null where lease_owner = :owner"
            " and state = 'running' and started_at < now() - cast(:just_claimed as interval)"
            " and not id = any(cast(:in_progress as uuid[]))"
        ),
        {"owner": owner, "in_progress": list(in_progress), "just_claimed": _JUST_CLAIMED},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def release_all(session: Session, *, owner: str) -> int:
    """All jobs of this owner are queued again, because it stops and writes nothing any more. Returns how many."""
    result = session.execute(
        text(
            "update job set state = 'queued', lease_owner = null, lease_until = null"
            " where lease_owner = :owner and state = 'running'"
        ),
        {"owner": owner},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def check_lease(session: Session, job: ClaimedJob) -> None:
    """Raises LeaseLost if the lease is lost. Only writes are fenced; this check just saves work."""
    query = text(
        "select exists (select 1 from job where id = :id and lease_owner = :owner and started_at = :started"
        " and state = 'running' and lease_until > now())"
    )
    if not session.execute(query, {"id": job.id, "owner": job.owner, "started": job.started_at}).scalar_one():
        raise LeaseLost


def report(session: Session, job: ClaimedJob, progress: Mapping[str, Any]) -> None:
    """The progress of the job is stored, and its lease starts again from now. Raises LeaseLost."""
    _fenced(
        session,
        job,
        "progress = cast(:progress as jsonb), lease_until = now() + :lease",
        {"progress": json.dumps(progress, ensure_ascii=False), "lease": job.lease},
    )


def finish(session: Session, job: ClaimedJob, *, error: str | None = None) -> None:
    """The job is over; ``error`` is the code of the failure. Raises LeaseLost, so nothing is written twice."""
    _fenced(
        session,
        job,
        "state = :state, error = :error, finished_at = now(), lease_owner = null, lease_until = null",
        {"state": "failed" if error else "done", "error": error},
    )


def hand_back(session: Session, job: ClaimedJob) -> None:
    """The job is queued again as if it was never claimed, because its worker is stopping. Raises LeaseLost."""
    _fenced(
        session,
        job,
        "state = 'queued', attempts = attempts - 1, lease_owner = null, lease_until = null",
        {},
    )


@dataclass(frozen=True, slots=True)
class Requeued:
    """How many jobs had lost their worker, and the portals of the jobs that were quarantined for that."""

    count: int
    quarantined: tuple[UUID, ...]


def requeue_lost(session: Session) -> Requeued:
    """Jobs whose worker died are queued again. Repeated losses quarantine a job.

    A worker that dies takes every job of its process with it, so the first loss proves nothing against a job: the job
    runs again, alone in its process, and only losses from then on count.
    """
    rows = session.execute(
        text(
            f"""
            update job set state = case when alone and losses + 1 >= :most then 'quarantined' else 'queued' end,
                           losses = losses + case when alone then 1 else 0 end, alone = true,
                           finished_at = case when alone and losses + 1 >= :most then now() end,
                           error = case when alone and losses + 1 >= :most then 'worker_lost' end,
                           run_after = now(), lease_owner = null, lease_until = null
             where {LOST}
            returning portal_id, state
            """  # noqa: S608 - a condition of this module
        ),
        {"most": MOST_LOSSES},
    ).all()
    return Requeued(len(rows), tuple(row.portal_id for row in rows if row.state == "quarantined"))


def drop_old(session: Session, *, older_than: timedelta) -> int:
    """Jobs that ended longer ago than this are deleted. Returns how many."""
    result = session.execute(text("delete from job where finished_at < now() - :age"), {"age": older_than})
    return int(result.rowcount)  # type: ignore[attr-defined]


def is_under_way() -> ColumnElement[bool]:
    """The condition for a job that runs or is due; a job put off after an event or a failure does not count."""
    is_due = and_(col(JobRow.state) == "queued", col(JobRow.run_after) <= func.now())
    return or_(col(JobRow.state) == "running", is_due)


def _fenced(session: Session, job: ClaimedJob, changes: str, values: Mapping[str, Any]) -> None:
    """The job has these changes. Raises LeaseLost."""
    result = session.execute(
        text(
            f"update job set {changes}"  # noqa: S608 - the changes are literals of this module
            " where id = :id and lease_owner = :owner and started_at = :started and state = 'running'"
            " and lease_until > now()"
        ),
        {**values, "id": job.id, "owner": job.owner, "started": job.started_at},
    )
    if not result.rowcount:  # type: ignore[attr-defined]
        raise LeaseLost
