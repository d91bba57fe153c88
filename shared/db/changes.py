"""What changed in all portals a cabinet sees, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from shared.db.tables.cabinets import LinkRow
from shared.db.tables.snapshots import ChangeRow
from shared.domain.diff import Change, Op
from shared.domain.identity import ComparedKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes: of one account, of one kind, since a moment, from below an id on; all where nothing is said."""

    account_id: UUID | None = None
    kind: str | None = None
    since: datetime | None = None
    before: int | None = None


def of_cabinet(
    session: Session, cabinet_id: UUID, wanted: Wanted, *, most: int
) -> list[tuple[UUID, ChangeRow]]:
    """At most ``most`` changes, each with the account it belongs to.

    Ids grow as changes are recorded, so what is below one stays the same whatever is recorded meanwhile.
    """
    query = (
        select(LinkRow.id, ChangeRow)
        .join(ChangeRow, col(ChangeRow.portal_id) == col(LinkRow.portal_id))
        .where(LinkRow.cabinet_id == cabinet_id)
        .order_by(col(ChangeRow.id).desc())
        .limit(most)
    )
    if wanted.account_id is not None:
        query = query.where(LinkRow.id == wanted.account_id)
    if wanted.kind is not None:
        query = query.where(ChangeRow.kind == wanted.kind)
    if wanted.since is not None:
        query = query.where(ChangeRow.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(col(ChangeRow.id) < wanted.before)
    return list(session.exec(query).all())


def change_of(row: ChangeRow) -> Change:
    """The change that was recorded."""
    return Change(
        kind=ComparedKind(row.kind),
        entity_type=row.entity_type,
        item_id=row.item_id,
        code=row.code,
        label=row.label,
        op=Op(row.op),
        attribute=row.attribute,
        before=row.before,
        after=row.after,
    )
