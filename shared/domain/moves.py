"""Which items were really moved, when the portal renumbered a whole list to move one."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from shared.domain.identity import Identity, Item


def moved(before: Mapping[Identity, Item], after: Mapping[Identity, Item]) -> frozenset[Identity]:
    """The items whose new ``sort`` is news.

    - An item whose neighbours were only renumbered around it is not listed: in a list that was put into another
      order the fewest items that explain the new order are.
    - Where something came or went and exactly the items behind it took new numbers, nobody moved.
    - A changed number that changes no order is listed, for nothing else would show it.
    """
    old_lists = _lists(before)
    news: set[Identity] = set()
    for owner, siblings in _lists(after).items():
        news |= _moved_in_list(old_lists.get(owner, []), siblings, before, after)
    return frozenset(news)


def _lists(items: Mapping[Identity, Item]) -> dict[Identity, list[Identity]]:
    lists: dict[Identity, list[Identity]] = defaultdict(list)
    for identity, item in items.items():
        if "sort" in item.attributes:
            lists[item.kind, *item.siblings].append(identity)
    return lists


def _moved_in_list(
    old: Sequence[Identity],
    new: Sequence[Identity],
    before: Mapping[Identity, Item],
    after: Mapping[Identity, Item],
) -> set[Identity]:
    common = [identity for identity in new if identity in before]
    renumbered = {
        identity
        for identity in common
        if before[identity].attributes["sort"] != after[identity].attributes["sort"]
    }
    if not renumbered:
        return set()
    place = {identity: position for position, identity in enumerate(old)}
    order = [place[identity] for identity in common]
    if order == sorted(order):
        return set() if renumbered == _behind_the_first_gap(old, new, before) else renumbered
    stayed = {common[position] for position in _longest_rising(order)}
    displaced = set(common) - stayed
    return min(renumbered, displaced)


def _behind_the_first_gap(
    old: Sequence[Identity], new: Sequence[Identity], before: Mapping[Identity, Item]
) -> set[Identity]:
    """The surviving items behind the first place where one came or went: those a portal renumbers to make room."""
    for position, (was, now) in enumerate(zip(old, new, strict=False)):
        if was != now:
            return {identity for identity in new[position:] if identity in before}
    return set()


def _longest_rising(order: Sequence[int]) -> list[int]:
    """Positions of a longest rising subsequence of distinct numbers, in order."""
    tails: list[int] = []
    tail_positions: list[int] = []
    previous: list[int | None] = []
    for position, value in enumerate(order):
        length = bisect_left(tails, value)
        previous.append(tail_positions[length - 1] if length else None)
        tails[length : length + 1] = [value]
        tail_positions[length : length + 1] = [position]
    found: list[int] = []
    walk: int | None = tail_positions[-1] if tail_positions else None
    while walk is not None:
        found.append(walk)
        walk = previous[walk]
    return found[::-1]
