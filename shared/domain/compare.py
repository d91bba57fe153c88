"""What two portals, or two versions of one, have in common and what not, item beside item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from shared.domain.coverage import Kind, State
from shared.domain.diff import Change, Op, WhyNot, diff, label_languages
from shared.domain.identity import ComparedKind, Item, is_unread
from shared.domain.moves import moved
from shared.domain.parts import PartKey
from shared.domain.portable import TYPES, Portable
from shared.domain.snapshot import Snapshot

#: What ``compare_portals`` does not look at: people and departments are each portal's own.
OF_ONE_PORTAL: Final[AbstractSet[PartKey]] = {(Kind.USERS, None), (Kind.DEPARTMENTS, None)}

_PIPELINES: Final[PartKey] = (Kind.PIPELINES, None)
_STAGES: Final[PartKey] = (Kind.STAGES, None)
_PARTS: Final = (TYPES, _PIPELINES, _STAGES, (Kind.DICTIONARIES, None))

# Numbers and codes that a portal hands out by itself differ everywhere and say nothing.
_COMPARED: Final[Mapping[ComparedKind, tuple[str, ...]]] = {
    ComparedKind.PIPELINES: ("name", "sort", "is_default"),
    ComparedKind.STAGES: ("name", "sort", "meaning", "color"),
    ComparedKind.DICTIONARIES: ("name", "sort"),
    ComparedKind.STANDARD_FIELDS: ("type", "multiple", "mandatory"),
    ComparedKind.USER_FIELDS: ("labels", "type", "multiple", "mandatory", "sort", "settings"),
    ComparedKind.LIST_VALUES: ("sort", "default"),
}
# ``None`` where they were not read.
_MAY_BE_UNKNOWN: Final = frozenset({"sort", "default"})


class Doubt(StrEnum):
    """Why something was not compared or, for the last two, why what only the other side shows is not told."""

    HERE_UNREAD = "here_unread"
    THERE_UNREAD = "there_unread"
    BOTH_UNREAD = "both_unread"
    HERE_LIMITED = "here_limited"
    THERE_LIMITED = "there_limited"


@dataclass(frozen=True, slots=True)
class Gap:
    """A kind (of one entity, for fields) that was not compared, or not wholly, and why."""

    kind: Kind
    entity_type: str | None
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Named:
    """An item as one side knows it."""

    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """An item that only one side has, or that both have and not alike. ``edits`` lead from here to there."""

    kind: ComparedKind
    here: Named | None
    there: Named | None
    edits: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What differs, in the order of the specification, and what could not be told."""

    pairs: tuple[Pair, ...]
    gaps: tuple[Gap, ...]


_DOUBTS: Final[Mapping[WhyNot, Doubt]] = {
    WhyNot.OLD_UNREAD: Doubt.HERE_UNREAD,
    WhyNot.NEW_UNREAD: Doubt.THERE_UNREAD,
    WhyNot.BOTH_UNREAD: Doubt.BOTH_UNREAD,
    WhyNot.FEWER_RIGHTS: Doubt.THERE_LIMITED,
    WhyNot.MORE_RIGHTS: Doubt.HERE_LIMITED,
}


def compare_versions(here: Snapshot, there: Snapshot) -> SideBySide:
    """Two versions of one portal, whose items are recognised by id (``shared.domain.diff``)."""
    comparison = diff(here, there)
    by_item = groupby(comparison.changes, key=lambda change: (change.kind, change.op, _named(change)))
    return SideBySide(
        tuple(_pair(kind, op, named, tuple(changes)) for (kind, op, named), changes in by_item),
        tuple(Gap(gap.kind, gap.entity_type, _DOUBTS[gap.why]) for gap in comparison.not_compared),
    )


def may_be_left_out(same: AbstractSet[PartKey]) -> AbstractSet[PartKey]:
    """Of the parts that are the same in both versions, those ``compare_versions`` tells the same without.

    That holds where the rest ``speak_alike``. What other items belong to and are named by stays.
    """
    return same - {TYPES, _PIPELINES, _STAGES}


def without_labels(parts: AbstractSet[PartKey]) -> AbstractSet[PartKey]:
    """Of these parts, those in which no label is: whether the rest ``speak_alike`` is nothing to them."""
    return {part for part in parts if part[0] is not Kind.USER_FIELDS}


def speak_alike(here: Snapshot, there: Snapshot) -> bool:
    """True where labels in parts that were left out do not matter, since the others are in the same languages."""
    return label_languages(here) == label_languages(there)


def compare_portals(here: Snapshot, there: Snapshot) -> SideBySide:
    """Two portals, whose items are recognised by portable names (``shared.domain.portable``).

    - Whatever is inside an item that only one portal has is implied by it and not told.
    - What only one portal shows is told if the other was read with all rights, or it might be there unseen.
    """
    ours, theirs = Portable(here), Portable(there)
    doubts = _doubts(ours, theirs)
    meet = _nameless_defaults(ours, theirs) & _nameless_defaults(theirs, ours)
    without = doubts.keys() | _of_one_full_read(ours, theirs)
    before, after = (side.items(without=without, defaults_meet=meet) for side in (ours, theirs))
    alone = before.keys() ^ after.keys()
    reordered = moved(before, after)
    limited: dict[PartKey, Doubt] = {}
    pairs: list[Pair] = []
    for identity, item in (before | after).items():
        mine, yours = before.get(identity), after.get(identity)
        if mine and yours:
            edits = tuple(_edits(mine, yours, is_moved=identity in reordered))
            if edits:
                pairs.append(Pair(item.kind, _named(mine), _named(yours), edits))
        elif item.parents & alone:
            continue
        elif (ours if yours else theirs).sees_all:
            pairs.append(Pair(item.kind, None if yours else _named(item), _named(item) if yours else None))
        else:
            limited[item.part] = Doubt.HERE_LIMITED if yours else Doubt.THERE_LIMITED
    kinds = list(ComparedKind)
    pairs.sort(key=lambda pair: kinds.index(pair.kind))
    gaps = [Gap(kind, ours.key_of(name), why) for (kind, name), why in doubts.items()]
    return SideBySide(tuple(pairs), (*gaps, *(Gap(*part, why) for part, why in limited.items())))


def _doubts(ours: Portable, theirs: Portable) -> dict[PartKey, Doubt]:
    """The parts that cannot be compared."""
    found: dict[PartKey, Doubt] = {}
    silent = _of_one_full_read(ours, theirs)
    for part in dict.fromkeys((*_PARTS, *ours.field_parts(), *theirs.field_parts())):
        kind, name = part
        if part in silent:
            continue
        if kind is Kind.USER_FIELDS and TYPES not in found and ours.has(name) != theirs.has(name):
            # Only one portal has such an entity type, which implies its fields.
            continue
        doubt = _doubt(ours.state(part), theirs.state(part))
        if kind is Kind.STAGES:
            # A stage is recognised inside its pipeline.
            doubt = doubt or found.get(_PIPELINES)
        if doubt:
            found[part] = doubt
    return found


def _of_one_full_read(ours: Portable, theirs: Portable) -> AbstractSet[PartKey]:
    """The parts that only full reads bring and only one of the two did, which says nothing about the other portal."""
    differing = set(ours.field_parts()) ^ set(theirs.field_parts())
    return {part for part in differing if part[0] is Kind.STANDARD_FIELDS}


def _doubt(here: State | None, there: State | None) -> Doubt | None:
    if here is there is State.NOT_AVAILABLE:
        return None
    if here is not State.COMPLETE:
        return Doubt.HERE_UNREAD if there is State.COMPLETE else Doubt.BOTH_UNREAD
    return None if there is State.COMPLETE else Doubt.THERE_UNREAD


def _nameless_defaults(side: Portable, other: Portable) -> set[str]:
    """Entities whose default pipeline has no namesake in the other portal: each portal has a default of its own."""
    known = other.pipelines()
    return {
        entity
        for (entity, name), is_default in side.pipelines().items()
        if is_default and (entity, name) not in known
    }


def _edits(here: Item, there: Item, *, is_moved: bool) -> Iterator[Change]:
    for attribute in _COMPARED.get(here.kind, ()):
        was, now = here.attributes.get(attribute), there.attributes.get(attribute)
        if was == now or (attribute == "sort" and not is_moved):
            continue
        if is_unread(here, there, attribute) or (
            attribute in _MAY_BE_UNKNOWN and (was is None or now is None)
        ):
            continue
        if attribute == "labels" and _same_where_both_have_one(was or {}, now or {}):
            continue
        item = _named(there)
        yield Change(
            there.kind, item.entity_type, item.item_id, item.code, item.label, Op.EDITED, attribute, was, now
        )


def _same_where_both_have_one(was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """True for labels that differ in nothing but which languages there are: each portal has those of its people."""
    common = was.keys() & now.keys()
    return bool(common) and all(was[language] == now[language] for language in common)


def _named(item: Item | Change) -> Named:
    return Named(item.entity_type, item.item_id, item.code, item.label)


def _pair(kind: ComparedKind, op: Op, named: Named, changes: tuple[Change, ...]) -> Pair:
    match op:
        case Op.ADDED:
            return Pair(kind, None, named)
        case Op.REMOVED:
            return Pair(kind, named, None)
        case Op.EDITED:
            return Pair(kind, named, named, changes)
