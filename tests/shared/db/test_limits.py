"""How often something may be tried."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.db import limits
from shared.db.limits import Counter, Limit, keyed
from shared.db.sealed import Keyring
from shared.db.session import Database
from shared.domain.growing_delay import GrowingDelay

FIVE = Limit(5, timedelta(minutes=10))
GROWING_SPANS = (timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1))
GROWING = GrowingDelay(2, *GROWING_SPANS)
ZERO = timedelta(0)


def tried(db: Database, bucket: str = "door", limit: Limit = FIVE) -> timedelta | None:
    with db.session() as session:
        return limits.count(session, bucket, limit)


def aged(db: Database, by: timedelta) -> None:
    with db.session() as session:
        session.execute(text("update attempt set window_at = window_at - cast(:by as interval)"), {"by": by})


def test_as_many_tries_as_allowed_pass_and_the_next_has_to_wait(gateway_db: Database) -> None:
    assert [tried(gateway_db) for _ in range(5)] == [None] * 5
    wait = tried(gateway_db)
    assert wait is not None
    assert timedelta(minutes=8) < wait <= timedelta(minutes=10)


def test_buckets_do_not_count_for_each_other(gateway_db: Database) -> None:
    assert [tried(gateway_db) for _ in range(6)][-1] is not None
    assert tried(gateway_db, "another door") is None


def test_a_refused_try_makes_the_wait_no_longer(gateway_db: Database) -> None:
    for _ in range(5):
        tried(gateway_db)
    first, *_, last = (tried(gateway_db) for _ in range(20))
    assert first is not None
    assert last is not None
    assert last <= first


def test_tries_are_forgotten_little_by_little(gateway_db: Database) -> None:
    for _ in range(3):
        tried(gateway_db)
    aged(gateway_db, timedelta(minutes=5))
    for _ in range(2):
        tried(gateway_db)
    assert tried(gateway_db) is not None
    aged(gateway_db, timedelta(minutes=5))
    assert [tried(gateway_db) for _ in range(3)] == [None] * 3
    assert tried(gateway_db) is not None


def failed(db: Database, own: Sequence[Counter], shared: Sequence[Counter] = ()) -> timedelta | None:
    """One failure, if it is allowed; else how long to wait."""
    with db.session() as session:
        wait = limits.wait_for(session, own, shared)
        if wait is None:
            limits.fail(session, (*own, *shared))
    return wait


def looked(db: Database, own: Sequence[Counter], shared: Sequence[Counter] = ()) -> timedelta | None:
    with db.session() as session:
        return limits.wait_for(session, own, shared)


@pytest.mark.parametrize("rule", [FIVE, GROWING])
def test_looking_counts_nothing(gateway_db: Database, rule: Limit | GrowingDelay) -> None:
    door = [Counter("door", rule)]
    assert [looked(gateway_db, door) for _ in range(10)] == [None] * 10
    assert failed(gateway_db, door) is None


def test_the_longest_wait_of_all_counters_is_told(gateway_db: Database) -> None:
    short, long = (Counter(f"{hours} hours", Limit(1, timedelta(hours=hours))) for hours in (2, 9))
    assert failed(gateway_db, [short, long]) is None
    assert (looked(gateway_db, [short, long]) or ZERO) > timedelta(hours=8)
    assert (looked(gateway_db, [long, short]) or ZERO) > timedelta(hours=8)


def test_a_delay_grows_with_every_failure(gateway_db: Database) -> None:
    door = [Counter("door", GROWING)]
    assert [failed(gateway_db, door) for _ in range(2)] == [None] * 2
    for minutes in (1, 2, 4, 8, 15, 15):
        wait = failed(gateway_db, door)
        assert wait is not None
        assert timedelta(minutes=minutes - 1) < wait <= timedelta(minutes=minutes)
        aged(gateway_db, wait)
        assert failed(gateway_db, door) is None


def test_a_delay_begins_anew_when_there_was_no_failure_for_a_day(gateway_db: Database) -> None:
    door = [Counter("door", GROWING)]
    for _ in range(2):
        failed(gateway_db, door)
    aged(gateway_db, timedelta(days=1))
    assert [failed(gateway_db, door) for _ in range(2)] == [None] * 2
    assert failed(gateway_db, door) is not None


def test_a_success_ends_a_delay_and_takes_one_try_back_from_a_limit(cabinet_db: Database) -> None:
    counters = [Counter("pair", GROWING), Counter("place", Limit(3, timedelta(hours=1)))]
    for _ in range(2):
        assert failed(cabinet_db, counters) is None
    with cabinet_db.session() as session:
        limits.take_back(session, counters)
    assert [failed(cabinet_db, counters) for _ in range(2)] == [None] * 2
    assert looked(cabinet_db, counters[1:]) is not None


def test_taking_back_what_was_never_counted_gives_no_tries(cabinet_db: Database) -> None:
    for _ in range(3):
        with cabinet_db.session() as session:
            limits.take_back(session, [Counter("place", FIVE)])
    assert [failed(cabinet_db, [Counter("place", FIVE)]) for _ in range(5)] == [None] * 5
    assert failed(cabinet_db, [Counter("place", FIVE)]) is not None


def test_a_full_shared_counter_refuses_only_who_has_failed(
    gateway_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    everybody = [Counter("everybody", FIVE)]
    for number in range(5):
        assert failed(gateway_db, [Counter(f"attacker {number}", FIVE)], everybody) is None
    assert not caplog.records
    assert looked(gateway_db, [Counter("owner", FIVE)], everybody) is None
    assert [(record.message, record.limit) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("limits.shared_is_full", "everybody")
    ]
    assert looked(gateway_db, [Counter("attacker 0", FIVE)], everybody) is not None
    assert failed(gateway_db, [Counter("owner", FIVE)], everybody) is None
    assert failed(gateway_db, [Counter("owner", FIVE)], everybody) is not None


@pytest.mark.parametrize("rule", [FIVE, GrowingDelay(5, *GROWING_SPANS)])
def test_no_more_failures_than_allowed_pass_at_once(gateway_db: Database, rule: Limit | GrowingDelay) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: failed(gateway_db, [Counter("door", rule)]), range(40)))
    assert waits.count(None) == 5


def test_a_bucket_does_not_tell_whose_it_is(keyring: Keyring) -> None:
    bucket = keyed(keyring, "sign-in", "anna@example.com", "203.0.113.7")
    assert bucket.startswith("sign-in ")
    assert "anna" not in bucket
    assert "203.0" not in bucket
    assert bucket == keyed(keyring, "sign-in", "anna@example.com", "203.0.113.7")
    others = [
        keyed(keyring, "sign-in", "anna@example.com", "203.0.113.8"),
        keyed(keyring, "sign-in", "anna@example.com203.0.113.7"),
        keyed(keyring, "sign-up", "anna@example.com", "203.0.113.7"),
        keyed(Keyring(["another key of the tests"]), "sign-in", "anna@example.com", "203.0.113.7"),
    ]
    assert bucket not in others
    assert len(set(others)) == 4


def test_no_more_than_allowed_pass_at_once(gateway_db: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: tried(gateway_db), range(40)))
    assert waits.count(None) == 5


def test_old_tries_are_dropped(cabinet_db: Database, worker_db: Database) -> None:
    tried(cabinet_db)
    with worker_db.session() as session:
        limits.drop_old(session)
        assert session.execute(text("select count(*) from attempt")).scalar_one() == 1
    aged(cabinet_db, timedelta(days=3))
    with worker_db.session() as session:
        limits.drop_old(session)
        assert session.execute(text("select count(*) from attempt")).scalar_one() == 0
