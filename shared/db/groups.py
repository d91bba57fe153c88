"""Groups: sets of a cabinet's accounts with a title."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from shared.db.tables.cabinets import AccountRow, GroupAccountRow, GroupRow


@dataclass(frozen=True, slots=True)
class Group:
    """A group with the ids of its accounts."""

    id: UUID
    title: str
    accounts: tuple[UUID, ...]


def listed(session: Session, cabinet_id: UUID) -> list[Group]:
    """The groups of a cabinet by title."""
    query = (
        select(GroupRow.id, GroupRow.title, GroupAccountRow.link_id)
        .join(GroupAccountRow, col(GroupAccountRow.group_id) == col(GroupRow.id), isouter=True)
        .where(GroupRow.cabinet_id == cabinet_id)
        .order_by(col(GroupRow.title), col(GroupRow.id), col(GroupAccountRow.link_id))
    )
    return [
        Group(group_id, title, tuple(account_id for _, _, account_id in rows if account_id is not None))
        for (group_id, title), rows in groupby(session.execute(query).all(), key=lambda row: (row[0], row[1]))
    ]


def save(session: Session, cabinet_id: UUID, title: str, accounts: Collection[UUID]) -> Group | None:
    """The group of this title consists of exactly these accounts; ``None`` if one of them is not the cabinet's."""
    account_ids = dict.fromkeys(accounts)
    own_ids = session.exec(
        select(AccountRow.id).where(
            AccountRow.cabinet_id == cabinet_id, col(AccountRow.id).in_(list(account_ids))
        )
    ).all()
    if len(own_ids) != len(account_ids):
        return None
    row = session.exec(
        select(GroupRow).where(GroupRow.cabinet_id == cabinet_id, GroupRow.title == title)
    ).one_or_none() or GroupRow(cabinet_id=cabinet_id, title=title)
    session.add(row)
    session.flush()
    session.execute(delete(GroupAccountRow).where(col(GroupAccountRow.group_id) == row.id))
    session.add_all(GroupAccountRow(group_id=row.id, link_id=account) for account in account_ids)
    session.flush()
    return Group(row.id, title, _accounts(session, row.id))


def remove(session: Session, cabinet_id: UUID, group_id: UUID) -> bool:
    """The group is removed, its accounts stay; False for a group that is not the cabinet's."""
    row = session.exec(
        select(GroupRow).where(GroupRow.cabinet_id == cabinet_id, GroupRow.id == group_id)
    ).one_or_none()
    if row is None:
        return False
    session.delete(row)
    return True


def _accounts(session: Session, group_id: UUID) -> tuple[UUID, ...]:
    query = select(GroupAccountRow.link_id).where(GroupAccountRow.group_id == group_id)
    return tuple(sorted(session.exec(query).all()))
