"""The queue as it is now: which jobs could be started, and how long it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session


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


def next_one(session: Session, *, within: timedelta) -> timedelta | None:
    """How long it is until the next job that is put off could be started, if that is soon; ``None`` if it is not."""
    query = text(
        "select min(run_after) - now() from job"
        " where state = 'queued' and run_after > now() and run_after <= now() + :within"
    )
    return session.execute(query, {"within": within}).scalar_one()  # type: ignore[no-any-return]


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
