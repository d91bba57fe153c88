"""Which past versions may go: never the newest, never the last of a month, nothing from within the time kept."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.domain.retention import superfluous

BEFORE = datetime(2031, 3, 1, tzinfo=UTC)


def day(month: int, number: int, year: int = 2031) -> datetime:
    return datetime(year, month, number, 12, tzinfo=UTC)


CASES = [
    ("no versions", [], ()),
    ("the only one is the newest", [(1, day(1, 5))], ()),
    ("the last of each month", [(1, day(1, 5)), (2, day(1, 9)), (3, day(2, 1)), (4, day(4, 1))], (1,)),
    ("the newest, however old", [(1, day(1, 5)), (2, day(1, 9)), (3, day(1, 10))], (1, 2)),
    ("all within the time kept", [(1, day(3, 1)), (2, day(3, 2)), (3, day(3, 3))], ()),
    ("the same month of two years", [(1, day(1, 5, 2030)), (2, day(1, 5)), (3, day(4, 1))], ()),
    ("in whatever order they come", [(3, day(4, 1)), (2, day(1, 9)), (1, day(1, 5))], (1,)),
]


@pytest.mark.parametrize(("versions", "gone"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_may_go(versions: list[tuple[int, datetime]], gone: tuple[int, ...]) -> None:
    assert superfluous(versions, before=BEFORE) == gone


def test_a_version_of_the_very_moment_is_within_the_time_kept() -> None:
    assert superfluous([(1, BEFORE), (2, day(3, 5)), (3, day(4, 1))], before=BEFORE) == ()


def test_a_version_of_the_very_moment_is_not_the_last_of_the_time_before() -> None:
    versions = [(1, day(3, 5)), (2, day(3, 9)), (3, day(3, 10)), (4, day(4, 1))]
    assert superfluous(versions, before=day(3, 10)) == (1,)


def test_a_month_is_that_of_utc_whatever_zone_a_moment_is_told_in() -> None:
    late = datetime(2031, 2, 1, 1, tzinfo=timezone(timedelta(hours=3)))
    assert superfluous([(1, day(1, 5)), (2, late), (3, day(4, 1))], before=BEFORE) == (1,)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_more_goes_the_second_time(seed: int) -> None:
    dice = random.Random(seed)
    moments = sorted(day(1, 1) - timedelta(hours=dice.randrange(20_000)) for _ in range(200))
    versions = list(enumerate(moments, start=1))
    gone = superfluous(versions, before=BEFORE - timedelta(days=90))
    left = [row for row in versions if row[0] not in gone]
    assert gone
    assert left[-1] == versions[-1]
    assert superfluous(left, before=BEFORE - timedelta(days=90)) == ()
