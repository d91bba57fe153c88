"""What changed between two snapshots, and what the two cannot tell.

Changes are concluded only where both reads were complete and the later reader saw at least as much as the earlier
one. Items are recognised by the portal's ids, so a rename is one edit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.domain.coverage import Kind, State
from shared.domain.identity import ComparedKind, Identity, Item, field_identity, is_unread, items_of
from shared.domain.moves import moved
from shared.domain.order import in_business_order
from shared.domain.parts import PartKey
from shared.domain.snapshot import Reader, Snapshot
from shared.domain.speech import in_one_language, is_of_the_portal
from shared.domain.stages import with_stages_of


class Op(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``attribute``, ``before`` and ``after`` speak of an edit and are ``None`` otherwise."""

    kind: ComparedKind
    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None
    op: Op
    attribute: str | None = None
    before: Any = None
    after: Any = None


class WhyNot(StrEnum):
    """Why nothing can be concluded about a kind or, with ``MORE_RIGHTS``, nothing from what appeared in it."""

    OLD_UNREAD = "old_unread"
    NEW_UNREAD = "new_unread"
    BOTH_UNREAD = "both_unread"
    FEWER_RIGHTS = "fewer_rights"
    MORE_RIGHTS = "more_rights"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A kind (of one entity, for fields) that was not compared, or not wholly, and why."""

    kind: Kind
    entity_type: str | None
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of ``diff``. Snapshots that are wholly read and equal have neither changes nor gaps."""

    changes: tuple[Change, ...]
    not_compared: tuple[NotCompared, ...]


Items = Mapping[Identity, Item]


def diff(old: Snapshot, new: Snapshot, *, by_code: bool = False) -> Comparison:
    """Every difference between two snapshots, in the order of the specification.

    - An item inside something that came or went (a stage of a new pipeline, a value of a removed field) is implied
      by it and not listed, nor what changed about it: portals keep stages of removed pipelines.
    - Moving one item is one change even where the portal renumbered its neighbours (``shared.domain.moves``).
    - Of stages whose pipeline neither side knows nothing is told (``shared.domain.stages``).
    - What the portal names by itself is compared where both reads were in one language (``shared.domain.speech``).
    - What only a reader with more rights than the earlier one sees may have been there before: it is no addition.

    ``by_code`` recognises items by code instead of id, for two different portals; it leaves out people and
    departments, who have no code.
    """
    pipelines = old.pipelines + new.pipelines
    old, new = (in_business_order(with_stages_of(side, pipelines)) for side in (old, new))
    parts = _parts(old, new, by_code=by_code)
    gaps = {part: why for part, why in parts.items() if why is not None}
    compared = parts.keys() - gaps.keys()
    same_lists = set() if by_code else _same_lists(old, new)
    before, after = (
        _items(items_of(side, by_code=by_code, but_values_of=same_lists), compared) for side in (old, new)
    )
    came_or_went = {
        identity for kind in ComparedKind for identity in before[kind].keys() ^ after[kind].keys()
    }
    old_saw_all = _sees_at_least(old.reader, new.reader, by_code=by_code)
    is_one_language, languages = in_one_language(old, new), _languages_that_tell(old, new)
    changes: list[Change] = []
    for kind in ComparedKind:
        found = _changes(before[kind], after[kind], is_one_language=is_one_language, languages=languages)
        for item, change in found:
            if item.parents & came_or_went:
                continue
            if change.op is Op.ADDED and not old_saw_all:
                gaps[item.part] = WhyNot.MORE_RIGHTS
                continue
            changes.append(change)
    return Comparison(tuple(changes), tuple(NotCompared(*part, why) for part, why in gaps.items()))


def _parts(old: Snapshot, new: Snapshot, *, by_code: bool) -> dict[PartKey, WhyNot | None]:
    """Everything that should be compared, each with the reason why it cannot be or ``None``."""
    was = {entry.key: entry.state for entry in old.coverage}
    now = {entry.key: entry.state for entry in new.coverage}
    enough_rights = _sees_at_least(new.reader, old.reader, by_code=by_code)
    left_out = {Kind.PORTAL, Kind.USERS, Kind.DEPARTMENTS} if by_code else {Kind.PORTAL}
    # A kind that a receipt does not mention was not read, but for what only full reads mention: there it says nothing.
    always = ((kind, None) for kind in Kind if not kind.is_per_entity)
    silent = {part for part in was.keys() ^ now.keys() if part[0] is Kind.STANDARD_FIELDS}
    found = {
        part: _why_not(was.get(part), now.get(part), enough_rights=enough_rights)
        for part in dict.fromkeys((*was, *now, *always))
        if part[0] not in left_out and part not in silent
    }
    for entity_type in {row.key for row in old.entity_types} ^ {row.key for row in new.entity_types}:
        fields = (Kind.USER_FIELDS, entity_type)
        if fields in found and not (fields in was and fields in now):
            # They came or went with their entity type, as far as that can be told.
            found[fields] = found[Kind.ENTITY_TYPES, None]
    return found


def _why_not(was: State | None, now: State | None, *, enough_rights: bool) -> WhyNot | None:
    if was is now is State.NOT_AVAILABLE:
        return None
    if was is not State.COMPLETE:
        return WhyNot.OLD_UNREAD if now is State.COMPLETE else WhyNot.BOTH_UNREAD
    if now is not State.COMPLETE:
        return WhyNot.NEW_UNREAD
    return None if enough_rights else WhyNot.FEWER_RIGHTS


def _sees_at_least(reader: Reader, other: Reader, *, by_code: bool) -> bool:
    # On another portal the same number is another person.
    return reader.admin if by_code else reader.sees_at_least(other)


def _same_lists(old: Snapshot, new: Snapshot) -> set[Identity]:
    """Fields with the same list on both sides: most of all items are values, and there is nothing to tell of these."""
    was, now = (
        {field_identity(row): row.values for row in side.user_fields if row.values} for side in (old, new)
    )
    return {field for field in was.keys() & now.keys() if was[field] == now[field]}


def _items(items: Iterable[Item], parts: Collection[PartKey]) -> dict[ComparedKind, Items]:
    found: dict[ComparedKind, dict[Identity, Item]] = {kind: {} for kind in ComparedKind}
    for item in items:
        if item.part in parts:
            found[item.kind][item.identity] = item
    return dict(found)


def label_languages(snapshot: Snapshot) -> set[str]:
    """The languages the labels of its fields are in."""
    return {language for field in snapshot.user_fields for language in field.labels}


def _languages_that_tell(old: Snapshot, new: Snapshot) -> set[str] | None:
    """What both sides have labels in where those were read in different languages; ``None`` where they were not."""
    was, now = label_languages(old), label_languages(new)
    return was & now if was and now and was != now else None


def _changes(
    before: Items, after: Items, *, is_one_language: bool, languages: set[str] | None
) -> Iterator[tuple[Item, Change]]:
    reordered = moved(before, after)
    for identity, item in after.items():
        earlier = before.get(identity)
        if earlier is None:
            yield item, _change(item, Op.ADDED)
            continue
        for attribute, value in item.attributes.items():
            was = earlier.attributes[attribute]
            if was == value or (attribute == "sort" and identity not in reordered):
                continue
            if _follows(earlier, item, attribute):
                continue
            if not is_one_language and is_of_the_portal(earlier, item, attribute):
                continue
            if attribute == "labels" and languages is not None and not _renamed(was, value, languages):
                continue
            yield item, _change(item, Op.EDITED, attribute, was, value)
    for identity, item in before.items():
        if identity not in after:
            yield item, _change(item, Op.REMOVED)


def _follows(earlier: Item, item: Item, attribute: str) -> bool:
    """True for what differs because of something else: it was not read, or the portal derives it from the code."""
    return is_unread(earlier, item, attribute) or (attribute == "api_name" and earlier.code != item.code)


def _renamed(was: Mapping[str, str], now: Mapping[str, str], languages: Collection[str]) -> bool:
    """True for labels of reads in different languages that differ nevertheless.

    One that only one side has proves nothing: who has a label in the reader's language is not asked for others. But
    who has no label at all was asked in every language of the read.
    """
    if was and now:
        return any(was[language] != now[language] for language in was.keys() & now.keys())
    return any(language in languages for language in (was or now))


def _change(
    item: Item, op: Op, attribute: str | None = None, before: Any = None, after: Any = None
) -> Change:
    return Change(
        item.kind, item.entity_type, item.item_id, item.code, item.label, op, attribute, before, after
    )
