"""The clock and the patience with which the command line reads a portal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.bitrix24.client import Patience
from tools.cli.reading import PATIENCE_S, clock, patience
from tools.cli.sentences import WRONG_EPOCH, Complaint


def test_source_date_epoch_stops_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1931056500")
    assert clock()() == datetime(2031, 3, 12, 4, 35, tzinfo=UTC)


@pytest.mark.parametrize("epoch", ["soon", "1.5", "9" * 30])
def test_an_epoch_that_is_no_moment_is_refused(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(Complaint) as error:
        clock()
    assert error.value.sentence is WRONG_EPOCH


def test_without_an_epoch_the_moment_is_now_to_the_second_with_its_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    moment = clock()()
    assert moment.tzinfo is not None
    assert moment.microsecond == 0
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60


def test_usual_patience_is_that_of_the_connector() -> None:
    assert patience(PATIENCE_S) == Patience()


def test_less_patience_shortens_everything_a_silent_portal_can_cost() -> None:
    short = patience(6.5)
    assert (short.silence_s, short.total_s, short.idle_s, short.connect_s) == (6.5, 6.5, 6.5, 3)
    assert short.pauses_s == pytest.approx(tuple(pause / 10 for pause in Patience().pauses_s))
