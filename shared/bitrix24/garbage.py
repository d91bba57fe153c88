"""Makes Python's cyclic garbage collector run less often while a portal is read.

A read makes tens of thousands of objects that stay in use (62,000 for a portal of 3,200 user fields and 3,000 people).
By default the collector runs after every 700 new objects: a fifth of the CPU time of such a read. It is not switched
off, because reads may follow one another without a pause.
"""

from __future__ import annotations

import gc
import threading
from contextlib import ContextDecorator
from types import TracebackType

_OBJECTS = 100_000


class _Rarely(ContextDecorator):
    """While any thread is inside, the collector runs every 100,000 new objects. Then the old limit is restored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = gc.get_threshold()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = gc.get_threshold()
                objects, *older = self._before
                # 0 means that the collector is switched off.
                gc.set_threshold(objects and max(objects, _OBJECTS), *older)
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gc.set_threshold(*self._before)


# A decorator, so that the local objects of the function are freed before the collector runs again.
garbage_collected_rarely = _Rarely()
