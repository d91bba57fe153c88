"""The work as it is now: what could be done, which jobs could be started, and how long their queue is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from shared.db.inbox import WAITING
from shared.db.renewals import IDLE, IDLE_TIMES
from shared.domain.schedule import Lane


@dataclass(frozen=True, slots=True)
class DueWork:
    """What could be done now, by whoever still has a share left for it.

    ``lane`` is that of the most urgent due job, ``None`` without any; those that have to run ``alone`` are none of
    them. ``next_in``: how long it is until another job is due, if that is soon.
    """

    lane: Lane | None
    alone: bool
    events: bool
    tokens: bool
    next_in: timedelta | None

    def has_job(self, least: Lane) -> bool:
        """True when a job of this lane or a more urgent one is due."""
        return self.lane is not None and self.lane <= least

    @property
    def is_any(self) -> bool:
        """True when there is something to do."""
        return self.lane is not None or self.alone or self.events or self.tokens


_LOOK = text(
    f"""
    select (select lane from job where state = 'queued' and run_after <= now() and not alone
             order by lane, run_after limit 1) as lane,
           exists (select from job where state = 'queued' and run_after <= now() and alone) as alone,
           exists (select from inbox where {WAITING}) as events,
           exists (select {IDLE}) as tokens,
           (select min(run_after) - now() from job
             where state = 'queued' and run_after > now() and run_after <= now() + :within) as next_in
    """  # noqa: S608 - conditions of other modules
)


def look(session: Session, *, within: timedelta) -> DueWork:
    """What could be done now, in one statement; ``within`` this time another job may become due."""
    row = session.execute(_LOOK, {"within": within, **IDLE_TIMES}).one()
    lane = None if row.lane is None else Lane(row.lane)
    return DueWork(lane, row.alone, row.events, row.tokens, row.next_in)


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that could be started now, and the domain of its portal."""

    id: UUID
    domain: str


def listed(session: Session, *, most: int) -> list[DueJob]:
    """The jobs that could be started now, most urgent first, at most ``most``."""
    query = text(
        "select job.id, portal.domain from job join portal on portal.id = job.portal_id"
        " where job.state = 'queued' and job.run_after <= now() order by lane, run_after limit :most"
    )
    return [DueJob(row.id, row.domain) for row in session.execute(query, {"most": most})]


@dataclass(frozen=True, slots=True)
class QueueLength:
    """How many jobs are due and how many run, and how long the oldest due one has waited."""

    due: int
    running: int
    oldest_due: timedelta


def length(session: Session) -> QueueLength:
    """The queue as it is now; the age is zero when nothing is due."""
    query = text(
        "select count(*) filter (where state = 'queued' and run_after <= now()) as due,"
        " count(*) filter (where state = 'running') as running,"
        " coalesce(now() - min(run_after) filter (where state = 'queued' and run_after <= now()), interval '0')"
        " as oldest from job where state in ('queued', 'running')"
    )
    row = session.execute(query).one()
    return QueueLength(row.due, row.running, row.oldest)
