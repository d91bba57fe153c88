"""When a portal is read next: by its schedule, and after failures in a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.schedule import after_event, after_failure, next_scheduled

NOW = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("every", "spread", "wait"),
    [(6 * HOUR, 0, 6 * HOUR), (6 * HOUR, 0.5, 6 * HOUR + 18 * MINUTE), (DAY, 0.25, DAY + 36 * MINUTE)],
)
def test_routine_reads_are_spread_over_a_tenth_of_the_period(
    every: timedelta, spread: float, wait: timedelta
) -> None:
    assert next_scheduled(NOW, every=every, spread=spread) == NOW + wait


@pytest.mark.parametrize(
    ("ever_read", "waits"),
    [
        (True, [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, DAY, DAY]),
        (False, [5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 2 * HOUR, 6 * HOUR, DAY, DAY]),
    ],
    ids=["read before", "never read"],
)
def test_pauses_grow_with_each_failure_up_to_a_day(waits: list[timedelta], *, ever_read: bool) -> None:
    counts = range(1, len(waits) + 1)
    moments = [after_failure(NOW, failures=count, ever_read=ever_read, passing=False) for count in counts]
    assert [moment - NOW for moment in moments] == waits


@pytest.mark.parametrize("ever_read", [True, False], ids=["read before", "never read"])
def test_what_nobody_has_to_mend_is_noticed_within_two_hours_of_its_end_for_three_days(
    *, ever_read: bool
) -> None:
    now, failures, waits = NOW, 0, []
    while now - NOW < 3 * DAY:
        failures += 1
        again = after_failure(now, failures=failures, ever_read=ever_read, passing=True)
        waits.append(again - now)
        now = again
    assert max(waits) < 2 * HOUR
    assert len(waits) < 50
    assert after_failure(now, failures=failures + 3, ever_read=ever_read, passing=True) - now == DAY


@pytest.mark.parametrize(
    ("moments", "waits"),
    [
        ([0], [0]),
        ([0, 5, 10, 15, 20], [0, 0, 0, 0, 0]),
        ([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 60, 120]),
        ([0, 0, 0, 0, 0, 30], [0, 0, 0, 0, 0, 30]),
        ([0, 0, 0, 0, 0, 60, 61], [0, 0, 0, 0, 0, 0, 59]),
        ([0, 0, 0, 0, 0, 300, 300, 300, 300, 300, 300], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60]),
    ],
    ids=[
        "the first",
        "five within a minute",
        "a storm",
        "half a minute later",
        "one is back",
        "all are back",
    ],
)
def test_a_portal_has_five_reads_for_events_and_gets_one_back_a_minute(
    moments: list[int], waits: list[int]
) -> None:
    back_at, told = None, []
    for moment in moments:
        wait, back_at = after_event(NOW + moment * SECOND, back_at)
        told.append(wait / SECOND)
    assert told == waits


def test_a_storm_of_an_hour_costs_one_read_a_minute() -> None:
    back_at, reads, free_at = None, 0, NOW
    for second in range(3600):
        now = NOW + second * SECOND
        if now >= free_at:
            wait, back_at = after_event(now, back_at)
            reads, free_at = reads + 1, now + wait + SECOND
    assert 60 <= reads <= 65
