"""Finds the items that were moved, even if the portal renumbered a whole list to move one."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from shared.domain.identity import Identity, Item, is_unread

Key = TypeVar("Key", bound=Hashable)


def moved(before: Mapping[Identity, Item], after: Mapping[Identity, Item]) -> frozenset[Identity]:
    """The items whose new ``sort`` is a change to report.

    - In a reordered list these are the fewest items that explain the new order. An item that kept its number is never
      one of them.
    - If an item was added or removed and exactly the items behind it got new numbers, no item was moved.
    - If numbers changed but the order did not, the items with changed numbers are reported.

    Both mappings hold the items of every list in its order. The outcome is the same with the two exchanged.
    """
    old_lists = _lists(before)
    moved_items: set[Identity] = set()
    for owner, siblings in _lists(after).items():
        moved_items |= _moved_in_list(old_lists.get(owner, []), siblings, before, after)
    return frozenset(moved_items)


def _lists(items: Mapping[Identity, Item]) -> dict[Identity, list[Identity]]:
    lists: dict[Identity, list[Identity]] = defaultdict(list)
    for identity, item in items.items():
        if "sort" in item.attributes:
            lists[item.kind, *item.owner].append(identity)
    return lists


def _moved_in_list(
    old: Sequence[Identity],
    new: Sequence[Identity],
    before: Mapping[Identity, Item],
    after: Mapping[Identity, Item],
) -> set[Identity]:
    was = [identity for identity in old if identity in after]
    now = [identity for identity in new if identity in before]
    renumbered = {
        identity
        for identity in now
        if before[identity].attributes["sort"] != after[identity].attributes["sort"]
        and not is_unread(before[identity], after[identity], "sort")
    }
    if not renumbered:
        return set()
    if was == now:
        return set() if renumbered == _behind_the_first_gap(old, new, before) else renumbered
    ahead_before = _ahead(was, renumbered)
    ahead_after = _ahead(now, renumbered)
    # An item that passed a neighbour with an unchanged number was moved; of the others as few as possible.
    rest = [identity for identity in now if ahead_before[identity] == ahead_after[identity]]
    return renumbered - in_the_same_order(was, rest)


def _behind_the_first_gap(
    old: Sequence[Identity], new: Sequence[Identity], before: Mapping[Identity, Item]
) -> set[Identity]:
    """The remaining items behind the first added or removed one: a portal renumbers them to make room."""
    for position, (was, now) in enumerate(zip(old, new, strict=False)):
        if was != now:
            return {identity for identity in new[position:] if identity in before}
    return set()


def _ahead(order: Iterable[Identity], renumbered: Collection[Identity]) -> dict[Identity, int]:
    """For every item, the number of items before it whose number did not change."""
    ahead: dict[Identity, int] = {}
    count = 0
    for identity in order:
        ahead[identity] = count
        count += identity not in renumbered
    return ahead


def in_the_same_order(was: Sequence[Key], now: Sequence[Key]) -> set[Key]:
    """A largest set of keys of ``now`` that have the same order in ``was``.

    Of several largest sets it is always the same one, also with ``was`` and ``now`` exchanged.
    """
    old = {key: position for position, key in enumerate(was)}
    new = {key: position for position, key in enumerate(now)}
    # The layer of a key is the length of the longest run that ends with it (patience sorting).
    layers: list[list[Key]] = []
    ends: list[int] = []
    for key in now:
        layer = bisect_left(ends, old[key])
        if layer == len(layers):
            layers.append([])
            ends.append(0)
        layers[layer].append(key)
        ends[layer] = old[key]
    run: list[Key] = []
    for candidates in reversed(layers):
        before_run = [
            key for key in candidates if not run or (old[key] < old[run[-1]] and new[key] < new[run[-1]])
        ]
        run.append(min(before_run, key=repr))
    return set(run)
