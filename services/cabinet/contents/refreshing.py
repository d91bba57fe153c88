"""A read on demand and its progress, for the API and the pages."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session

from services.cabinet.cabinet import Cabinet
from shared.db import accounts, limits, refreshing
from shared.db.accounts import Account
from shared.db.people import Member
from shared.db.refreshing import Progress
from shared.domain.errors import AccessLost
from shared.domain.portal import needs_opening
from shared.domain.refusals import NotFound, PortalRemoved, TooManyRefreshes

# How often a page asks for the progress of a read.
WATCHED_EVERY_S = 2


def count(service: Cabinet, session: Session, cabinet_id: UUID) -> None:
    """One more refresh of this cabinet is counted. Raises TooManyRefreshes."""
    wait = limits.count(session, f"refreshes {cabinet_id}", service.refreshes)
    if wait is not None:
        raise TooManyRefreshes.after(wait)


def request(service: Cabinet, session: Session, member: Member, account: Account) -> UUID:
    """The id of a read that comes before all others; if one is under way already, its id.

    Raises TooManyRefreshes, PortalRemoved for a portal from which CRMAP was removed, and AccessLost where only an
    opening helps.
    """
    if needs_opening(account.kind, account.problem):
        raise AccessLost
    count(service, session, member.cabinet_id)
    refresh_id = refreshing.request(session, account.portal_id)
    if refresh_id is None:
        raise PortalRemoved
    return refresh_id


def in_full(
    service: Cabinet, session: Session, member: Member, account: Account, *, full: bool
) -> UUID | None:
    """Every read of the portal is full from now on, or ordinary again.

    The first full read begins at once; its id is returned, ``None`` if full reads were on already or were switched off.
    Raises what ``request`` does.
    """
    if full == account.full_reads:
        return None
    actor = f"person {member.person_id}"
    accounts.read_in_full(session, member.cabinet_id, account, full=full, actor=actor)
    return request(service, session, member, account) if full else None


def progress(session: Session, refresh_id: UUID) -> Progress:
    """The progress of the refresh. Raises NotFound for a refresh of a portal the cabinet does not see."""
    current = refreshing.progress(session, refresh_id)
    if current is None:
        raise NotFound
    return current
