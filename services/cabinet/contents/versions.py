"""Versions of an account and what changed with each of them, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import title_of
from services.cabinet.contents.reading import Contents
from shared.db.changes import change_of
from shared.db.tables.snapshots import ChangeRow, SnapshotRow
from shared.wording.changes import change_sentence

VERSIONS_AT_ONCE = 20
CHANGES_OF_ONE = 50


@dataclass(frozen=True, slots=True)
class VersionLines:
    """A version and what differs from the one before. ``more`` changes are not among the sentences."""

    number: int
    age: str
    moment: str
    sentences: tuple[str, ...]
    more: int

    @property
    def is_first(self) -> bool:
        """True for the version there is nothing to compare with."""
        return self.number == 1


def versions(
    session: Session,
    portal_id: UUID,
    contents: Contents,
    words: Words,
    *,
    before: int | None = None,
    most: int = VERSIONS_AT_ONCE,
) -> tuple[VersionLines, ...]:
    """The versions below number ``before``, or the latest, newest first."""
    query = select(col(SnapshotRow.number), col(SnapshotRow.read_at), col(SnapshotRow.changes)).where(
        SnapshotRow.portal_id == portal_id
    )
    if before is not None:
        query = query.where(SnapshotRow.number < before)
    found = session.exec(query.order_by(col(SnapshotRow.number).desc()).limit(most)).all()
    if not found:
        return ()
    said: dict[int, list[str]] = {number: [] for number, _, _ in found}
    for change in _changes(session, portal_id, said):
        said[change.snapshot_number].append(_sentence(change, contents, words))
    return tuple(_lines(number, at, count, said[number], words) for number, at, count in found)


def _lines(number: int, at: datetime, count: int, said: list[str], words: Words) -> VersionLines:
    return VersionLines(
        number=number,
        age=words.age(at),
        moment=words.moment(at),
        sentences=tuple(said),
        more=max(count - len(said), 0),
    )


def _changes(session: Session, portal_id: UUID, numbers: Iterable[int]) -> Iterable[ChangeRow]:
    """The first changes of each of these versions."""
    place = func.row_number().over(partition_by=col(ChangeRow.snapshot_number), order_by=col(ChangeRow.id))
    ranked = (
        select(col(ChangeRow.id), place.label("place"))
        .where(ChangeRow.portal_id == portal_id, col(ChangeRow.snapshot_number).in_(list(numbers)))
        .subquery()
    )
    query = (
        select(ChangeRow)
        .join(ranked, col(ChangeRow.id) == ranked.c.id)
        .where(ranked.c.place <= CHANGES_OF_ONE)
    )
    return session.exec(query.order_by(col(ChangeRow.id))).all()


def _sentence(row: ChangeRow, contents: Contents, words: Words) -> str:
    return change_sentence(change_of(row), words.language, title=lambda key: title_of(contents, words, key))
