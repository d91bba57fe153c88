"""Which items were really moved, when the portal renumbered a whole list to move one."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from shared.domain.identity import Identity, Item, is_unread


def moved(before: Mapping[Identity, Item], after: Mapping[Identity, Item]) -> frozenset[Identity]:
    """The items whose new ``sort`` is news.

    - An item whose neighbours were only renumbered around it is not listed: in a list that was put into another
      order the fewest items that explain the new order are, and none that kept its number.
    - Where something came or went and exactly the items behind it took new numbers, nobody moved.
    - A changed number that changes no order is listed, for nothing else would show it.

    Both mappings hold the items of every list in its order. The outcome is the same with the two exchanged.
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
    # Whoever passed a neighbour that kept its number has moved; among the others the fewest possible.
    rest = [identity for identity in now if ahead_before[identity] == ahead_after[identity]]
    return renumbered - _in_the_same_order(was, rest)


def _behind_the_first_gap(
    old: Sequence[Identity], new: Sequence[Identity], before: Mapping[Identity, Item]
) -> set[Identity]:
    """The surviving items behind the first place where one came or went: those a portal renumbers to make room."""
    for position, (was, now) in enumerate(zip(old, new, strict=False)):
        if was != now:
            return {identity for identity in new[position:] if identity in before}
    return set()


def _ahead(order: Iterable[Identity], renumbered: Collection[Identity]) -> dict[Identity, int]:
    """For every item how many stand before it that kept their number."""
    ahead: dict[Identity, int] = {}
    count = 0
    for identity in order:
        ahead[identity] = count
        count += identity not in renumbered
    return ahead


def _in_the_same_order(was: Sequence[Identity], now: Sequence[Identity]) -> set[Identity]:
    """A largest set of items of ``now`` that stand in the same order in ``was``.

    Of several such sets always the same one, whichever of the two orders is the earlier.
    """
    old = {identity: position for position, identity in enumerate(was)}
    new = {identity: position for position, identity in enumerate(now)}
    # Each item comes into the layer of the longest run that can end with it (patience sorting).
    layers: list[list[Identity]] = []
    ends: list[int] = []
    for identity in now:
        layer = bisect_left(ends, old[identity])
        if layer == len(layers):
            layers.append([])
            ends.append(0)
        layers[layer].append(identity)
        ends[layer] = old[identity]
    run: list[Identity] = []
    for candidates in reversed(layers):
        before_run = [
            identity
            for identity in candidates
            if not run or (old[identity] < old[run[-1]] and new[identity] < new[run[-1]])
        ]
        run.append(min(before_run, key=repr))
    return set(run)
