"""A read on demand, and how it is getting on, as the API and the pages answer it."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session

from shared.db import accounts, refreshing
from shared.db.accounts import Account
from shared.db.people import Member
from shared.db.refreshing import Progress
from shared.domain.refusals import NotFound, PortalRemoved

# How often a page asks again how a read is getting on.
WATCHED_EVERY_S = 2


def request(session: Session, account: Account) -> UUID:
    """The id of the read that comes before anything else; one that is under way already is the one to watch.

    Raises PortalRemoved for a portal from which CRMAP was removed.
    """
    refresh_id = refreshing.request(session, account.portal_id)
    if refresh_id is None:
        raise PortalRemoved
    return refresh_id


def in_full(session: Session, member: Member, account: Account, *, full: bool) -> UUID | None:
    """Every read of the portal from now on is a full one, or an ordinary one.

    Full ones begin at once: the id of that read, ``None`` where nothing had to be switched on.
    Raises PortalRemoved as ``request`` does.
    """
    if full == account.full_reads:
        return None
    actor = f"person {member.person_id}"
    accounts.read_in_full(session, member.cabinet_id, account, full=full, actor=actor)
    return request(session, account) if full else None


def progress(session: Session, refresh_id: UUID) -> Progress:
    """How the refresh is getting on. Raises NotFound for one of a portal the cabinet does not see."""
    current = refreshing.progress(session, refresh_id)
    if current is None:
        raise NotFound
    return current
