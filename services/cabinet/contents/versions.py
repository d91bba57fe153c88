"""Versions of an account and what changed with each of them, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import title_of
from services.cabinet.contents.reading import Contents
from shared.db import changes, snapshots
from shared.wording.changes import change_sentence

VERSIONS_AT_ONCE = 20
CHANGES_OF_ONE = 50


@dataclass(frozen=True, slots=True)
class VersionLines:
    """A version and its changes in sentences. ``more`` is how many changes have no sentence here."""

    number: int
    age: str
    moment: str
    sentences: tuple[str, ...]
    more: int

    @property
    def is_first(self) -> bool:
        """True for the first version, which has nothing to be compared with."""
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
    """The versions below number ``before``, or the latest ones, newest first."""
    rows = snapshots.versions(session, portal_id, before=before, most=most)
    if not rows:
        return ()
    sentences: dict[int, list[str]] = {row.number: [] for row in rows}
    for row_of_change in changes.of_versions(session, portal_id, sentences, most=CHANGES_OF_ONE):
        sentences[row_of_change.version].append(
            change_sentence(
                row_of_change.change, words.language, title=lambda key: title_of(contents, words, key)
            )
        )
    return tuple(_lines(row.number, row.read_at, row.changes, sentences[row.number], words) for row in rows)


def _lines(number: int, at: datetime, count: int, sentences: list[str], words: Words) -> VersionLines:
    return VersionLines(
        number=number,
        age=words.age(at),
        moment=words.moment(at),
        sentences=tuple(sentences),
        more=max(count - len(sentences), 0),
    )
