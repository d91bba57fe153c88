"""The differences between two reads of one portal, and the parts that cannot be compared.

A part is compared only if both reads of it were complete and the later reader saw at least as much as the earlier one.
Items are matched by the portal's ids, so a rename is one edit. For two portals see ``shared.domain.compare``.
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
    """One difference. ``attribute``, ``before`` and ``after`` describe an edit and are ``None`` otherwise.

    ``inside`` lists what was added or removed together with the item: rows of ``id``, ``code`` and ``label`` for each
    kind; ``None`` if there was nothing.
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

    ``MORE_RIGHTS``: only additions are not reported. ``FEWER_RIGHTS``: between two portals only removals are not
    reported; between two reads of one portal nothing of the kind is.
    """

    OLD_UNREAD = "old_unread"
    NEW_UNREAD = "new_unread"
    BOTH_UNREAD = "both_unread"
    FEWER_RIGHTS = "fewer_rights"
    MORE_RIGHTS = "more_rights"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A kind (for fields: of one entity type) that was not compared, or only in part, and why."""

    kind: Kind
    entity_type: str | None
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that only one side has, or that differs. ``changes`` lead from old to new."""

    kind: ComparedKind
    old: Item | None
    new: Item | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences in the order of the specification, and the parts that were not compared.

    Both are empty for complete and equal snapshots.
    """

    differences: tuple[Difference, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes in order. An item with several edited attributes has several."""
        return tuple(change for difference in self.differences for change in difference.changes)


Items = Mapping[Identity, Item]


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules for comparing two sides.

    Additions are reported if ``old_saw_all``, removals if ``new_saw_all``. ``languages`` are those whose labels are
    compared (``languages_that_tell``). ``means_something`` returns false for edits to leave out; ``None`` keeps all.
    """

    old_saw_all: bool
    new_saw_all: bool
    is_one_language: bool
    languages: AbstractSet[str] | None
    means_something: Callable[[Item, Item, str], bool] | None


def diff(old: Snapshot, new: Snapshot) -> Comparison:
    """Every difference between two reads of one portal, in the order of the specification.

    Stages whose pipeline neither side knows are not compared (``shared.domain.stages``). An item that only a reader
    with more rights sees may have existed before: it is not reported as an addition. See ``differences``.
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
    comparison_terms = terms(old, new, old_saw_all=old.reader.sees_at_least(new.reader), new_saw_all=True)
    differing, undecided = differences(before, after, comparison_terms)
    not_compared = (*gaps.items(), *undecided)
    return Comparison(differing, tuple(NotCompared(*part, why) for part, why in not_compared))


def terms(
    old: Snapshot,
    new: Snapshot,
    *,
    old_saw_all: bool,
    new_saw_all: bool,
    means_something: Callable[[Item, Item, str], bool] | None = None,
) -> Terms:
    """The terms for these two sides. The languages are derived from their names and labels."""
    one_language, languages = in_one_language(old, new), languages_that_tell(old, new)
    return Terms(old_saw_all, new_saw_all, one_language, languages, means_something)


def differences(
    before: Items, after: Items, terms: Terms
) -> tuple[tuple[Difference, ...], tuple[tuple[PartKey, WhyNot], ...]]:
    """The differences between items, matched by identity, and the parts of which something is not reported.

    - An item inside an added or removed one (a stage of a new pipeline, a value of a removed field) is listed in the
      change of that one only. Its own edits are not reported: portals keep stages of removed pipelines.
    - Moving one item is one change, even if the portal renumbered its neighbours (``shared.domain.moves``).
    - Names given by the portal are compared only if both reads were in one language (``shared.domain.speech``).
    - An empty value equals an absent one (``shared.domain.nothing``).
    """
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    came_or_went, reordered = gone | come, moved(before, after)
    were_inside, are_inside = _inside(before, gone), _inside(after, come)
    by_kind: dict[ComparedKind, list[Difference]] = {kind: [] for kind in ComparedKind}
    undecided: dict[tuple[PartKey, WhyNot], None] = {}
    for identity, item in after.items():
        if item.parents & came_or_went:
            continue
        earlier = before.get(identity)
        if earlier is not None:
            edits = tuple(_edits(earlier, item, terms, is_moved=identity in reordered))
            if edits:
                by_kind[item.kind].append(Difference(item.kind, earlier, item, edits))
        elif terms.old_saw_all:
            added = replace(_change(item, Op.ADDED), inside=are_inside.get(identity))
            by_kind[item.kind].append(Difference(item.kind, None, item, (added,)))
        else:
            undecided[item.part, WhyNot.MORE_RIGHTS] = None
    for identity in (identity for identity in before if identity in gone):
        item = before[identity]
        if item.parents & came_or_went:
            continue
        if terms.new_saw_all:
            removed = replace(_change(item, Op.REMOVED), inside=were_inside.get(identity))
            by_kind[item.kind].append(Difference(item.kind, item, None, (removed,)))
        else:
            undecided[item.part, WhyNot.FEWER_RIGHTS] = None
    return tuple(difference for kind in ComparedKind for difference in by_kind[kind]), tuple(undecided)


def _parts(old: Snapshot, new: Snapshot) -> dict[PartKey, WhyNot | None]:
    """Every part that should be compared, with the reason why it cannot be, or ``None`` if it can."""
    old_states = {entry.key: entry.state for entry in old.coverage}
    new_states = {entry.key: entry.state for entry in new.coverage}
    enough_rights = new.reader.sees_at_least(old.reader)
    # A kind missing from a receipt was not read. Standard fields are an exception: only full reads ask for them.
    always = ((kind, None) for kind in Kind if not kind.is_per_entity)
    silent = {part for part in old_states.keys() ^ new_states.keys() if part[0] is Kind.STANDARD_FIELDS}
    parts = {
        part: why_not(old_states.get(part), new_states.get(part), enough_rights=enough_rights)
        for part in dict.fromkeys((*old_states, *new_states, *always))
        if part[0] is not Kind.PORTAL and part not in silent
    }
    for entity_type in {row.key for row in old.entity_types} ^ {row.key for row in new.entity_types}:
        fields = (Kind.USER_FIELDS, entity_type)
        if fields in parts and not (fields in old_states and fields in new_states):
            # The fields came or went with their entity type, so they are comparable if entity types are.
            parts[fields] = parts[Kind.ENTITY_TYPES, None]
    return parts


def why_not(was: State | None, now: State | None, *, enough_rights: bool = True) -> WhyNot | None:
    """Why a part read in these two states cannot be compared; ``None`` if it can."""
    if was is now is State.NOT_AVAILABLE:
        return None
    if was is not State.COMPLETE:
        return WhyNot.OLD_UNREAD if now is State.COMPLETE else WhyNot.BOTH_UNREAD
    if now is not State.COMPLETE:
        return WhyNot.NEW_UNREAD
    return None if enough_rights else WhyNot.FEWER_RIGHTS


def _same_lists(old: Snapshot, new: Snapshot) -> set[Identity]:
    """Fields with equal list values on both sides. Most items are list values; skipping equal ones saves time."""
    old_values, new_values = (
        {field_identity(row): row.values for row in side.user_fields if row.values} for side in (old, new)
    )
    return {
        field for field in old_values.keys() & new_values.keys() if old_values[field] == new_values[field]
    }


def _inside(items: Items, owners: Collection[Identity]) -> Mapping[Identity, Mapping[str, Any]]:
    """The items inside each owner, by kind, in order, without standard fields: every entity type has some."""
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
    """True if the difference follows from another: it was not read, or the portal derives it from the code."""
    return is_unread(was, now, attribute) or (attribute == "api_name" and was.code != now.code)


def _change(
    item: Item, op: Op, attribute: str | None = None, before: Any = None, after: Any = None
) -> Change:
    return Change(
        item.kind, item.entity_type, item.item_id, item.code, item.label, op, attribute, before, after
    )
