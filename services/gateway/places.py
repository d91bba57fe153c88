"""Places for conversations with portals and authorization servers: how many there are at once, and for whom.

A conversation takes as long as whoever is asked likes. So no portal and no source may have all places, nor may all
together of whom we do not know that they come from a portal of ours (decision 0024).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from shared.domain.refusals import TryAgainLater

MOST_CONVERSATIONS = 32
# For each place this many may wait; a person who would wait behind more is told to come back.
_WAITING_FOR_A_PLACE = 8


@dataclass(frozen=True, slots=True)
class Guest:
    """Who wants a place. ``source`` is the network he comes from.

    ``portal`` is the id of his portal if ``is_known``, else the ``member_id`` that he names, which anybody can do.
    """

    portal: str
    source: str
    is_known: bool = False


class Places:
    """Who has a place and who waits for one. Nobody waits who could have one. For one event loop."""

    def __init__(self, most: int = MOST_CONVERSATIONS) -> None:
        self._most = most
        self._taken: Counter[Hashable] = Counter()
        self._wanted: Counter[Hashable] = Counter()
        self._waiting: dict[asyncio.Future[None], Guest] = {}

    async def take(self, guest: Guest) -> None:
        """The guest has a place, to be given back. Raises TryAgainLater if too many of his kind wait already."""
        if self._has_room(guest, self._taken):
            self._taken.update(self._shares(guest).keys())
            return
        if not self._has_room(guest, self._wanted, times=_WAITING_FOR_A_PLACE):
            raise TryAgainLater
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[place] = guest
        self._wanted.update(self._shares(guest).keys())
        try:
            await place
        except asyncio.CancelledError:
            if place in self._waiting:
                self._no_longer_waits(place)
            else:
                # He got it in the moment in which he gave up.
                self.give_back(guest)
            raise

    def give_back(self, guest: Guest) -> None:
        """The guest's place is free for those who wait."""
        _uncount(self._taken, self._shares(guest))
        while seatable := [
            place for place, other in self._waiting.items() if self._can_be_seated(place, other)
        ]:
            # Known before unknown, then whoever has least, then whoever came first.
            place = min(seatable, key=lambda one: self._rank(self._waiting[one]))
            self._taken.update(self._shares(self._waiting[place]).keys())
            self._no_longer_waits(place)
            place.set_result(None)

    def _shares(self, guest: Guest) -> Mapping[Hashable, int]:
        """What the guest counts for, and how many places each of these may have."""
        quarter, half = self._most // 4, self._most // 2
        shares: dict[Hashable, int] = {
            "all": self._most,
            # Apart, so that nobody uses up a portal's share by naming it, or an office's by being in it.
            ("portal", guest.portal, guest.is_known): quarter,
            ("source", guest.source, guest.is_known): quarter,
        }
        return shares if guest.is_known else {**shares, "unknown": half}

    def _has_room(self, guest: Guest, counted: Counter[Hashable], *, times: int = 1) -> bool:
        return all(counted[kind] < times * share for kind, share in self._shares(guest).items())

    def _can_be_seated(self, place: asyncio.Future[None], guest: Guest) -> bool:
        return not place.done() and self._has_room(guest, self._taken)

    def _rank(self, guest: Guest) -> tuple[bool, int]:
        return not guest.is_known, sum(self._taken[kind] for kind in self._shares(guest))

    def _no_longer_waits(self, place: asyncio.Future[None]) -> None:
        _uncount(self._wanted, self._shares(self._waiting.pop(place)))


def _uncount(counted: Counter[Hashable], kinds: Mapping[Hashable, int]) -> None:
    """One less of each kind; of a kind of which there is none nothing is kept."""
    for kind in kinds:
        counted[kind] -= 1
        if not counted[kind]:
            del counted[kind]
