"""A recorded change as a line of a page."""

from __future__ import annotations

from dataclasses import dataclass

from services.cabinet.base.words import Words
from shared.domain.diff import Change, Op
from shared.domain.identity import ComparedKind
from shared.wording.changes import Title, change_sentence


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What changed, in a sentence."""

    kind: ComparedKind
    entity_type: str | None
    op: Op
    sentence: str


def change_line(change: Change, words: Words, *, title: Title | None = None) -> ChangeLine:
    """The change in the visitor's language. ``title`` returns the name of an entity type for its key."""
    sentence = change_sentence(change, words.language, title=title)
    return ChangeLine(change.kind, change.entity_type, change.op, sentence)
