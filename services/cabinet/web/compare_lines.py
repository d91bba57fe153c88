"""What differs between two sides, as the sections of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.cabinet.contents.entities import title_of
from services.cabinet.contents.reading import Contents
from services.cabinet.web.item_places import kind_title
from services.cabinet.web.words import N_, Words
from shared.domain.compare import Doubt, Gap, Named, Pair, SideBySide
from shared.domain.identity import ComparedKind
from shared.domain.snapshot import Snapshot
from shared.wording.changes import happened_phrase
from shared.wording.kinds import kind_word

# Of each list in a section.
MOST = 200

_DOUBTS: Final[Mapping[Doubt, str]] = {
    Doubt.HERE_UNREAD: N_("not read completely in A, so there is nothing to compare with"),
    Doubt.THERE_UNREAD: N_("not read completely in B, so there is nothing to compare with"),
    Doubt.BOTH_UNREAD: N_("read completely neither in A nor in B"),
    Doubt.HERE_LIMITED: N_(
        "A was read with fewer rights: what only B shows may be in A too and is not listed"
    ),
    Doubt.THERE_LIMITED: N_(
        "B was read with fewer rights: what only A shows may be in B too and is not listed"
    ),
}


@dataclass(frozen=True, slots=True)
class ItemName:
    """An item as one side knows it; ``place`` is what it belongs to."""

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
    """The differences of one kind. ``more`` are not among them, there are too many."""

    title: str
    only_here: tuple[ItemName, ...]
    only_there: tuple[ItemName, ...]
    different: tuple[DifferentItem, ...]
    count: int
    more: int


class Side:
    """One side: what its items belong to is told by names."""

    def __init__(self, found: Contents, snapshot: Snapshot, words: Words) -> None:
        self._words = words
        names = {row.directory: row.name for row in snapshot.pipelines}
        self._pipelines = {
            (row.entity_type, row.status_id): names.get(row.directory) or "" for row in snapshot.stages
        }
        self._titles = {key: title_of(found, words, key) for key in found.entity_types}

    def title(self, entity_type: str) -> str:
        """What an entity type is called on this side; its key where it has none."""
        return self._titles.get(entity_type, entity_type)

    def knows(self, entity_type: str) -> bool:
        """True for an entity type of this side."""
        return entity_type in self._titles

    def name(self, kind: ComparedKind, item: Named) -> ItemName:
        """The item with the names of what it is in."""
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


def sections(outcome: SideBySide, here: Side, there: Side, words: Words) -> tuple[KindSection, ...]:
    """A section for each kind that differs."""
    by_kind: dict[ComparedKind, list[Pair]] = {}
    for pair in outcome.pairs:
        by_kind.setdefault(pair.kind, []).append(pair)
    return tuple(_section(kind, pairs, here, there, words) for kind, pairs in by_kind.items())


def doubts(outcome: SideBySide, here: Side, there: Side, words: Words) -> tuple[str, ...]:
    """What could not be compared, and why."""
    return tuple(
        _doubt(gap, here if here.knows(gap.entity_type or "") else there, words) for gap in outcome.gaps
    )


def _section(kind: ComparedKind, pairs: list[Pair], here: Side, there: Side, words: Words) -> KindSection:
    only_here = [here.name(kind, pair.here) for pair in pairs if pair.here and not pair.there]
    only_there = [there.name(kind, pair.there) for pair in pairs if pair.there and not pair.here]
    different = [
        DifferentItem(
            here.name(kind, pair.here),
            there.name(kind, pair.there),
            tuple(happened_phrase(change, words.language) for change in pair.edits),
        )
        for pair in pairs
        if pair.here and pair.there
    ]
    return KindSection(
        title=kind_title(kind, words),
        only_here=tuple(only_here[:MOST]),
        only_there=tuple(only_there[:MOST]),
        different=tuple(different[:MOST]),
        count=len(pairs),
        more=sum(max(len(rows) - MOST, 0) for rows in (only_here, only_there, different)),
    )


def _doubt(gap: Gap, side: Side, words: Words) -> str:
    entity = None if gap.entity_type is None else side.title(gap.entity_type)
    word = kind_word(gap.kind, entity, words.language)
    return f"{word[:1].upper()}{word[1:]}: {words.gettext(_DOUBTS[gap.doubt])}"
