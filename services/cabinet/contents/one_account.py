"""The account of the cabinet whose id stands in an address."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session

from services.cabinet.cabinet import Cabinet
from shared.db import accounts
from shared.db.accounts import Account
from shared.db.people import Member
from shared.domain.refusals import NotFound


def account_or_404(session: Session, service: Cabinet, member: Member, account_id: UUID) -> Account:
    """The account, if it is the cabinet's own. Raises NotFound for a foreign id as for an unknown one."""
    account = accounts.one(session, member.cabinet_id, account_id, every=service.sync_every)
    if account is None:
        raise NotFound
    return account
