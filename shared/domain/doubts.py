"""Losses too large to be believed at once: half a kind gone is more often a faulty answer than somebody's work."""

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

# A loss is believed once a second complete read, so much later at least, lacks the same.
CONFIRM_AFTER = timedelta(seconds=60)
# As many items somebody removes in passing, and so large a share of a kind.
_MOST_LOST = 5
_LARGEST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a part has lacked since the complete read at ``since``, without being believed to be gone."""

    since: datetime
    missing: frozenset[str]


def doubts(
    read: Snapshot,
    known: Mapping[PartKey, Items],
    complete: Mapping[PartKey, Items],
    *,
    earlier: Mapping[PartKey, Doubt],
) -> dict[PartKey, Doubt]:
    """Of the parts read completely, those that lost too much of what is known to be believed yet.

    That is a part with none of its items left, or one that lost more than five and more than 30 % of them. What goes
    along with something that is gone (the stages of a pipeline) is no loss of its own, and what would go along with
    something in doubt is in doubt as well. Losses doubted ``CONFIRM_AFTER`` ago and still there are no longer.
    """
    differing = sorted((key for key in complete if known.get(key, ()) != complete[key]), key=_owners_first)
    if not differing:
        return {}
    old, new = with_parts(read, known), with_parts(read, {**known, **complete})
    pipelines = old.pipelines + new.pipelines
    before, after = (_by_part(with_stages_of(side, pipelines)) for side in (old, new))
    present = {item.identity for key in differing for item in after[key]}
    lost = {item.identity for key in differing for item in before[key]} - present
    found: dict[PartKey, Doubt] = {}
    in_doubt: set[Identity] = set()
    for key in differing:
        last, gone = earlier.get(key), [item for item in before[key] if item.identity in lost]
        own = [item for item in before[key] if not item.parents & lost]
        settled = last.missing if last is not None and _is_old(last, read) else frozenset()
        unsettled = [item for item in own if _name(item) not in settled]
        if any(item.parents & in_doubt for item in gone) or _is_too_much(unsettled, after[key], lost):
            # What goes along with something believed to be gone has no owner any more at the next read.
            found[key] = _doubt(read, frozenset(map(_name, gone)), last)
            in_doubt.update(item.identity for item in gone)
    return found


def _is_old(doubt: Doubt, read: Snapshot) -> bool:
    return read.read_at - doubt.since >= CONFIRM_AFTER


def _doubt(read: Snapshot, missing: frozenset[str], last: Doubt | None) -> Doubt:
    """The doubt about what is missing now: still the last one, as far as that is too young to be settled."""
    if last is not None and not _is_old(last, read) and last.missing & missing:
        return Doubt(last.since, last.missing & missing)
    return Doubt(read.read_at, missing)


def _is_too_much(before: Collection[Item], after: Collection[Item], lost: Collection[Identity]) -> bool:
    had = Counter(item.kind for item in before)
    gone = Counter(item.kind for item in before if item.identity in lost)
    left = {item.kind for item in after}
    return any(
        (count == had[kind] and kind not in left)
        or (count > _MOST_LOST and count > _LARGEST_SHARE * had[kind])
        for kind, count in gone.items()
    )


def _by_part(snapshot: Snapshot) -> Mapping[PartKey, list[Item]]:
    found: dict[PartKey, list[Item]] = defaultdict(list)
    for item in items_of(snapshot):
        found[item.part].append(item)
    return found


def _owners_first(key: PartKey) -> tuple[int, str]:
    kind, entity_type = key
    return list(Kind).index(kind), entity_type or ""


def _name(item: Item) -> str:
    return "/".join(map(str, item.identity))
