"""Lists put together from pages: both habits of the platform beyond the end, and everything that goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.bitrix24.commands import Answer, Command, Key
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.listing import MAX_PAGES, Listing, Reading

METHOD = "user.get"
PEOPLE = Listing(Key("people"), METHOD, {"sort": "ID"})

Rows = list[dict[str, Any]]
Portal = Callable[[int, int], Answer]


def people(count: int, first: int = 1) -> Rows:
    return [{"ID": str(number)} for number in range(first, first + count)]


def by_offset(rows: Rows, *, total: bool = True, total_beyond: bool = True) -> Portal:
    """Beyond the end nothing, with or without the total (controllers, user.get)."""

    def page(start: int, _call: int) -> Answer:
        shown = rows[start : start + 50]
        told = total and (bool(shown) or total_beyond)
        following = start + 50 if start + 50 < len(rows) else None
        return Answer(METHOD, shown, len(rows) if told else None, following)

    return page


def legacy(rows: Rows, *, total: bool = True) -> Portal:
    """Beyond the end the first page again (department.get)."""

    def page(start: int, _call: int) -> Answer:
        shown = rows[start : start + 50] or rows[:50]
        return Answer(METHOD, shown, len(rows) if total else None, 50 if len(rows) > 50 else None)

    return page


HABITS: dict[str, Callable[[Rows], Portal]] = {
    "offsets": by_offset,
    "offsets, no total beyond the end": lambda rows: by_offset(rows, total_beyond=False),
    "offsets, never a total": lambda rows: by_offset(rows, total=False),
    "legacy": legacy,
    "legacy, never a total": lambda rows: legacy(rows, total=False),
}


def read(portal: Portal, *, first: int = 1) -> tuple[Reading, int, int]:
    """The list as it is read round by round; the number of rounds and of pages asked for."""
    answers: dict[Key, Answer] = {}
    wanted, rounds, pages = PEOPLE.first(first), 0, 0
    while wanted:
        rounds, pages = rounds + 1, pages + len(wanted)
        for command in wanted:
            assert command.key not in answers, "asked twice"
            answers[command.key] = portal(command.key.offset, len(answers))
        wanted = PEOPLE.rest(answers)
    return PEOPLE.read(answers), rounds, pages


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
@pytest.mark.parametrize("count", [1, 49, 50, 51, 100, 101, 149, 150, 151, 500, 3_000])
@pytest.mark.parametrize("first", [1, 3, 10])
def test_a_list_is_read_whole_whatever_its_length_and_its_habit(
    habit: Callable[[Rows], Portal], count: int, first: int
) -> None:
    rows = people(count)
    reading, rounds, _ = read(habit(rows), first=first)
    assert reading.whole
    assert list(reading.rows) == rows
    assert rounds <= 8


def test_a_long_list_with_a_total_takes_two_rounds() -> None:
    assert read(by_offset(people(3_000)), first=10)[1:] == (2, 61)


def test_an_empty_list_that_says_so_is_empty() -> None:
    assert read(lambda *_: Answer(METHOD, [], 0))[0] == Reading(METHOD, (), 0)


def test_an_empty_list_without_a_total_proves_nothing() -> None:
    assert read(lambda *_: Answer(METHOD, []))[0].error == PortalError(Fault.SHAPE)


def spoiled(portal: Portal, change: Callable[[Answer], Answer], *, at: int, times: int = 1) -> Portal:
    """The page at this offset is changed, the first ``times`` it is asked for."""
    asked = [0]

    def page(start: int, call: int) -> Answer:
        answer = portal(start, call)
        asked[0] += start == at
        return change(answer) if start == at and asked[0] <= times else answer

    return page


def emptied(answer: Answer) -> Answer:
    return Answer(METHOD, [], answer.total, answer.next)


def failed(_answer: Answer) -> Answer:
    return Answer(METHOD, error=PortalError(Fault.OTHER, "ERROR_CORE"))


def doubled(answer: Answer) -> Answer:
    return Answer(METHOD, [row for row in answer.value for _ in range(2)], answer.total, answer.next)


def mistyped(answer: Answer) -> Answer:
    return Answer(METHOD, 42, answer.total, answer.next)


def as_object(answer: Answer) -> Answer:
    return Answer(METHOD, {str(place): row for place, row in enumerate(answer.value)}, answer.total)


@pytest.mark.parametrize("at", [0, 50, 100])
def test_a_page_without_its_rows_is_healed_by_a_second_reading(at: int) -> None:
    reading, _, _ = read(spoiled(by_offset(people(120)), emptied, at=at), first=3)
    assert reading.whole
    assert len(reading.rows) == 120


@pytest.mark.parametrize("at", [0, 50, 100])
def test_a_page_that_stays_without_rows_is_a_gap(at: int) -> None:
    reading, rounds, _ = read(spoiled(by_offset(people(120)), emptied, at=at, times=99), first=3)
    assert not reading.whole
    assert (len(reading.rows), reading.total) == (120 - min(50, 120 - at), 120)
    assert rounds <= 3


def test_a_hole_is_noticed_without_a_total_too() -> None:
    portal = spoiled(by_offset(people(120), total=False), emptied, at=50, times=99)
    reading, _, _ = read(portal, first=3)
    assert (reading.whole, reading.contradicted, len(reading.rows)) == (False, True, 70)


@pytest.mark.parametrize("change", [failed, mistyped])
def test_a_page_that_failed_leaves_the_others(change: Callable[[Answer], Answer]) -> None:
    reading, rounds, _ = read(spoiled(by_offset(people(120)), change, at=50, times=99), first=3)
    assert (reading.whole, len(reading.rows), rounds) == (False, 70, 1)


def test_a_page_that_failed_beyond_the_end_is_nobodys_loss() -> None:
    reading, rounds, _ = read(spoiled(by_offset(people(20)), failed, at=100), first=3)
    assert (reading.whole, rounds) == (True, 1)


@pytest.mark.parametrize("change", [doubled, as_object])
def test_rows_that_come_twice_or_as_an_object_are_rows(change: Callable[[Answer], Answer]) -> None:
    reading, _, _ = read(spoiled(by_offset(people(60)), change, at=0, times=99), first=1)
    assert reading.whole
    assert list(reading.rows) == people(60)


def growing(start: int, call: int) -> Answer:
    """Somebody is hired after the first page was given."""
    return by_offset(people(100) if call == 0 else people(101))(start, call)


def shrinking(start: int, call: int) -> Answer:
    """Somebody of the first page is removed after it was given, and everybody moves up a place."""
    return by_offset(people(120) if call == 0 else people(119, first=2))(start, call)


def test_a_list_that_grows_meanwhile_is_read_once_more() -> None:
    reading, _, _ = read(growing)
    assert (reading.whole, len(reading.rows), reading.total) == (True, 101, 101)


def test_a_list_that_shrinks_meanwhile_is_read_once_more_and_not_believed_yet() -> None:
    """Who was there a moment ago may be gone, or left out."""
    reading, _, _ = read(shrinking)
    assert (reading.whole, reading.contradicted, reading.total) == (False, True, 119)


@pytest.mark.parametrize("by", [1, 7, 60, 10_000_000])
def test_a_total_that_is_always_too_large_ends_soon_as_a_gap(by: int) -> None:
    def lying(start: int, call: int) -> Answer:
        answer = by_offset(people(20))(start, call)
        return Answer(METHOD, answer.value, 20 + by)

    reading, rounds, pages = read(lying, first=10)
    assert (reading.whole, len(reading.rows), reading.total) == (False, 20, 20 + by)
    assert rounds <= 4
    assert pages <= 30


def test_a_total_that_is_always_too_small_hides_nothing() -> None:
    def lying(start: int, call: int) -> Answer:
        return Answer(METHOD, by_offset(people(120))(start, call).value, 50)

    reading, _, _ = read(lying, first=3)
    assert (reading.whole, len(reading.rows)) == (False, 120)


def test_a_list_without_an_end_is_given_up() -> None:
    def endless(start: int, _call: int) -> Answer:
        return Answer(METHOD, people(50, first=start + 1), None, start + 50)

    reading, rounds, pages = read(endless, first=10)
    assert reading.error == PortalError(Fault.SHAPE)
    assert (rounds <= 10, pages) == (True, MAX_PAGES)


def test_a_next_page_that_brings_nothing_new_is_not_followed_for_ever_and_is_a_gap() -> None:
    """github.com/bitrix24/b24phpsdk/issues/53"""
    reading, rounds, _ = read(lambda start, _: Answer(METHOD, people(50), None, start + 50), first=2)
    assert (reading.whole, reading.contradicted, len(reading.rows), rounds) == (False, True, 50, 2)


def test_a_second_reading_that_is_worse_is_not_preferred() -> None:
    def failing_later(_start: int, call: int) -> Answer:
        return Answer(METHOD, people(20), 21) if call == 0 else failed(Answer(METHOD))

    reading, _, _ = read(failing_later)
    assert (len(reading.rows), reading.total, reading.error) == (20, 21, None)


@pytest.mark.parametrize("odd_id", [None, [], {}, ["1"], 1.5, True])
def test_a_row_with_an_odd_id_is_a_row(odd_id: Any) -> None:
    rows = [*people(50), {"ID": odd_id}, {"NAME": "without"}]
    for portal in (by_offset(rows), by_offset(rows, total=False)):
        assert len(read(portal)[0].rows) == 52


def test_ids_of_both_spellings_are_the_same_id() -> None:
    rows: Rows = [{"ID": "7"}, {"ID": 7}]
    assert read(lambda *_: Answer(METHOD, rows, 1))[0] == Reading(METHOD, ({"ID": "7"},), 1)


def test_a_further_page_is_asked_for_with_its_start() -> None:
    answers = {Key("people"): Answer(METHOD, people(50), 60, 50)}
    assert PEOPLE.rest(answers) == [Command(Key("people", offset=50), METHOD, {"sort": "ID", "start": 50})]


def test_a_list_nobody_asked_for_was_not_answered() -> None:
    assert PEOPLE.read({}) == Reading(METHOD, (), error=PortalError(Fault.NOT_ANSWERED))
    assert PEOPLE.rest({}) == PEOPLE.first()


ENVELOPED = [
    ("crm.type.list", "types"),
    ("crm.category.list", "categories"),
    ("userfieldconfig.list", "fields"),
]


@pytest.mark.parametrize(("method", "envelope"), ENVELOPED)
def test_rows_stand_in_the_envelope_of_their_method_and_nowhere_else(method: str, envelope: str) -> None:
    rows = [{"id": 1}]
    listing = Listing(Key("list"), method, id_key="id")
    assert listing.read({listing.key: Answer(method, {envelope: rows}, 1)}).rows == ({"id": 1},)
    for other in (rows, {"items": rows}, {envelope: 42}, {envelope: "unexpected"}, None, [], {}):
        reading = listing.read({listing.key: Answer(method, other, 1)})
        assert (reading.rows, reading.error) == ((), PortalError(Fault.SHAPE))
