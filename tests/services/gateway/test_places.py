"""Who gets a place for a conversation, who waits for one, and that nobody waits who could have one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.places import Guest, Places
from shared.domain.refusals import TryAgainLater
from tests.waiting import finished

# A quarter of the places for one portal and for one source, half of them for all who are not known.
MOST, HALF, QUARTER = 16, 8, 4
WAITING = 8
ANNA = Guest("romashka", "198.51.100.1", is_known=True)
STRANGER = Guest("f" * 32, "203.0.113.7")


def run(scene: Callable[[Places], Awaitable[None]]) -> None:
    finished(scene(Places(MOST)))  # type: ignore[arg-type]


async def wants(places: Places, guest: Guest) -> asyncio.Task[None]:
    """The guest's wish; done if he has a place."""
    wish = asyncio.create_task(places.take(guest))
    await settled()
    return wish


async def settled() -> None:
    """Everybody who was given a place knows of it."""
    for _ in range(3):
        await asyncio.sleep(0)


def of_portals(count: int, like: Guest) -> list[Guest]:
    return [replace(like, portal=f"portal {number}", source=like.source) for number in range(count)]


def from_everywhere(count: int, like: Guest) -> list[Guest]:
    return [replace(like, source=f"source {number}") for number in range(count)]


def all_different(count: int, like: Guest) -> list[Guest]:
    return [replace(like, portal=f"p{number}", source=f"s{number}") for number in range(count)]


SITTING: dict[str, tuple[Sequence[Guest], Guest, bool]] = {
    "nobody": ([], ANNA, True),
    "most of his portal": (from_everywhere(QUARTER - 1, ANNA), ANNA, True),
    "all of his portal": (from_everywhere(QUARTER, ANNA), ANNA, False),
    "all of his office": (of_portals(QUARTER, ANNA), ANNA, False),
    "all of another portal": (from_everywhere(QUARTER, replace(ANNA, portal="other")), ANNA, True),
    "known ones in all places": (all_different(MOST, ANNA), ANNA, False),
    "known ones in all places but one": (all_different(MOST - 1, ANNA), STRANGER, True),
    "as many strangers as may": (all_different(HALF, STRANGER), STRANGER, False),
    "as many strangers as may, and a known one comes": (all_different(HALF, STRANGER), ANNA, True),
    "strangers who name the same portal": (from_everywhere(QUARTER, STRANGER), STRANGER, False),
    "strangers who name no portal": (
        from_everywhere(QUARTER, replace(STRANGER, portal="")),
        replace(STRANGER, portal=""),
        False,
    ),
    "strangers of the same source": (of_portals(QUARTER, STRANGER), STRANGER, False),
    "strangers who name the portal of a known one": (
        from_everywhere(QUARTER, replace(STRANGER, portal=ANNA.portal)),
        ANNA,
        True,
    ),
    "strangers in the office of a known one": (
        of_portals(QUARTER, replace(STRANGER, source=ANNA.source)),
        ANNA,
        True,
    ),
}


@pytest.mark.parametrize(("sitting", "guest", "has_place"), SITTING.values(), ids=SITTING)
def test_a_place_is_within_every_share(sitting: Sequence[Guest], guest: Guest, has_place: bool) -> None:  # noqa: FBT001 - a row of a table
    async def scene(places: Places) -> None:
        for other in sitting:
            assert (await wants(places, other)).done()
        wish = await wants(places, guest)
        assert wish.done() is has_place
        if not has_place:
            places.give_back(sitting[0])
            await settled()
            assert wish.done()

    run(scene)


def test_who_waits_above_his_share_keeps_nobody_waiting() -> None:
    async def scene(places: Places) -> None:
        crowd = [await wants(places, STRANGER) for _ in range(QUARTER + 20)]
        assert [wish.done() for wish in crowd] == [True] * QUARTER + [False] * 20
        others = [await wants(places, guest) for guest in all_different(MOST - QUARTER, ANNA)]
        assert all(wish.done() for wish in others)
        places.give_back(STRANGER)
        await settled()
        assert [wish.done() for wish in crowd] == [True] * (QUARTER + 1) + [False] * 19

    run(scene)


def test_a_free_place_goes_to_the_known_then_to_who_has_least_then_to_who_came_first() -> None:
    async def scene(places: Places) -> None:
        sitting = [ANNA, *all_different(MOST - 1, ANNA)]
        for guest in sitting:
            await wants(places, guest)
        boris = replace(ANNA, portal="vasilek", source="192.0.2.1")
        late = replace(boris, source="192.0.2.2")
        wishes = [await wants(places, guest) for guest in (STRANGER, ANNA, boris, late)]
        seated = []
        for guest in sitting[1:5]:
            places.give_back(guest)
            await settled()
            seated.append([wish.done() for wish in wishes])
        assert seated == [
            [False, False, True, False],
            [False, False, True, True],
            [False, True, True, True],
            [True, True, True, True],
        ]

    run(scene)


def test_who_gives_up_waits_no_more_and_keeps_no_place() -> None:
    async def scene(places: Places) -> None:
        for guest in from_everywhere(QUARTER, ANNA):
            await wants(places, guest)
        gone, early, next_one = [await wants(places, ANNA) for _ in range(3)]
        gone.cancel()
        # He is given the place, and gives up before he knows.
        places.give_back(ANNA)
        early.cancel()
        await settled()
        assert gone.cancelled()
        assert early.cancelled()
        assert next_one.done()
        assert not next_one.cancelled()

    run(scene)


def test_behind_too_many_of_his_kind_nobody_waits() -> None:
    async def scene(places: Places) -> None:
        for _ in range(QUARTER * (1 + WAITING)):
            await wants(places, STRANGER)
        for guest in (STRANGER, replace(STRANGER, portal="0" * 32), replace(STRANGER, source="192.0.2.1")):
            with pytest.raises(TryAgainLater):
                await places.take(guest)
        assert (await wants(places, replace(STRANGER, portal="0" * 32, source="192.0.2.1"))).done()
        assert (await wants(places, ANNA)).done()

    run(scene)


GUESTS = st.builds(Guest, st.sampled_from("abc"), st.sampled_from("xyz"), st.booleans())


@given(st.lists(st.tuples(st.sampled_from(["come", "leave", "give up"]), GUESTS, st.integers(0, 99))))
def test_whoever_comes_and_goes_no_share_is_exceeded_and_none_left_idle(
    happenings: list[tuple[str, Guest, int]],
) -> None:
    async def scene(places: Places) -> None:
        wishes: list[tuple[Guest, asyncio.Task[None]]] = []
        for what, guest, number in happenings:
            sitting = [row for row in wishes if row[1].done()]
            waiting = [row for row in wishes if not row[1].done()]
            if what == "come":
                wishes.append((guest, await wants(places, guest)))
            elif what == "leave" and sitting:
                row = sitting[number % len(sitting)]
                wishes.remove(row)
                places.give_back(row[0])
            elif what == "give up" and waiting:
                row = waiting[number % len(waiting)]
                wishes.remove(row)
                row[1].cancel()
            await settled()
            check(
                [one for one, wish in wishes if wish.done()], [one for one, wish in wishes if not wish.done()]
            )
        for _, wish in wishes:
            wish.cancel()

    run(scene)


def check(sitting: list[Guest], waiting: list[Guest]) -> None:
    """Nobody has more than his share, and whoever waits would have."""
    assert is_within_shares(sitting)
    assert not any(is_within_shares([*sitting, guest]) for guest in waiting)


def is_within_shares(sitting: list[Guest]) -> bool:
    of_portals = Counter((guest.portal, guest.is_known) for guest in sitting)
    of_sources = Counter((guest.source, guest.is_known) for guest in sitting)
    unknown = sum(not guest.is_known for guest in sitting)
    return (
        len(sitting) <= MOST
        and unknown <= HALF
        and all(count <= QUARTER for count in (*of_portals.values(), *of_sources.values()))
    )
