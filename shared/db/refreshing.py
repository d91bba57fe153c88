"""Refreshes: reads that a person asks for, and their progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlmodel import Session, func, select

from shared.db import jobs
from shared.db.tables.portals import PortalRow
from shared.db.tables.work import JobRow
from shared.domain.portal import PortalState
from shared.domain.schedule import Lane, pause_before_read

RefreshState = Literal["queued", "reading", "done", "failed"]
_STATES: Final[dict[str, RefreshState]] = {
    "queued": "queued",
    "running": "reading",
    "done": "done",
    "failed": "failed",
    "quarantined": "failed",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a refresh: ``kinds`` are being read right now, ``error`` is the code of the failure."""

    state: RefreshState
    kinds: tuple[str, ...]
    done: int
    planned: int
    error: str | None

    @property
    def is_over(self) -> bool:
        """True when the refresh is done or has failed."""
        return self.state in ("done", "failed")


def request(session: Session, portal_id: UUID) -> UUID | None:
    """The id of a read that comes before all others; if one is under way already, its id.

    ``None`` for a portal that is not read any more. The first read begins at once; after many in a row the next waits
    until the portal has rested.
    """
    query = select(PortalRow.state, PortalRow.rested_at, func.clock_timestamp()).where(
        PortalRow.id == portal_id
    )
    row = session.exec(query).one_or_none()
    if row is None or not PortalState(row[0]).is_read:
        return None
    _, rested_at, now = row
    return jobs.request_job(session, portal_id, lane=Lane.WAITING, after=_pause(rested_at, now))


def pause(session: Session, portal_id: UUID) -> timedelta:
    """How long to wait before the next read that somebody asks for, because the portal has not rested yet."""
    query = select(PortalRow.rested_at, func.clock_timestamp()).where(PortalRow.id == portal_id)
    return _pause(*session.exec(query).one())


def progress(session: Session, refresh_id: UUID) -> Progress | None:
    """The progress of the refresh; ``None`` if this session may not see its portal."""
    job = session.get(JobRow, refresh_id)
    if job is None:
        return None
    return Progress(
        state=_STATES[job.state],
        kinds=tuple(job.progress.get("kinds") or ()),
        done=job.progress.get("done") or 0,
        planned=job.progress.get("planned") or 0,
        error=job.error,
    )


def under_way(session: Session, portal_id: UUID) -> UUID | None:
    """The id of the read of this portal that runs or is due."""
    return session.exec(select(JobRow.id).where(JobRow.portal_id == portal_id, jobs.is_under_way())).first()


def _pause(rested_at: datetime | None, now: datetime) -> timedelta:
    return timedelta(0) if rested_at is None else pause_before_read(rested_at - now)
