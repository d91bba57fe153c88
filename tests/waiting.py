"""Waiting for what other threads and processes do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

#: Ends a test that would hang. It is no promise of the product, so a busy machine stays well below it.
WITHIN_S = 90.0
#: The latency of a portal that answers when the test lowers it again, however long the test takes until then.
HELD_MS = 1000 * WITHIN_S
#: True once somebody waits for a lock in this database; others of the server may be those of other tests.
WAITS_FOR_LOCK = (
    "select exists (select from pg_locks waiting join pg_locks any_other using (pid) where not waiting.granted"
    " and any_other.database = (select oid from pg_database where datname = current_database()))"
)
# A look costs a connection or a request: who has waited for a second may wait a tenth more.
_LOOKS_AFTER_S, _LOOKS_AT_LEAST_EVERY_S = 0.01, 0.25

_Result = TypeVar("_Result")


def finished(work: Coroutine[Any, Any, _Result]) -> _Result:
    """What the coroutine returns or raises. It has a thread: a browser of another test keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, asyncio.run, work).result()


def until(holds: Callable[[], Any], *, within: float = WITHIN_S, what: str | Callable[[], str] = "it") -> Any:
    """What ``holds`` gave once it was true. Fails when it has not been within this many seconds."""
    began = time.monotonic()
    while not (given := holds()):
        waited_s = time.monotonic() - began
        if waited_s > within:
            raise AssertionError(f"not within {within:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(min(_LOOKS_AFTER_S + waited_s / 10, _LOOKS_AT_LEAST_EVERY_S))
    return given
