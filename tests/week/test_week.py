"""Two days of forty portals: a short run of what ``make week`` does with ten thousand for a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from shared.domain import outcome
from tests.servers import Databases
from tests.week.week import live

TWO_DAYS = timedelta(days=2)


@pytest.fixture
def database(postgres_server: Databases) -> Iterator[str]:
    """One that nobody else has later, since it believes in another time."""
    url = postgres_server.fresh()
    yield url
    postgres_server.drop(url)


def test_after_all_outages_everything_that_was_promised_is_kept(database: str) -> None:
    figures, text = live(database, portals=40, length=TWO_DAYS, seed=1)
    assert figures.broken == [], text
    assert figures.reads["done"] > 40 * 2 * 3, "each was read by its schedule"
    assert figures.waits_to_begin
    assert figures.deaths


def test_a_schedule_that_reads_too_rarely_is_noticed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run itself is worth something."""

    def too_late(now: datetime, *, every: timedelta, spread: float) -> datetime:
        return now + every * (4 + spread)

    monkeypatch.setattr(outcome, "next_scheduled", too_late)
    figures, _ = live(database, portals=20, length=TWO_DAYS, seed=1)
    assert figures.broken
