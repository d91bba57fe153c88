"""The end of a read: what it makes of the portal's state, its problem and the time of the next read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain import outcome
from shared.domain.errors import (
    AccessLost,
    ApplicationRemoved,
    AuthorizationAway,
    BadAnswer,
    ClientRefused,
    CrmapError,
    MethodPaused,
    PortalGone,
    RenewalUnderWay,
    RightsMissing,
    SubscriptionEnded,
    Unreachable,
    WorkerLost,
)
from shared.domain.outcome import Condition
from shared.domain.portal import PortalState

NOW = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WELL = Condition(PortalState.ACTIVE, NOW)


def failed(before: Condition, error: CrmapError, *, now: datetime = NOW, ever_read: bool = True) -> Condition:
    return outcome.failed(before, error, now=now, ever_read=ever_read)


@pytest.mark.parametrize(
    ("error", "state", "wait"),
    [
        (SubscriptionEnded(), PortalState.SUBSCRIPTION_ENDED, DAY),
        (AccessLost(), PortalState.ACCESS_LOST, MINUTE),
        (ClientRefused(), PortalState.ACCESS_LOST, MINUTE),
        (PortalGone(), PortalState.CLOSED, MINUTE),
        (ApplicationRemoved(), PortalState.ACTIVE, 10 * MINUTE),
        (WorkerLost(), PortalState.ACTIVE, DAY),
        (AuthorizationAway(), PortalState.ACTIVE, MINUTE),
        (MethodPaused(method="batch", until=""), PortalState.ACTIVE, 10 * MINUTE),
        (Unreachable(), PortalState.ACTIVE, MINUTE),
        (RightsMissing(), PortalState.ACTIVE, MINUTE),
    ],
    ids=lambda value: value.code if isinstance(value, CrmapError) else "",
)
def test_each_error_has_its_state_and_its_time(
    error: CrmapError, state: PortalState, wait: timedelta
) -> None:
    after = failed(WELL, error)
    assert (after.state, after.next_read_at, after.problem, after.problem_at) == (
        state,
        NOW + wait,
        error.code,
        NOW,
    )


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (timedelta(0), 10 * MINUTE),
        (SECOND, SECOND),
        (3 * MINUTE, 3 * MINUTE),
        (HOUR, HOUR),
        (HOUR + SECOND, 10 * MINUTE),
        (-MINUTE, 10 * MINUTE),
        (timedelta(days=400), 10 * MINUTE),
    ],
)
def test_a_pause_lasts_until_the_moment_the_portal_named_or_ten_minutes(
    until: timedelta, expected: timedelta
) -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/220"""
    after = failed(WELL, MethodPaused(method="batch", until=(NOW + until).isoformat()))
    assert (after.state, after.next_read_at, after.failures) == (PortalState.ACTIVE, NOW + expected, 0)


@pytest.mark.parametrize("since", [10 * MINUTE, 10 * MINUTE + SECOND, DAY])
def test_a_second_word_of_the_authorization_server_removes_the_portal(since: timedelta) -> None:
    first = failed(WELL, ApplicationRemoved())
    assert failed(first, ApplicationRemoved(), now=NOW + since).state is PortalState.REMOVED


@pytest.mark.parametrize("since", [timedelta(0), 10 * MINUTE - SECOND])
def test_a_second_word_that_comes_too_soon_counts_as_the_first(since: timedelta) -> None:
    first = failed(WELL, ApplicationRemoved())
    second = failed(first, ApplicationRemoved(), now=NOW + since)
    assert (second.state, second.gone_said_at, second.next_read_at) == (
        PortalState.ACTIVE,
        NOW,
        NOW + 10 * MINUTE,
    )


@pytest.mark.parametrize("error", [Unreachable(), AccessLost(), SubscriptionEnded(), PortalGone()])
def test_reads_that_somebody_asked_for_neither_count_nor_postpone(error: CrmapError) -> None:
    before = failed(failed(WELL, error), error, now=NOW + DAY)
    after = before
    for seconds in range(5):
        after = failed(after, error, now=NOW + DAY + seconds * SECOND)
    assert (after.failures, after.next_read_at) == (before.failures, before.next_read_at)


def test_the_first_failure_of_a_healthy_portal_brings_its_next_read_forward_whoever_asked() -> None:
    healthy = Condition(PortalState.ACTIVE, NOW + 6 * HOUR)
    first = failed(healthy, Unreachable())
    second = failed(first, Unreachable(), now=NOW + 10 * SECOND)
    assert first.next_read_at == second.next_read_at == NOW + MINUTE
    assert (first.failures, second.failures) == (1, 1)


def test_a_portal_whose_reads_kill_their_workers_rests_for_a_day_whoever_asked() -> None:
    for next_read_at in (NOW, NOW + MINUTE, NOW + 6 * HOUR):
        killed = failed(Condition(PortalState.ACTIVE, next_read_at), WorkerLost())
        assert killed.next_read_at == NOW + DAY


def test_a_portal_that_says_it_is_deleted_is_never_removed_by_that() -> None:
    condition, now, waits = WELL, NOW, []
    for _ in range(60):
        condition = failed(condition, PortalGone(), now=now)
        assert condition.next_read_at is not None
        waits.append(condition.next_read_at - now)
        now = condition.next_read_at
        assert condition.state is PortalState.CLOSED
    assert max(waits) == DAY, "asked once a day at least"
    assert now - NOW > 50 * DAY


@pytest.mark.parametrize("state", [PortalState.ACTIVE, PortalState.ACCESS_LOST])
def test_the_lock_of_a_renewal_does_not_hide_why_it_failed(state: PortalState) -> None:
    before = Condition(state, NOW, failures=1, problem="bad_answer", problem_at=NOW)
    after = failed(before, RenewalUnderWay(), now=NOW + 20 * SECOND)
    assert (after.problem, after.problem_at) == ("bad_answer", NOW)
    assert failed(WELL, RenewalUnderWay()).problem == "renewal_under_way", "the only cause there is"


def test_a_passing_trouble_of_a_blocked_portal_does_not_hide_what_blocks_it() -> None:
    blocked = failed(WELL, AccessLost())
    after = failed(blocked, BadAnswer(what="server"), now=NOW + DAY)
    assert (after.state, after.problem, after.problem_at) == (PortalState.ACCESS_LOST, "access_lost", NOW)
    ended = failed(blocked, SubscriptionEnded(), now=NOW + DAY)
    assert (ended.problem, ended.problem_at) == ("subscription_ended", NOW + DAY)


def test_a_lost_access_is_checked_once_more_and_then_once_a_day() -> None:
    lost = failed(WELL, AccessLost())
    confirmed = failed(lost, AccessLost(), now=NOW + MINUTE)
    assert (confirmed.state, confirmed.next_read_at) == (PortalState.ACCESS_LOST, NOW + MINUTE + DAY)


def test_of_two_passing_troubles_the_later_is_told_with_its_time() -> None:
    after = failed(failed(WELL, Unreachable()), BadAnswer(), now=NOW + MINUTE)
    assert (after.problem, after.problem_at, after.failures) == ("bad_answer", NOW + MINUTE, 2)
    assert after.next_read_at == NOW + 6 * MINUTE


def test_a_portal_never_read_is_tried_again_sooner() -> None:
    assert failed(WELL, Unreachable(), ever_read=False).next_read_at == NOW + 5 * SECOND


def test_a_removed_portal_stays_as_it_was() -> None:
    removed = Condition(PortalState.REMOVED, None)
    assert failed(removed, PortalGone()) is removed


def test_a_success_leaves_nothing_of_what_went_wrong() -> None:
    after = outcome.succeeded(NOW, every=6 * HOUR, spread=0.5)
    assert after == Condition(PortalState.ACTIVE, NOW + 6 * HOUR + 18 * MINUTE)
