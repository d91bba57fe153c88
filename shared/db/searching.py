"""Finding items across all portals a cabinet sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, case, exists, func, literal
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.db.tables.snapshots import SearchBlockRow
from shared.domain.names import fold
from shared.domain.search_blocks import Block

MOST_FOUND = 200
# In so many accounts a search looks first.
_FIRST = 20


class _Account(NamedTuple):
    id: UUID
    portal_id: UUID
    title: str


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
    """The items that contain every word, in any account of the cabinet; at most 200."""
    if "\x00" in words:
        # The database cannot store NUL and refuses queries with it.
        return []
    folded = fold(words).split()
    found = (
        one
        for accounts in _portions(_accounts(session, cabinet_id))
        for one in _matching(session, accounts, folded)
    )
    return list(islice(found, MOST_FOUND))


def _accounts(session: Session, cabinet_id: UUID) -> list[_Account]:
    """The accounts in the order of their titles, which are those of the list of accounts."""
    title = case((col(AccountRow.title) == "", col(PortalRow.domain)), else_=col(AccountRow.title))
    query = (
        select(AccountRow.id, AccountRow.portal_id, title)
        .join(PortalRow, col(PortalRow.id) == col(AccountRow.portal_id))
        .where(AccountRow.cabinet_id == cabinet_id)
        .order_by(title, col(AccountRow.id))
    )
    return [_Account(*row) for row in session.exec(query)]


def _portions(accounts: Sequence[_Account]) -> Iterator[Sequence[_Account]]:
    """Few accounts first, which have enough of a common word, then ever more: a rare one takes few statements."""
    start, size = 0, _FIRST
    while start < len(accounts):
        yield accounts[start : start + size]
        start, size = start + size, size * 4


def _matching(session: Session, accounts: Sequence[_Account], words: Sequence[str]) -> Iterator[Found]:
    """The items that contain every word in the first blocks that have any."""
    by_portal = {account.portal_id: account for account in accounts}
    portals = literal(list(by_portal), ARRAY(Uuid))
    query = (
        select(SearchBlockRow.portal_id, SearchBlockRow.folded, SearchBlockRow.items)
        .where(col(SearchBlockRow.portal_id) == any_(portals))
        .where(_all_in(col(SearchBlockRow.folded), words))
        .order_by(func.array_position(portals, SearchBlockRow.portal_id), col(SearchBlockRow.place))
        # Each of them has one item at least.
        .limit(MOST_FOUND)
    )
    if len(words) > 1:
        line = func.string_to_table(col(SearchBlockRow.folded), "\n").column_valued("line")
        query = query.where(exists().where(_all_in(line, words)))
    for portal_id, folded, items in session.exec(query):
        account = by_portal[portal_id]
        for item in Block(folded, items).matching(words):
            yield Found(account.id, portal_id, account.title, *item)


def _all_in(text: ColumnElement[str] | Mapped[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Every word is in the text. Unlike a pattern, ``strpos`` skips what cannot match, and no sign is special to it."""
    return and_(True, *(func.strpos(text, word) > 0 for word in words))  # noqa: FBT003 - the condition of no word
