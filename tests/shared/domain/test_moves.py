"""Which items were moved: the fewest that explain the new order."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given

from shared.domain.identity import Identity, Item, items_of
from shared.domain.moves import moved
from tests.builders import a_list_value, a_snapshot, a_stage, a_user_field
from tests.shared.domain.portals import dice, examples

# A list is written as {id: sort}; items stand in the order of their sort, then of their id.
List = dict[int, int]

CASES = [
    pytest.param({}, {}, set(), id="nothing"),
    pytest.param({1: 10, 2: 20}, {1: 10, 2: 20}, set(), id="unchanged"),
    # One item was moved and the portal numbered the whole list anew.
    pytest.param({1: 10, 2: 20, 3: 30, 4: 40}, {4: 10, 1: 20, 2: 30, 3: 40}, {4}, id="the last to the front"),
    pytest.param({1: 10, 2: 20, 3: 30, 4: 40}, {2: 10, 3: 20, 4: 30, 1: 40}, {1}, id="the first to the end"),
    pytest.param({1: 10, 2: 20, 3: 30, 4: 40}, {1: 10, 3: 20, 4: 30, 2: 40}, {2}, id="one further down"),
    pytest.param({1: 5, 2: 7, 3: 500}, {3: 10, 1: 20, 2: 30}, {3}, id="out of an uneven list"),
    # Only the moved item took another number.
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 25, 2: 20, 3: 30}, {1}, id="behind its neighbour by its number"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 2: 20, 3: 15}, {3}, id="before its neighbour by its number"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 30, 2: 20, 3: 30}, {1}, id="to a place of the same number"),
    pytest.param({2: 10, 3: 20, 1: 30}, {2: 10, 3: 20, 1: 10}, {1}, id="to the same number as a later id"),
    # More than one.
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 20, 2: 10, 3: 30}, {2}, id="two neighbours swapped: one moved"),
    pytest.param({1: 10, 2: 20, 3: 30, 4: 40}, {4: 10, 2: 20, 3: 30, 1: 40}, {1, 4}, id="the ends swapped"),
    pytest.param({1: 10, 2: 20, 3: 30, 4: 40}, {3: 10, 4: 20, 1: 30, 2: 40}, {3, 4}, id="two pairs swapped"),
    pytest.param(
        {1: 10, 2: 20, 3: 30, 4: 40}, {4: 10, 3: 20, 2: 30, 1: 40}, {2, 3, 4}, id="turned upside down"
    ),
    # Something came or went.
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 9: 20, 2: 30, 3: 40}, set(), id="room made for a new item"),
    pytest.param({1: 10, 2: 20}, {9: 10, 1: 20, 2: 30}, set(), id="room made at the front"),
    pytest.param({1: 10, 2: 20}, {1: 10, 2: 20, 9: 30}, set(), id="a new item at the end"),
    pytest.param({1: 10, 2: 20}, {1: 10, 9: 15, 2: 20}, set(), id="a new item in a gap"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 3: 20}, set(), id="a gap closed"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 3: 30}, set(), id="a gap left open"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 9: 20, 3: 30}, set(), id="one replaced"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 9: 15, 2: 20, 3: 45}, {3}, id="a number of its own besides"),
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 9: 20, 3: 30, 2: 40}, {2}, id="one came and one moved"),
    pytest.param({1: 10}, {9: 10}, set(), id="nothing left"),
    # A number changed and the order did not.
    pytest.param({1: 10, 2: 20, 3: 30}, {1: 10, 2: 25, 3: 30}, {2}, id="a number alone"),
    pytest.param({1: 10, 2: 20}, {1: 100, 2: 200}, {1, 2}, id="all numbers alone"),
    pytest.param({1: 10}, {1: 20}, {1}, id="the only item"),
]


def items(rows: List) -> dict[Identity, Item]:
    ordered = sorted(rows, key=lambda number: (rows[number], number))
    stages = tuple(a_stage(id=number, sort=rows[number]) for number in ordered)
    snapshot = a_snapshot(entity_types=(), pipelines=(), stages=stages, dictionaries=(), user_fields=())
    return {item.identity: item for item in items_of(snapshot) if "sort" in item.attributes}


def moved_numbers(before: List, after: List) -> set[int]:
    return {int(identity[-1]) for identity in moved(items(before), items(after))}


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_the_fewest_items_that_explain_the_order_are_named(
    before: List, after: List, expected: set[int]
) -> None:
    assert moved_numbers(before, after) == expected


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_the_way_back_names_the_same_items(before: List, after: List, expected: set[int]) -> None:
    assert moved_numbers(after, before) == expected


def test_lists_do_not_disturb_each_other() -> None:
    def rows(*sorts: int) -> dict[Identity, Item]:
        snapshot = a_snapshot(
            stages=tuple(
                a_stage(id=number, directory=directory, sort=sort)
                for directory in ("DEAL_STAGE", "DEAL_STAGE_3")
                for number, sort in zip((1, 2), sorts if directory == "DEAL_STAGE" else (10, 20), strict=True)
            ),
            user_fields=(
                a_user_field(id=1, entity_type="lead"),
                a_user_field(values=(a_list_value(id=1), a_list_value(id=2, sort=20))),
            ),
        )
        return {item.identity: item for item in items_of(snapshot) if item.kind == "stages"}

    assert {identity[1:] for identity in moved(rows(10, 20), rows(10, 30))} == {("DEAL_STAGE", 2)}


def test_what_was_never_read_has_not_moved() -> None:
    def values(*numbers: int) -> dict[Identity, Item]:
        field = a_user_field(values=tuple(a_list_value(id=number, sort=None) for number in numbers))
        return {item.identity: item for item in items_of(a_snapshot(user_fields=(field,)))}

    assert moved(values(1, 2), values(2, 1)) == frozenset()


@examples(300)
@given(dice)
def test_nothing_smaller_explains_the_order(dice: Random) -> None:
    before = {number: dice.choice((10, 20, 30)) for number in range(1, dice.randint(1, 7))}
    after = {number: dice.choice((10, 20, 30, sort)) for number, sort in before.items()}
    found = moved_numbers(before, after)
    renumbered = {number for number in before if before[number] != after[number]}
    assert found <= renumbered
    if order(before) == order(after):
        assert found == renumbered
        return
    assert explains(found, before, after)
    assert not any(
        explains(set(fewer), before, after) for fewer in combinations(sorted(renumbered), len(found) - 1)
    )
    assert found == moved_numbers(after, before)


@examples(200)
@given(dice)
def test_dragging_an_item_past_others_is_one_change(dice: Random) -> None:
    numbers = dice.sample(range(1, 100), dice.randint(3, 12))
    taken, target = dice.sample(range(len(numbers)), 2)
    dragged = [*numbers]
    dragged.insert(target, dragged.pop(taken))
    found = moved_numbers(_numbered(numbers), _numbered(dragged))
    assert len(found) == 1
    if abs(taken - target) > 1:
        assert found == {numbers[taken]}


@examples(200)
@given(dice)
def test_room_for_new_items_moves_nobody(dice: Random) -> None:
    numbers = dice.sample(range(1, 100), dice.randint(0, 12))
    place, count = dice.randint(0, len(numbers)), dice.randint(1, 3)
    grown = [*numbers[:place], *range(100, 100 + count), *numbers[place:]]
    assert moved_numbers(_numbered(numbers), _numbered(grown)) == set()
    assert moved_numbers(_numbered(grown), _numbered(numbers)) == set()


def _numbered(numbers: list[int]) -> List:
    """The list as a portal numbers it after somebody has put it in order."""
    return {number: 10 * place for place, number in enumerate(numbers, start=1)}


def order(rows: List) -> list[int]:
    return sorted(rows, key=lambda number: (rows[number], number))


def explains(movers: set[int], before: List, after: List) -> bool:
    """True if all others stand in the same order before and after."""
    was, now = ([number for number in order(rows) if number not in movers] for rows in (before, after))
    return was == now
