"""A read on demand, and how it is getting on: what the API and the pages both tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlmodel import Session

from shared.db import accounts, jobs
from shared.db.accounts import Account
from shared.db.people import Member
from shared.domain.portal import AccountState
from shared.domain.schedule import Lane
from shared.web import Problem

# How often a page asks again how a read is getting on.
WATCHED_EVERY_S = 2

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
    """How a refresh is getting on: ``kinds`` are read right now, ``error`` is the code of what went wrong."""

    state: RefreshState
    kinds: tuple[str, ...]
    done: int
    planned: int
    error: str | None

    @property
    def is_over(self) -> bool:
        """True when nothing more will come of it."""
        return self.state in ("done", "failed")


def request(session: Session, account: Account) -> UUID:
    """The id of the read that comes before anything else; one that is under way already is the one to watch.

    Raises Problem 409 for a portal from which CRMAP was removed.
    """
    if account.state is AccountState.REMOVED:
        raise Problem(409, "portal_removed")
    return jobs.request_job(session, account.portal_id, lane=Lane.WAITING)


def in_full(session: Session, member: Member, account: Account, *, full: bool) -> UUID | None:
    """Every read of the portal from now on is a full one, or an ordinary one.

    Full ones begin at once: the id of that read, ``None`` where nothing had to be switched on.
    Raises Problem 409 as ``request`` does.
    """
    if full == account.full_reads:
        return None
    actor = f"person {member.person_id}"
    accounts.read_in_full(session, member.cabinet_id, account, full=full, actor=actor)
    return request(session, account) if full else None


def progress(session: Session, refresh_id: UUID) -> Progress:
    """How the refresh is getting on. Raises Problem 404 for one of a portal the cabinet does not see."""
    job = accounts.job(session, refresh_id)
    if job is None:
        raise Problem(404, "not_found")
    told = job.progress
    return Progress(
        state=_STATES[job.state],
        kinds=tuple(told.get("kinds") or ()),
        done=told.get("done") or 0,
        planned=told.get("planned") or 0,
        error=job.error,
    )
