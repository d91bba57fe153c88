"""What is different between two sides, and what the two cannot tell: two reads of one portal, to begin with.

Changes are concluded only where both reads were complete and the later reader saw at least as much as the earlier
one. Items of one portal are recognised by its ids, so a rename is one edit. Two portals: ``shared.domain.compare``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from shared.domain.coverage import Kind, State
from shared.domain.identity import ComparedKind, Identity, Item, field_identity, is_unread, items_of
from shared.domain.moves import moved
from shared.domain.nothing import says_the_same
from shared.domain.order import in_business_order
from shared.domain.parts import PartKey
from shared.domain.snapshot import Snapshot
from shared.domain.speech import in_one_language, is_of_the_portal, languages_that_tell, renamed
from shared.domain.stages import with_stages_of


class Op(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``attribute``, ``before`` and ``after`` speak of an edit and are ``None`` otherwise.

    ``inside`` is what came or went along with something added or removed: a list of ``id``, ``code`` and ``label``
    for each kind; ``None`` where there was nothing.
    """

    kind: ComparedKind
    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None
    op: Op
    attribute: str | None = None
    before: Any = None
    after: Any = None
    inside: Mapping[str, Any] | None = None


class WhyNot(StrEnum):
    """Why nothing can be concluded about a kind.

    With ``MORE_RIGHTS`` that holds for what appeared only. Of two portals ``FEWER_RIGHTS`` likewise speaks only of
    what the new side does not show; of two reads of one portal, of the whole kind.
    """

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
class Difference:
    """An item that only one side has, or that both have and not alike. ``changes`` lead from old to new."""

    kind: ComparedKind
    old: Item | None
    new: Item | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, in the order of the specification, and what could not be told.

    Snapshots that are wholly read and equal have neither.
    """

    differences: tuple[Difference, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The differences one by one: several for an item that was edited in several ways."""
        return tuple(change for difference in self.differences for change in difference.changes)


Items = Mapping[Identity, Item]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms two sides are held against each other.

    What appeared is told where the old side ``saw_all``, what is gone where the new one did. ``languages`` are those
    whose labels tell (``languages_that_tell``). ``means_something`` is false for edits that say nothing to whoever
    asks; without it each says something.
    """

    old_saw_all: bool
    new_saw_all: bool
    is_one_language: bool
    languages: AbstractSet[str] | None
    means_something: Callable[[Item, Item, str], bool] | None


def diff(old: Snapshot, new: Snapshot) -> Comparison:
    """Every difference between two reads of one portal, in the order of the specification.

    Of stages whose pipeline neither side knows nothing is told (``shared.domain.stages``). What only a reader with
    more rights than the earlier one sees may have been there before: it is no addition. See ``differences``.
    """
    pipelines = old.pipelines + new.pipelines
    old, new = (in_business_order(with_stages_of(side, pipelines)) for side in (old, new))
    parts = _parts(old, new)
    gaps = {part: why for part, why in parts.items() if why is not None}
    same_lists = _same_lists(old, new)
    before, after = (
        {
            item.identity: item
            for item in items_of(side, but_values_of=same_lists)
            if item.part in parts and item.part not in gaps
        }
        for side in (old, new)
    )
    agreed = terms(old, new, old_saw_all=old.reader.sees_at_least(new.reader), new_saw_all=True)
    told, untold = differences(before, after, agreed)
    not_compared = (*gaps.items(), *untold)
    return Comparison(told, tuple(NotCompared(*part, why) for part, why in not_compared))


def terms(
    old: Snapshot,
    new: Snapshot,
    *,
    old_saw_all: bool,
    new_saw_all: bool,
    means_something: Callable[[Item, Item, str], bool] | None = None,
) -> Terms:
    """The terms for these two sides, with the languages that can be seen in the names they brought."""
    one_language, languages = in_one_language(old, new), languages_that_tell(old, new)
    return Terms(old_saw_all, new_saw_all, one_language, languages, means_something)


def differences(
    before: Items, after: Items, terms: Terms
) -> tuple[tuple[Difference, ...], tuple[tuple[PartKey, WhyNot], ...]]:
    """What differs between items that are the same where their identity is, and of which parts something is not told.

    - An item inside something that came or went (a stage of a new pipeline, a value of a removed field) is named by
      that one's change and not listed, nor what changed about it: portals keep stages of removed pipelines.
    - Moving one item is one change even where the portal renumbered its neighbours (``shared.domain.moves``).
    - What the portal names by itself is compared where both reads were in one language (``shared.domain.speech``).
    - What is empty on one side and absent on the other is the same (``shared.domain.nothing``).
    """
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    came_or_went, reordered = gone | come, moved(before, after)
    were_inside, are_inside = _inside(before, gone), _inside(after, come)
    told: dict[ComparedKind, list[Difference]] = {kind: [] for kind in ComparedKind}
    untold: dict[tuple[PartKey, WhyNot], None] = {}
    for identity, item in after.items():
        if item.parents & came_or_went:
            continue
        earlier = before.get(identity)
        if earlier is not None:
            edits = tuple(_edits(earlier, item, terms, is_moved=identity in reordered))
            if edits:
                told[item.kind].append(Difference(item.kind, earlier, item, edits))
        elif terms.old_saw_all:
            added = replace(_change(item, Op.ADDED), inside=are_inside.get(identity))
            told[item.kind].append(Difference(item.kind, None, item, (added,)))
        else:
            untold[item.part, WhyNot.MORE_RIGHTS] = None
    for identity in (identity for identity in before if identity in gone):
        item = before[identity]
        if item.parents & came_or_went:
            continue
        if terms.new_saw_all:
            removed = replace(_change(item, Op.REMOVED), inside=were_inside.get(identity))
            told[item.kind].append(Difference(item.kind, item, None, (removed,)))
        else:
            untold[item.part, WhyNot.FEWER_RIGHTS] = None
    return tuple(difference for kind in ComparedKind for difference in told[kind]), tuple(untold)


def _parts(old: Snapshot, new: Snapshot) -> dict[PartKey, WhyNot | None]:
    """Everything that should be compared, each with the reason why it cannot be or ``None``."""
    was = {entry.key: entry.state for entry in old.coverage}
    now = {entry.key: entry.state for entry in new.coverage}
    enough_rights = new.reader.sees_at_least(old.reader)
    # A kind that a receipt does not mention was not read, but for what only full reads mention: there it says nothing.
    always = ((kind, None) for kind in Kind if not kind.is_per_entity)
    silent = {part for part in was.keys() ^ now.keys() if part[0] is Kind.STANDARD_FIELDS}
    parts = {
        part: why_not(was.get(part), now.get(part), enough_rights=enough_rights)
        for part in dict.fromkeys((*was, *now, *always))
        if part[0] is not Kind.PORTAL and part not in silent
    }
    for entity_type in {row.key for row in old.entity_types} ^ {row.key for row in new.entity_types}:
        fields = (Kind.USER_FIELDS, entity_type)
        if fields in parts and not (fields in was and fields in now):
            # They came or went with their entity type, as far as that can be told.
            parts[fields] = parts[Kind.ENTITY_TYPES, None]
    return parts


def why_not(was: State | None, now: State | None, *, enough_rights: bool = True) -> WhyNot | None:
    """Why a part that was read like this cannot be compared; ``None`` for one that can."""
    if was is now is State.NOT_AVAILABLE:
        return None
    if was is not State.COMPLETE:
        return WhyNot.OLD_UNREAD if now is State.COMPLETE else WhyNot.BOTH_UNREAD
    if now is not State.COMPLETE:
        return WhyNot.NEW_UNREAD
    return None if enough_rights else WhyNot.FEWER_RIGHTS


def _same_lists(old: Snapshot, new: Snapshot) -> set[Identity]:
    """Fields with the same list on both sides: most of all items are values, and there is nothing to tell of these."""
    was, now = (
        {field_identity(row): row.values for row in side.user_fields if row.values} for side in (old, new)
    )
    return {field for field in was.keys() & now.keys() if was[field] == now[field]}


def _inside(items: Items, owners: Collection[Identity]) -> Mapping[Identity, Mapping[str, Any]]:
    """What is inside each of these, by kind, in its order. Standard fields are left out: any entity type has some."""
    inside: dict[Identity, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for item in items.values() if owners else ():
        if item.kind is not ComparedKind.STANDARD_FIELDS:
            for owner in item.parents.intersection(owners):
                row = {"id": item.item_id, "code": item.code, "label": item.label}
                inside[owner][item.kind.value].append(row)
    return {owner: dict(kinds) for owner, kinds in inside.items()}


def _edits(was: Item, now: Item, terms: Terms, *, is_moved: bool) -> Iterator[Change]:
    for attribute, after in now.attributes.items():
        before = was.attributes[attribute]
        if before == after or (attribute == "sort" and not is_moved) or says_the_same(before, after):
            continue
        if _follows(was, now, attribute):
            continue
        if not terms.is_one_language and is_of_the_portal(was, now, attribute):
            continue
        if attribute == "labels" and not renamed(before, after, terms.languages):
            continue
        if terms.means_something is not None and not terms.means_something(was, now, attribute):
            continue
        yield _change(now, Op.EDITED, attribute, before, after)


def _follows(was: Item, now: Item, attribute: str) -> bool:
    """True for what differs because of something else: it was not read, or the portal derives it from the code."""
    return is_unread(was, now, attribute) or (attribute == "api_name" and was.code != now.code)


def _change(
    item: Item, op: Op, attribute: str | None = None, before: Any = None, after: Any = None
) -> Change:
    return Change(
        item.kind, item.entity_type, item.item_id, item.code, item.label, op, attribute, before, after
    )
