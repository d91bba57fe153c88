"""Changes in all portals a cabinet sees, newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, false, func
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlmodel import Session, col, select

from shared.db.tables.cabinets import AccountRow
from shared.db.tables.snapshots import ChangeRow
from shared.domain.diff import Change, Op
from shared.domain.identity import ComparedKind

_SAID: Final = '$.** ? (@.type() == "string" || @.type() == "number")'


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """A filter of changes: by account, kind, time until now, and ids below a number; by default all changes.

    ``text`` occurs in the code or name of the item or of something inside it, or in a value before or after.
    """

    account_id: UUID | None = None
    kind: str | None = None
    lasts: timedelta | None = None
    before: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A change, the version that brought it, and when that version was read."""

    id: int
    version: int
    at: datetime
    change: Change


def of_cabinet(
    session: Session, cabinet_id: UUID, criteria: ChangeFilter, *, most: int
) -> list[tuple[UUID, RecordedChange]]:
    """At most ``most`` changes, newest first, each with the account it belongs to.

    Ids grow with time, so the changes below an id stay the same whatever is recorded meanwhile.
    """
    query = (
        select(AccountRow.id, ChangeRow)
        .join(ChangeRow, col(ChangeRow.portal_id) == col(AccountRow.portal_id))
        .where(AccountRow.cabinet_id == cabinet_id)
        .order_by(col(ChangeRow.id).desc())
        .limit(most)
    )
    if criteria.account_id is not None:
        query = query.where(AccountRow.id == criteria.account_id)
    if criteria.kind is not None:
        query = query.where(ChangeRow.kind == criteria.kind)
    if criteria.lasts is not None:
        query = query.where(ChangeRow.at >= func.now() - criteria.lasts)
    if criteria.before is not None:
        query = query.where(col(ChangeRow.id) < criteria.before)
    if criteria.text:
        query = query.where(_mentions(criteria.text))
    return [(account_id, _recorded(row)) for account_id, row in session.exec(query).all()]


def _mentions(text: str) -> ColumnElement[bool]:
    """Holds for changes in which the text stands: in a code or name of the item, of what was inside it, in a value.

    Capitals, and ё for е, make no difference. What no text in the database can hold is never found.
    """
    if "\x00" in text:
        return false()
    texts = func.concat_ws(
        " ",
        col(ChangeRow.code),
        col(ChangeRow.label),
        _said(col(ChangeRow.before)),
        _said(col(ChangeRow.after)),
    )
    return func.strpos(_folded(texts), _folded(text)) > 0


def _said(document: Any) -> Any:
    """The texts and numbers of a document, without its keys."""
    return cast(func.jsonb_path_query_array(document, cast(_SAID, JSONPATH)), Text)


def _folded(text: Any) -> Any:
    return func.translate(func.lower(text), "ёЁ", "ее")


def of_versions(
    session: Session, portal_id: UUID, numbers: Collection[int], *, most: int
) -> list[RecordedChange]:
    """The first ``most`` changes of each of these versions, in the order of recording."""
    place = func.row_number().over(partition_by=col(ChangeRow.snapshot_number), order_by=col(ChangeRow.id))
    ranked = (
        select(col(ChangeRow.id), place.label("place"))
        .where(ChangeRow.portal_id == portal_id, col(ChangeRow.snapshot_number).in_(list(numbers)))
        .subquery()
    )
    query = select(ChangeRow).join(ranked, col(ChangeRow.id) == ranked.c.id).where(ranked.c.place <= most)
    return [_recorded(row) for row in session.exec(query.order_by(col(ChangeRow.id))).all()]


def since(
    session: Session, portal_id: UUID, *, number: int = 0, at: datetime | None = None, text: str = ""
) -> list[RecordedChange]:
    """The changes of versions after ``number`` (and after ``at``) in which ``text`` stands, oldest first."""
    query = select(ChangeRow).where(ChangeRow.portal_id == portal_id, ChangeRow.snapshot_number > number)
    if at is not None:
        query = query.where(ChangeRow.at > at)
    if text:
        query = query.where(_mentions(text))
    rows = session.exec(query.order_by(col(ChangeRow.snapshot_number), col(ChangeRow.id))).all()
    return [_recorded(row) for row in rows]


def _recorded(row: ChangeRow) -> RecordedChange:
    return RecordedChange(row.id or 0, row.snapshot_number, row.at, _change(row))


def _change(row: ChangeRow) -> Change:
    is_edit = row.op == Op.EDITED
    return Change(
        kind=ComparedKind(row.kind),
        entity_type=row.entity_type,
        item_id=row.item_id,
        code=row.code,
        label=row.label,
        op=Op(row.op),
        attribute=row.attribute,
        before=row.before if is_edit else None,
        after=row.after if is_edit else None,
        # A removed or added item has no values before and after; the columns hold what was inside it.
        inside=None if is_edit else row.before or row.after,
    )
