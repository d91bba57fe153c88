"""What changed between two snapshots, and what the two cannot tell.

Deletions, additions and edits are concluded only where both reads were complete and the later reader saw at least
as much as the earlier one. Items are recognised by the portal's ids, so a rename is one edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.domain.coverage import Kind, State
from shared.domain.identity import ComparedKind, Item, items_of
from shared.domain.moves import moved
from shared.domain.snapshot import Snapshot


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
    """Why nothing can be concluded about a kind."""

    OLD_UNREAD = "old_unread"
    NEW_UNREAD = "new_unread"
    BOTH_UNREAD = "both_unread"
    FEWER_RIGHTS = "fewer_rights"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A kind (of one entity, for user fields) that was left out of the comparison, and why."""

    kind: Kind
    entity_type: str | None
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of ``diff``. Equal snapshots have neither changes nor gaps."""

    changes: tuple[Change, ...]
    not_compared: tuple[NotCompared, ...]


def diff(old: Snapshot, new: Snapshot, *, by_code: bool = False) -> Comparison:
    """Every difference between two snapshots, in the order of the specification.

    An item inside something that came or went (a stage of a new pipeline, a value of a removed field) is implied
    by it and not listed. Moving one item is one change even where the portal renumbered its neighbours.
    ``by_code`` recognises items by code instead of id, for two different portals.
    """
    gaps = tuple(_gaps(old, new))
    closed = {(gap.kind, gap.entity_type) for gap in gaps}
    before = _open_items(old, closed, by_code=by_code)
    after = _open_items(new, closed, by_code=by_code)
    changes = [change for kind in ComparedKind for change in _changes_of(before[kind], after[kind])]
    came_or_went = {
        identity for kind in ComparedKind for identity in before[kind].keys() ^ after[kind].keys()
    }
    kept = (change for change, item in changes if not (item.parents & came_or_went) or change.op is Op.EDITED)
    return Comparison(tuple(kept), gaps)


def _gaps(old: Snapshot, new: Snapshot) -> Iterator[NotCompared]:
    was = {entry.key: entry.state for entry in old.coverage}
    now = {entry.key: entry.state for entry in new.coverage}
    enough = new.reader.sees_at_least(old.reader)
    entity_types = (Kind.ENTITY_TYPES, None)
    types_gap = _why_not(was.get(entity_types), now.get(entity_types), enough=enough)
    for key in dict.fromkeys((*was, *now)):
        kind, entity_type = key
        if kind is Kind.PORTAL:
            continue
        if entity_type is not None and not (key in was and key in now):
            # Where the entity type itself came or went its fields did with it; where that is not certain, nothing is.
            why = types_gap
        else:
            why = _why_not(was.get(key), now.get(key), enough=enough)
        if why is not None:
            yield NotCompared(kind, entity_type, why)


def _why_not(was: State | None, now: State | None, *, enough: bool) -> WhyNot | None:
    match was is State.COMPLETE, now is State.COMPLETE:
        case True, True:
            return None if enough else WhyNot.FEWER_RIGHTS
        case True, False:
            return WhyNot.NEW_UNREAD
        case False, True:
            return WhyNot.OLD_UNREAD
        case _:
            return None if was is now is State.NOT_AVAILABLE else WhyNot.BOTH_UNREAD


Items = Mapping[tuple[Any, ...], Item]


def _open_items(
    snapshot: Snapshot, closed: set[tuple[Kind, str | None]], *, by_code: bool
) -> dict[ComparedKind, Items]:
    found: dict[ComparedKind, dict[tuple[Any, ...], Item]] = {kind: {} for kind in ComparedKind}
    for item in items_of(snapshot, by_code=by_code):
        if item.part not in closed:
            found[item.kind][item.identity] = item
    return dict(found)


def _changes_of(before: Items, after: Items) -> Iterator[tuple[Change, Item]]:
    reordered = moved(before, after)
    for identity, item in after.items():
        earlier = before.get(identity)
        if earlier is None:
            yield _change(item, Op.ADDED), item
            continue
        for attribute, value in item.attributes.items():
            was = earlier.attributes[attribute]
            if was == value or (attribute == "sort" and identity not in reordered):
                continue
            yield _change(item, Op.EDITED, attribute, was, value), item
    for identity, item in before.items():
        if identity not in after:
            yield _change(item, Op.REMOVED), item


def _change(
    item: Item, op: Op, attribute: str | None = None, before: Any = None, after: Any = None
) -> Change:
    return Change(
        item.kind, item.entity_type, item.item_id, item.code, item.label, op, attribute, before, after
    )
