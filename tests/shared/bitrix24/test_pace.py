"""A portal is asked ten times at once and twice a second after that, however many reads that makes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.bitrix24.commands import Command, Key
from shared.bitrix24.pace import Pace
from shared.domain.schedule import BETWEEN_REQUESTS, REQUESTS_AT_ONCE, pause_before_read
from tests.faults.raw_server import RawServer, http
from tests.shared.bitrix24.reading import opened

BETWEEN_S = BETWEEN_REQUESTS.total_seconds()
ME = [Command(Key("me"), "profile")]


def test_a_burst_goes_out_at_once_and_the_rest_twice_a_second() -> None:
    pace = Pace(clock=lambda: 0.0)
    waits = [pace.next_request() for _ in range(REQUESTS_AT_ONCE + 3)]
    assert waits == [0] * REQUESTS_AT_ONCE + [BETWEEN_S, 2 * BETWEEN_S, 3 * BETWEEN_S]


def test_whoever_asks_slowly_never_waits() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    for _ in range(100):
        assert pace.next_request() == 0
        now[0] += BETWEEN_S


@pytest.mark.parametrize("before", range(REQUESTS_AT_ONCE + 1))
def test_the_next_read_goes_on_where_the_last_one_ended(before: int) -> None:
    first = Pace(clock=lambda: 0.0)
    for _ in range(before):
        first.next_request()
    second = Pace(first.rest_s, clock=lambda: 0.0)
    at_once = [second.next_request() for _ in range(REQUESTS_AT_ONCE)].count(0)
    assert before + at_once == REQUESTS_AT_ONCE


def test_somebody_who_never_stops_pressing_causes_two_requests_a_second() -> None:
    rested_at, sent = 0.0, 0
    for tenth in range(200):
        now = tenth / 10
        rest_s = max(0.0, rested_at - now)
        if pause_before_read(timedelta(seconds=rest_s)) > timedelta(0):
            continue
        pace = Pace(rest_s, clock=lambda: 0.0)
        assert pace.next_request() == 0, "a read that begins holds no slot just to wait"
        rested_at = now + pace.rest_s
        sent += 1
    assert sent <= REQUESTS_AT_ONCE + 20 / BETWEEN_S


def test_a_line_sends_no_faster_than_its_pace() -> None:
    slept: list[float] = []
    with RawServer(http(b'{"result": {"result": {"me": {"ID": "1"}}}}')) as server:
        line = opened(
            server.url.removesuffix("batch"),
            pace=Pace(REQUESTS_AT_ONCE * BETWEEN_S, clock=lambda: 0.0),
            sleep=slept.append,
        )
        with line:
            for _ in range(3):
                assert line.batch(ME)[Key("me")].ok
    assert slept == [BETWEEN_S, 2 * BETWEEN_S, 3 * BETWEEN_S]
