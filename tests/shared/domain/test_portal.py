"""What a cabinet is told about an account: a problem first, then a running read, then the age of its data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.portal import AccountState, PortalKind, PortalState, account_state, needs_opening

NOW = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
EVERY = timedelta(hours=6)
SECOND = timedelta(seconds=1)

PROBLEMS = [
    (PortalState.ACCESS_LOST, AccountState.ACCESS_LOST),
    (PortalState.CLOSED, AccountState.ACCESS_LOST),
    (PortalState.SUBSCRIPTION_ENDED, AccountState.SUBSCRIPTION_ENDED),
    (PortalState.REMOVED, AccountState.REMOVED),
]
HEALTHY = [PortalState.INSTALLING, PortalState.ACTIVE]


def told(
    state: PortalState, age: timedelta | None, *, reading: bool = False, problem: str | None = None
) -> AccountState:
    read_at = None if age is None else NOW - age
    return account_state(state, problem=problem, read_at=read_at, reading=reading, now=NOW, every=EVERY)


@pytest.mark.parametrize("age", [None, SECOND, 9 * EVERY])
@pytest.mark.parametrize("reading", [True, False])
@pytest.mark.parametrize(("state", "expected"), PROBLEMS)
def test_a_problem_comes_first(
    state: PortalState, expected: AccountState, age: timedelta | None, *, reading: bool
) -> None:
    assert told(state, age, reading=reading) is expected


@pytest.mark.parametrize("age", [None, SECOND, 9 * EVERY])
@pytest.mark.parametrize("state", HEALTHY)
def test_a_running_read_comes_before_the_age_of_the_data(state: PortalState, age: timedelta | None) -> None:
    assert told(state, age, reading=True) is AccountState.READING


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, AccountState.NEVER_READ),
        (timedelta(0), AccountState.FRESH),
        (2 * EVERY, AccountState.FRESH),
        (2 * EVERY + SECOND, AccountState.STALE),
    ],
)
@pytest.mark.parametrize("state", HEALTHY)
def test_data_is_stale_when_it_is_older_than_two_periods(
    state: PortalState, age: timedelta | None, expected: AccountState
) -> None:
    assert told(state, age) is expected


@pytest.mark.parametrize(
    ("age", "reading", "expected"),
    [
        (None, False, AccountState.NEVER_READ),
        (SECOND, False, AccountState.STALE),
        (SECOND, True, AccountState.READING),
        (9 * EVERY, False, AccountState.STALE),
    ],
)
def test_an_account_whose_reads_fail_is_not_fresh_because_its_data_are_young(
    age: timedelta | None, expected: AccountState, *, reading: bool
) -> None:
    assert told(PortalState.ACTIVE, age, reading=reading, problem="unreachable") is expected


@pytest.mark.parametrize(
    ("kind", "problem", "expected"),
    [
        (PortalKind.APP, "access_lost", True),
        (PortalKind.APP, "client_refused", False),
        (PortalKind.APP, "portal_gone", False),
        (PortalKind.APP, None, False),
        (PortalKind.WEBHOOK, "access_lost", False),
    ],
)
def test_only_a_lost_access_of_the_application_waits_for_an_opening(
    kind: PortalKind, problem: str | None, *, expected: bool
) -> None:
    assert needs_opening(kind, problem) is expected


@pytest.mark.parametrize("state", PortalState)
def test_only_a_removed_portal_is_not_read_any_more(state: PortalState) -> None:
    assert state.is_read is (state is not PortalState.REMOVED)
