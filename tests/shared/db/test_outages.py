"""The end of an outage of ours: some heartbeat notices it, and no heartbeat spoils or holds up another."""

from __future__ import annotations

from sqlalchemy import text

from shared.db import outages
from shared.db.session import Database


def test_the_first_heartbeat_of_all_notices_and_those_after_it_do_not(worker_db: Database) -> None:
    assert [_beat(worker_db) for _ in range(3)] == [True, False, False]


def test_two_first_heartbeats_at_once_leave_nothing_that_spoils_later_ones(worker_db: Database) -> None:
    with worker_db.session() as one, worker_db.session() as other:
        assert outages.is_over(one)
        assert outages.is_over(other)
    assert [_beat(worker_db) for _ in range(3)] == [False, False, False]


def test_two_that_were_there_already_do_no_harm(worker_db: Database) -> None:
    with worker_db.session() as session:
        for seconds in (20, 30):
            session.execute(
                text(
                    "insert into attempt (bucket, window_at, count)"
                    " values ('last heartbeat', now() - :ago * interval '1 sec', 0)"
                ),
                {"ago": seconds},
            )
    assert [_beat(worker_db) for _ in range(3)] == [True, False, False]


def test_a_heartbeat_does_not_wait_for_one_whose_process_is_frozen(worker_db: Database) -> None:
    _beat(worker_db)
    with worker_db.session() as frozen:
        outages.is_over(frozen)
        with worker_db.session() as session:
            session.execute(text("set local lock_timeout = '1ms'"))
            assert not outages.is_over(session)


def test_one_at_the_very_moment_of_the_last_is_no_end_of_an_outage(worker_db: Database) -> None:
    with worker_db.session() as session:
        assert [outages.is_over(session) for _ in range(3)] == [True, False, False]
    assert not _beat(worker_db)


def _beat(db: Database) -> bool:
    with db.session() as session:
        return outages.is_over(session)


def test_heartbeats_that_come_soon_after_each_other_change_nothing(worker_db: Database) -> None:
    _beat(worker_db)
    with worker_db.session() as session:
        for _ in range(3):
            outages.is_over(session)
        assert session.execute(text("select pg_current_xact_id_if_assigned()")).scalar_one() is None


def test_between_two_recorded_heartbeats_there_is_room_for_a_late_one(worker_db: Database) -> None:
    _beat(worker_db)
    for seconds in (4, 9):
        with worker_db.session() as session:
            session.execute(
                text("update attempt set window_at = now() - :ago * interval '1 sec'"), {"ago": seconds}
            )
        assert not _beat(worker_db)
