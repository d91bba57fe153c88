"""Comparisons written shortly."""

from __future__ import annotations

from typing import Any

from shared.domain.compare import compare_portals
from shared.domain.diff import Change, Comparison, Op, diff
from shared.domain.snapshot import Snapshot


def changes(old: Snapshot, new: Snapshot) -> list[Change]:
    """The changes between two snapshots about which nothing was left open."""
    comparison = diff(old, new)
    assert comparison.not_compared == ()
    return list(comparison.changes)


def edits(old: Snapshot, new: Snapshot) -> list[tuple[Any, ...]]:
    """Edits as (kind, id, attribute, before, after), everything else as (op, kind, id)."""
    return [short(change) for change in changes(old, new)]


def short(change: Change) -> tuple[Any, ...]:
    if change.op is Op.EDITED:
        return (change.kind.value, change.item_id, change.attribute, change.before, change.after)
    return (change.op.value, change.kind.value, change.item_id)


def told(comparison: Comparison) -> list[tuple[Any, ...]]:
    """Each difference as its kind, the codes on both sides and what differs."""
    return [
        (
            one.kind.value,
            one.old and one.old.code,
            one.new and one.new.code,
            *((change.attribute, change.before, change.after) for change in one.changes if change.attribute),
        )
        for one in comparison.differences
    ]


def between(here: Snapshot, there: Snapshot) -> list[tuple[Any, ...]]:
    """What is different between two portals about which nothing was left open."""
    comparison = compare_portals(here, there)
    assert comparison.not_compared == ()
    return told(comparison)
