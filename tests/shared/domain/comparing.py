"""Comparisons written shortly."""

from __future__ import annotations

from typing import Any

from shared.domain.diff import Change, Op, diff
from shared.domain.snapshot import Snapshot


def changes(old: Snapshot, new: Snapshot, *, by_code: bool = False) -> list[Change]:
    """The changes between two snapshots about which nothing was left open."""
    comparison = diff(old, new, by_code=by_code)
    assert comparison.not_compared == ()
    return list(comparison.changes)


def edits(old: Snapshot, new: Snapshot) -> list[tuple[Any, ...]]:
    """Edits as (kind, id, attribute, before, after), everything else as (op, kind, id)."""
    return [short(change) for change in changes(old, new)]


def short(change: Change) -> tuple[Any, ...]:
    if change.op is Op.EDITED:
        return (change.kind.value, change.item_id, change.attribute, change.before, change.after)
    return (change.op.value, change.kind.value, change.item_id)
