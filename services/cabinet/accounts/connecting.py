"""Connecting a portal by its webhook, within what a cabinet may have."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session

from services.cabinet.cabinet import Cabinet
from services.cabinet.contents import refreshing
from shared.bitrix24.access import Access
from shared.db import accounts
from shared.db.people import Member
from shared.domain.refusals import TooManyAccounts


def connect_webhook(service: Cabinet, session: Session, member: Member, access: Access) -> tuple[UUID, UUID]:
    """The portal is an account of the member's cabinet. Returns the ids of the account and of the read that begins.

    Raises TooManyRefreshes and TooManyAccounts.
    """
    refreshing.count(service, session, member.cabinet_id)
    connected = accounts.connect_webhook(
        session, service.db.keyring, member.cabinet_id, url=access.endpoint, host=access.host
    )
    if accounts.count(session, member.cabinet_id) > service.most_accounts:
        raise TooManyAccounts(most=str(service.most_accounts))
    return connected
