"""Finding items across all portals a cabinet sees."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case
from sqlmodel import Session, col, select

from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.db.tables.snapshots import SearchRow
from shared.domain.names import fold

MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Found:
    """An item that matches, in the account it belongs to."""

    account_id: UUID
    portal_id: UUID
    account: str
    kind: str
    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None


def find(session: Session, cabinet_id: UUID, words: str) -> list[Found]:
    """The items that contain every word, in any account of the cabinet; at most 200.

    Characters that are special in the database's patterns have no special meaning here.
    """
    if "\x00" in words:
        # The database cannot store NUL and refuses queries with it.
        return []
    # The account has the same title as in the list of accounts.
    title = case((col(AccountRow.title) == "", col(PortalRow.domain)), else_=col(AccountRow.title))
    query = (
        select(AccountRow, title, SearchRow)
        .join(PortalRow, col(PortalRow.id) == col(AccountRow.portal_id))
        .join(SearchRow, col(SearchRow.portal_id) == col(AccountRow.portal_id))
        .where(AccountRow.cabinet_id == cabinet_id)
        .order_by(title, col(AccountRow.id), col(SearchRow.id))
        .limit(MOST_FOUND)
    )
    for word in fold(words).split():
        query = query.where(col(SearchRow.folded).contains(word, autoescape=True))
    return [
        Found(
            link.id,
            link.portal_id,
            account_title,
            row.kind,
            row.entity_type,
            row.item_id,
            row.code,
            row.label,
        )
        for link, account_title, row in session.exec(query).all()
    ]
