"""Losses too large to accept after one read: when many items are missing, the answer is more likely to be faulty."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.coverage import Kind
from shared.domain.identity import Identity, Item, items_of
from shared.domain.parts import Items, PartKey, with_parts
from shared.domain.snapshot import Snapshot
from shared.domain.stages import with_stages_of

# A loss is accepted if a second complete read, at least this much later, lacks the same items.
CONFIRM_AFTER = timedelta(seconds=60)
# A loss is doubted if it exceeds both: this number of items and this share of a kind.
_MOST_LOST = 5
_LARGEST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Doubt:
    """The items missing from a part since the complete read at ``since``, not yet accepted as removed."""

    since: datetime
    missing: frozenset[str]


def doubts(
    read: Snapshot,
    known_parts: Mapping[PartKey, Items],
    complete: Mapping[PartKey, Items],
    *,
    earlier: Mapping[PartKey, Doubt],
) -> dict[PartKey, Doubt]:
    """Of the parts read completely, those that lost too many known items to accept the loss yet.

    A part is doubted if a kind in it lost all its items, or more than five and more than 30 % of them. Items inside a
    removed item (the stages of a pipeline) do not count as a loss. Items inside a doubted item are doubted as well. A
    loss that was doubted ``CONFIRM_AFTER`` ago and still exists is accepted.
    """
    differing = sorted(
        (key for key in complete if known_parts.get(key, ()) != complete[key]), key=_owners_first
    )
    if not differing:
        return {}
    old, new = with_parts(read, known_parts), with_parts(read, {**known_parts, **complete})
    pipelines = old.pipelines + new.pipelines
    before, after = (_by_part(with_stages_of(side, pipelines)) for side in (old, new))
    present = {item.identity for key in differing for item in after[key]}
    lost = {item.identity for key in differing for item in before[key]} - present
    doubted: dict[PartKey, Doubt] = {}
    in_doubt: set[Identity] = set()
    for key in differing:
        last, gone = earlier.get(key), [item for item in before[key] if item.identity in lost]
        own = [item for item in before[key] if not item.parents & lost]
        settled = last.missing if last is not None and _is_old(last, read) else frozenset()
        unsettled = [item for item in own if _name(item) not in settled]
        if any(item.parents & in_doubt for item in gone) or _is_too_much(unsettled, after[key], lost):
            # All missing items count: once the removal of an owner is accepted, its items have none at the next read.
            doubted[key] = _doubt(read, frozenset(map(_name, gone)), last)
            in_doubt.update(item.identity for item in gone)
    return doubted


def _is_old(doubt: Doubt, read: Snapshot) -> bool:
    return read.read_at - doubt.since >= CONFIRM_AFTER


def _doubt(read: Snapshot, missing: frozenset[str], last: Doubt | None) -> Doubt:
    """The doubt about these missing items. A recent doubt about some of them keeps its time and covers only those."""
    if last is not None and not _is_old(last, read) and last.missing & missing:
        return Doubt(last.since, last.missing & missing)
    return Doubt(read.read_at, missing)


def _is_too_much(before: Collection[Item], after: Collection[Item], lost: Collection[Identity]) -> bool:
    had = Counter(item.kind for item in before)
    gone = Counter(item.kind for item in before if item.identity in lost)
    kinds_left = {item.kind for item in after}
    return any(
        (count == had[kind] and kind not in kinds_left)
        or (count > _MOST_LOST and count > _LARGEST_SHARE * had[kind])
        for kind, count in gone.items()
    )


def _by_part(snapshot: Snapshot) -> Mapping[PartKey, list[Item]]:
    by_part: dict[PartKey, list[Item]] = defaultdict(list)
    for item in items_of(snapshot):
        by_part[item.part].append(item)
    return by_part


def _owners_first(key: PartKey) -> tuple[int, str]:
    kind, entity_type = key
    return list(Kind).index(kind), entity_type or ""


def _name(item: Item) -> str:
    return "/".join(map(str, item.identity))
