"""Work in threads of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.contextvars import bound_contextvars, get_contextvars

from services.gateway.own_threads import in_thread
from tests.waiting import finished


def test_work_is_done_in_these_threads_and_knows_its_request() -> None:
    def work(number: int, *, name: str) -> tuple[int, str, str, dict[str, object]]:
        return number, name, threading.current_thread().name, dict(get_contextvars())

    with ThreadPoolExecutor(1, "own") as threads, bound_contextvars(request_id="r1"):
        done = finished(in_thread(threads, work, 1, name="a"))
    assert done == (1, "a", "own_0", {"request_id": "r1"})


def test_what_the_work_raises_is_raised() -> None:
    def work() -> None:
        raise LookupError

    with ThreadPoolExecutor(1) as threads, pytest.raises(LookupError):
        finished(in_thread(threads, work))
