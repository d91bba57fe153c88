"""How completely a kind was read, in the visitor's language. A kind that failed never looks empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, title_of
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Coverage, Kind, State
from shared.specification.words import Word
from shared.wording.kinds import kind_word, state_word
from shared.wording.reasons import reason_sentence
from shared.wording.sentences import N_, say

_TONES: Final[Mapping[State, Literal["good", "warn", "bad", ""]]] = {
    State.COMPLETE: "good",
    State.PARTIAL: "warn",
    State.FORBIDDEN: "bad",
    State.NOT_GRANTED: "bad",
    State.NOT_AVAILABLE: "",
    State.FAILED: "bad",
}
_NOTHING: Final[Mapping[Kind, str]] = {
    Kind.ENTITY_TYPES: Word.NO_TYPES,
    Kind.PIPELINES: Word.NO_PIPELINES,
    Kind.STAGES: Word.NO_STAGES,
    Kind.DICTIONARIES: Word.NO_DICTIONARIES,
    Kind.STANDARD_FIELDS: Word.NO_STANDARD_FIELDS,
    Kind.USER_FIELDS: Word.NO_FIELDS,
    Kind.USERS: Word.NO_USERS,
    Kind.DEPARTMENTS: Word.NO_DEPARTMENTS,
}
_FULL_READS_ONLY: Final = N_("Only full reads bring them: the overview of the account has the switch.")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """How a kind was read.

    ``age`` and ``moment`` say when the items shown were read; ``is_older`` means that a later read failed, and
    ``is_complete`` that they are all there were. ``nothing`` is the sentence for a kind that is known to be empty.
    """

    kind: Kind
    entity_type: str | None
    title: str
    state: str
    tone: Literal["good", "warn", "bad", ""]
    items: int
    age: str
    moment: str
    reason: str
    nothing: str
    is_whole: bool
    is_complete: bool
    is_older: bool


def receipt(contents: Contents, words: Words, kind: Kind, entity: str = EVERY) -> ReceiptLine:
    """The receipt of a kind; for kinds read per entity type, that of the entity type."""
    entity_type = entity if kind.is_per_entity and entity else None
    entry = contents.covered(kind, entity_type)
    if entry is None:
        return _unread(contents, words, kind, entity_type)
    return _line(contents, words, entry, _nothing(contents, words, entry, entity))


def receipts(contents: Contents, words: Words) -> tuple[ReceiptLine, ...]:
    """The receipt of every kind, in the order of the specification."""
    return tuple(_line(contents, words, entry, "") for entry in contents.coverage)


def _line(contents: Contents, words: Words, entry: Coverage, nothing: str) -> ReceiptLine:
    return ReceiptLine(
        kind=entry.kind,
        entity_type=entry.entity_type,
        title=_title(contents, words, entry.kind, entry.entity_type),
        state=state_word(entry.state, words.language),
        tone=_TONES[entry.state],
        items=entry.items,
        age=words.age(entry.read_at),
        moment=words.moment(entry.read_at),
        reason=reason_sentence(entry.reason, words.language) if entry.reason else "",
        nothing=nothing,
        is_whole=entry.state.is_whole,
        is_complete=contents.is_complete(*entry.key),
        is_older=entry.read_at < contents.read_at,
    )


def _unread(contents: Contents, words: Words, kind: Kind, entity_type: str | None) -> ReceiptLine:
    is_extra = kind is Kind.STANDARD_FIELDS and not contents.has(kind)
    return ReceiptLine(
        kind=kind,
        entity_type=entity_type,
        title=_title(contents, words, kind, entity_type),
        state=say(Word.NOT_KNOWN, words.language),
        tone="bad",
        items=0,
        age="",
        moment="",
        reason=words.gettext(_FULL_READS_ONLY) if is_extra else "",
        nothing="",
        is_whole=False,
        is_complete=False,
        is_older=False,
    )


def _title(contents: Contents, words: Words, kind: Kind, entity_type: str | None) -> str:
    title = None if entity_type is None else title_of(contents, words, entity_type)
    word = kind_word(kind, title, words.language)
    return word[:1].upper() + word[1:]


def _nothing(contents: Contents, words: Words, entry: Coverage, entity: str) -> str:
    if entry.state is not State.COMPLETE or entry.kind not in _NOTHING:
        return ""
    has_some = entry.items > 0
    if entity and entry.kind in (Kind.PIPELINES, Kind.STAGES):
        has_some = any(item.entity_type == entity for item in contents.items(entry.kind))
    return "" if has_some else say(_NOTHING[entry.kind], words.language)
