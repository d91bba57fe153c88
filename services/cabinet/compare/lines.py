"""What differs between two sides, as the sections of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import title_of
from services.cabinet.contents.item_places import kind_title
from services.cabinet.contents.reading import Contents
from shared.domain.diff import Comparison, Difference, NotCompared, WhyNot
from shared.domain.identity import ComparedKind, Item
from shared.domain.snapshot import Snapshot
from shared.wording.changes import happened_phrase
from shared.wording.kinds import kind_word
from shared.wording.sentences import N_

# The longest list in a section, in lines.
MOST = 200

_DOUBTS: Final[Mapping[WhyNot, str]] = {
    WhyNot.OLD_UNREAD: N_("not read completely in A, so there is nothing to compare with"),
    WhyNot.NEW_UNREAD: N_("not read completely in B, so there is nothing to compare with"),
    WhyNot.BOTH_UNREAD: N_("read completely neither in A nor in B"),
    WhyNot.MORE_RIGHTS: N_(
        "A was read with fewer rights: what only B shows may be in A too and is not listed"
    ),
    WhyNot.FEWER_RIGHTS: N_(
        "B was read with fewer rights: what only A shows may be in B too and is not listed"
    ),
}


@dataclass(frozen=True, slots=True)
class ItemName:
    """An item of one side; ``place`` is the name of what it belongs to."""

    label: str
    place: str
    code: str
    id: int | None


@dataclass(frozen=True, slots=True)
class DifferentItem:
    """An item that both sides have. ``edits`` are phrases that lead from A to B."""

    here: ItemName
    there: ItemName
    edits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindSection:
    """The differences of one kind. ``more`` is how many further ones are not listed."""

    title: str
    only_here: tuple[ItemName, ...]
    only_there: tuple[ItemName, ...]
    different: tuple[DifferentItem, ...]
    count: int
    more: int


class Side:
    """One side of a comparison: it names items and what they belong to."""

    def __init__(self, content: Contents, snapshot: Snapshot, words: Words) -> None:
        self._words = words
        names = {row.directory: row.name for row in snapshot.pipelines}
        self._pipelines = {
            (row.entity_type, row.status_id): names.get(row.directory) or "" for row in snapshot.stages
        }
        self._titles = {key: title_of(content, words, key) for key in content.entity_types}

    def title(self, entity_type: str) -> str:
        """The name of an entity type on this side; its key where it has none."""
        return self._titles.get(entity_type, entity_type)

    def knows(self, entity_type: str) -> bool:
        """True when this side has the entity type."""
        return entity_type in self._titles

    def name(self, kind: ComparedKind, item: Item) -> ItemName:
        """The item with the names of what it belongs to."""
        entity, code = item.entity_type or "", item.code or ""
        places = [self.title(entity)] if entity and kind is not ComparedKind.ENTITY_TYPES else []
        if kind is ComparedKind.STAGES:
            places.append(self._pipelines.get((entity, code), ""))
        return ItemName(
            label=item.label or "",
            place=" · ".join(filter(None, places)),
            code=code,
            id=item.item_id,
        )


def sections(outcome: Comparison, here: Side, there: Side, words: Words) -> tuple[KindSection, ...]:
    """A section for each kind that differs."""
    by_kind: dict[ComparedKind, list[Difference]] = {}
    for pair in outcome.differences:
        by_kind.setdefault(pair.kind, []).append(pair)
    return tuple(_section(kind, pairs, here, there, words) for kind, pairs in by_kind.items())


def doubts(outcome: Comparison, here: Side, there: Side, words: Words) -> tuple[str, ...]:
    """What could not be compared, and why."""
    return tuple(
        _doubt(gap, here if here.knows(gap.entity_type or "") else there, words)
        for gap in outcome.not_compared
    )


def _section(
    kind: ComparedKind, pairs: list[Difference], here: Side, there: Side, words: Words
) -> KindSection:
    only_here = [here.name(kind, pair.old) for pair in pairs if pair.old and not pair.new]
    only_there = [there.name(kind, pair.new) for pair in pairs if pair.new and not pair.old]
    different = [
        DifferentItem(
            here.name(kind, pair.old),
            there.name(kind, pair.new),
            tuple(happened_phrase(change, words.language) for change in pair.changes),
        )
        for pair in pairs
        if pair.old and pair.new
    ]
    return KindSection(
        title=kind_title(kind, words),
        only_here=tuple(only_here[:MOST]),
        only_there=tuple(only_there[:MOST]),
        different=tuple(different[:MOST]),
        count=len(pairs),
        more=sum(max(len(rows) - MOST, 0) for rows in (only_here, only_there, different)),
    )


def _doubt(gap: NotCompared, side: Side, words: Words) -> str:
    entity = None if gap.entity_type is None else side.title(gap.entity_type)
    word = kind_word(gap.kind, entity, words.language)
    return f"{word[:1].upper()}{word[1:]}: {words.gettext(_DOUBTS[gap.why])}"
