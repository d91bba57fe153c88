"""Blocks of search entries: a search looks at some dozens of items at once, and a change replaces only its block."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from typing import NamedTuple

from shared.domain.moves import in_the_same_order
from shared.domain.search import Entry

# One entry in so many is the last of its block.
_ORDINARY = 32
# In characters: together with what is shown of the items, a block then fits into a page of the database.
_LARGEST = 2_000
# Between the places of two new blocks; so many times two, others find room there.
_STEP = 2**20


class Item(NamedTuple):
    """What is shown of an entry."""

    kind: str
    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """Entries that follow one another. Each has a line of ``folded``, which is searched, and one of ``items``: JSON."""

    folded: str
    items: str

    def matching(self, words: Sequence[str]) -> Iterator[Item]:
        """The items whose folded text contains every word."""
        for folded, item in zip(self.folded.split("\n"), self.items.split("\n"), strict=True):
            if all(word in folded for word in words):
                yield Item(*json.loads(item))


def blocks_of(entries: Iterable[Entry]) -> Iterator[Block]:
    """The entries in their order. Which of them ends a block depends on itself, so another one more changes no other.

    Blocks of a fixed number would all change after the place of a new entry.
    """
    gathered: list[Entry] = []
    for entry in entries:
        gathered.append(entry)
        if _ends_a_block(entry) or sum(len(one.folded) for one in gathered) >= _LARGEST:
            yield _block(gathered)
            gathered = []
    if gathered:
        yield _block(gathered)


def revised(stored: Mapping[int, Block], blocks: Sequence[Block]) -> tuple[list[int], dict[int, Block]]:
    """The places to clear and then the blocks to put at new ones, so that ``stored`` becomes ``blocks`` in their order.

    ``stored`` is in the order of its places. As many blocks as can stay where they are, and new ones stand between
    them; only where there is no room left, all blocks get new places.
    """
    stay = _staying(stored, blocks)
    places = [place for place in stay if place is not None]
    added: dict[int, Block] = {}
    passed = 0
    for is_new, run in groupby(zip(stay, blocks, strict=True), key=lambda one: one[0] is None):
        here = [block for _, block in run]
        if not is_new:
            passed += len(here)
            continue
        shares = len(here) + 1
        below = places[passed - 1] if passed else 0
        above = places[passed] if passed < len(places) else below + shares * _STEP
        if above - below < shares:
            return list(stored), {number * _STEP: block for number, block in enumerate(blocks, 1)}
        added |= {below + number * (above - below) // shares: block for number, block in enumerate(here, 1)}
    return sorted(stored.keys() - set(places)), added


def _staying(stored: Mapping[int, Block], blocks: Sequence[Block]) -> list[int | None]:
    """For each of the blocks its place in ``stored`` if it stays there."""
    free: dict[Block, list[int]] = defaultdict(list)
    for place, block in reversed(list(stored.items())):
        free[block].append(place)
    known = [free[block].pop() if free[block] else None for block in blocks]
    stay = in_the_same_order(list(stored), [place for place in known if place is not None])
    return [place if place in stay else None for place in known]


def _ends_a_block(entry: Entry) -> bool:
    return zlib.crc32(entry.folded.encode()) % _ORDINARY == 0


def _block(entries: Sequence[Entry]) -> Block:
    return Block(
        # No word that is searched contains a line break, as words are what blanks separate.
        "\n".join(entry.folded.replace("\n", " ") for entry in entries),
        "\n".join(json.dumps(astuple(entry)[:-1], ensure_ascii=False) for entry in entries),
    )
