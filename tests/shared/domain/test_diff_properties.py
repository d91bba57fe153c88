"""What holds for the comparison of any two portals."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given

from shared.domain.diff import Change, Comparison, Op, diff
from shared.domain.digest import fingerprint
from shared.domain.snapshot import Snapshot
from tests.builders import a_list_field, a_snapshot, a_user, a_user_field, an_entity_type
from tests.counting import calls
from tests.shared.domain.comparing import between, changes, short
from tests.shared.domain.known_edits import ManyHands
from tests.shared.domain.portals import dice, examples, portal, shuffled, snapshots, two_reads

OPPOSITE = {Op.ADDED: Op.REMOVED, Op.REMOVED: Op.ADDED, Op.EDITED: Op.EDITED}


def told(comparison: Comparison) -> Counter[str]:
    return Counter(
        repr((*_what(change), change.op, change.before, change.after)) for change in comparison.changes
    )


def told_backwards(comparison: Comparison) -> Counter[str]:
    return Counter(
        repr((*_what(change), OPPOSITE[change.op], change.after, change.before))
        for change in comparison.changes
    )


def _what(change: Change) -> tuple[Any, ...]:
    return (change.kind, change.entity_type, change.item_id, change.attribute)


@examples()
@given(snapshots(), dice)
def test_a_portal_has_not_changed_against_itself(snapshot: Snapshot, dice: Random) -> None:
    again = shuffled(snapshot, dice)
    assert changes(snapshot, again) == []
    assert between(snapshot, again) == []


@examples(300)
@given(two_reads())
def test_there_are_changes_exactly_where_the_fingerprint_changed(reads: tuple[Snapshot, Snapshot]) -> None:
    old, new = reads
    assert (changes(old, new) == []) is (fingerprint(old) == fingerprint(new))


@examples(300)
@given(two_reads())
def test_the_way_back_is_the_mirror_image(reads: tuple[Snapshot, Snapshot]) -> None:
    """Of moves too: of several explanations of an order the same is chosen in both directions."""
    old, new = reads
    assert told(diff(old, new)) == told_backwards(diff(new, old))


@examples()
@given(two_reads(), dice)
def test_the_order_of_rows_changes_nothing(reads: tuple[Snapshot, Snapshot], dice: Random) -> None:
    old, new = reads
    assert diff(shuffled(old, dice), shuffled(new, dice)) == diff(old, new)


@examples(300)
@given(dice)
def test_exactly_what_many_hands_did_is_told(dice: Random) -> None:
    old, hands = portal(dice), ManyHands(dice)
    new = shuffled(hands.change(old), dice)
    assert _sorted(short(change) for change in changes(old, new)) == _sorted(hands.told)


def _sorted(told: Iterable[tuple[Any, ...]]) -> list[str]:
    return sorted(json.dumps(change, sort_keys=True, ensure_ascii=False) for change in told)


def a_large_portal(size: int, *, first_label: str) -> Snapshot:
    """So many user fields, some with lists, in 32 smart processes, and as many people."""
    numbers = range(130, 162)
    fields: list[Any] = [
        a_user_field(id=number, entity_type=f"dynamic_{130 + number % 32}", sort=number)
        if number % 5
        else a_list_field(
            "Курьер", "Почта", "Самовывоз", id=number, entity_type=f"dynamic_{130 + number % 32}"
        )
        for number in range(size)
    ]
    fields[0] = replace(fields[0], labels={"ru": first_label})
    return a_snapshot(
        entity_types=tuple(
            an_entity_type(key=f"dynamic_{number}", entity_type_id=number) for number in numbers
        ),
        user_fields=tuple(fields),
        users=tuple(a_user(id=number) for number in range(size)),
    )


def test_a_portal_four_times_as_large_takes_about_four_times_the_work() -> None:
    def work(size: int) -> int:
        old, new = (a_large_portal(size, first_label=label) for label in ("Вес", "Вес, кг"))
        assert len(changes(old, new)) == 1
        return calls(lambda: changes(old, new))

    assert work(1_600) < 5 * work(400)
