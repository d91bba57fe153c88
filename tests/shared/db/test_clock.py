"""The database's clock, as a process knows it whose own clock is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from prometheus_client import REGISTRY
from sqlmodel import Session

from shared.db import portals
from shared.db.clock import DatabaseClock, compared
from shared.db.session import Database
from tests.wrong_clocks import ABOUT, HOUR, wrong_by

START = datetime(2026, 5, 1, 9, tzinfo=UTC)


class Steady:
    """A monotonic clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def asked(db: Database) -> datetime:
    with db.session() as session:
        return portals.now(session)


def offset_s() -> float:
    return REGISTRY.get_sample_value("crmap_clock_offset_seconds") or 0.0


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_the_time_is_the_databases_whatever_the_process_believes(
    worker_db: Database, ahead: timedelta
) -> None:
    with wrong_by(ahead):
        before = asked(worker_db)
        assert before <= worker_db.now() <= asked(worker_db)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_clock_that_is_put_forward_or_back_moves_no_time(worker_db: Database, ahead: timedelta) -> None:
    before = worker_db.now()
    with wrong_by(ahead):
        assert before <= worker_db.now() < before + ABOUT
    assert before <= worker_db.now() < before + ABOUT


def test_the_database_is_asked_once_a_minute(worker_db: Database) -> None:
    steady = Steady()
    clock = DatabaseClock(steady)
    assert clock.now() is None
    with worker_db.session() as session:
        moment = clock.ask(session)
    steady.now_s += 60
    assert clock.now() == moment + timedelta(minutes=1)
    steady.now_s += 0.1
    assert clock.now() is None


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_how_far_a_clock_is_wrong_stands_in_the_metrics_and_once_an_hour_in_the_log(
    worker_db: Database, caplog: pytest.LogCaptureFixture, ahead: timedelta
) -> None:
    steady = Steady()
    clock = DatabaseClock(steady)

    def told(session: Session) -> int:
        clock.ask(session)
        return caplog.messages.count("clock.differs")

    with worker_db.session() as session, wrong_by(ahead):
        counts = [told(session), told(session)]
        assert abs(timedelta(seconds=offset_s()) - ahead) < ABOUT
        steady.now_s += 3600
        counts.append(told(session))
    assert counts == [1, 1, 2]


def test_an_answer_that_takes_long_is_no_wrong_clock() -> None:
    def slow(told_after: timedelta) -> timedelta:
        """What is found where the answer takes an hour and this part of it has passed when the database tells."""
        with time_machine.travel(START, tick=False) as traveller:

            def ask() -> datetime:
                traveller.move_to(START + HOUR)
                return START + told_after

            return compared(ask)[1]

    assert [slow(after) for after in (timedelta(0), HOUR / 2, HOUR)] == [timedelta(0)] * 3
    assert slow(HOUR * 2) == -HOUR
    assert slow(-HOUR) == HOUR


def test_a_health_check_looks_at_the_clock_too(worker_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    with wrong_by(HOUR):
        worker_db.ping()
    assert "clock.differs" in caplog.messages
