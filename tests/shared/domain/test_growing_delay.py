"""How long the next try has to wait after so many failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.growing_delay import GrowingDelay

DELAY = GrowingDelay(
    free=3,
    first=timedelta(minutes=1),
    longest=timedelta(minutes=15),
    forgotten_after=timedelta(hours=24),
)
LAST = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutes(wait: timedelta | None) -> float:
    return 0 if wait is None else wait / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("failures", "waits"),
    [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 4), (6, 8), (7, 15), (8, 15), (1_000_000, 15)],
)
def test_the_wait_doubles_with_every_failure_up_to_the_longest(failures: int, waits: int) -> None:
    assert minutes(DELAY.wait(failures, LAST, LAST)) == waits


@pytest.mark.parametrize(
    ("passed", "waits"),
    [
        (timedelta(0), 4),
        (timedelta(minutes=1), 3),
        (timedelta(minutes=3, seconds=59), 1 / 60),
        (timedelta(minutes=4), 0),
        (timedelta(hours=1), 0),
        # The clock was set back.
        (timedelta(minutes=-1), 5),
    ],
)
def test_the_wait_counts_from_the_last_failure(passed: timedelta, waits: float) -> None:
    assert minutes(DELAY.wait(5, LAST, LAST + passed)) == pytest.approx(waits)


@pytest.mark.parametrize(
    ("passed", "remembered"),
    [(timedelta(0), 5), (timedelta(hours=24) - timedelta(seconds=1), 5), (timedelta(hours=24), 0)],
)
def test_failures_are_forgotten_a_day_after_the_last(passed: timedelta, remembered: int) -> None:
    assert DELAY.remembered(5, LAST, LAST + passed) == remembered


def test_what_is_forgotten_makes_nobody_wait() -> None:
    slow = GrowingDelay(0, timedelta(hours=9), timedelta(hours=9), forgotten_after=timedelta(hours=1))
    assert minutes(slow.wait(4, LAST, LAST)) == 540
    assert minutes(slow.wait(4, LAST, LAST + timedelta(hours=1))) == 0
