"""How often something may be tried."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import text

from shared.db import limits
from shared.db.limits import Limit
from shared.db.session import Database

FIVE = Limit(5, timedelta(minutes=10))


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


def test_looking_counts_nothing(gateway_db: Database) -> None:
    for _ in range(10):
        with gateway_db.session() as session:
            assert limits.wait(session, "door", FIVE) is None
    assert tried(gateway_db) is None


def test_a_success_forgets_what_was_counted(cabinet_db: Database) -> None:
    for _ in range(5):
        tried(cabinet_db)
    with cabinet_db.session() as session:
        limits.forget(session, "door")
    assert tried(cabinet_db) is None


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
