"""How fast one portal is asked, by all reads of it together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from shared.domain.schedule import BETWEEN_REQUESTS, REQUESTS_AT_ONCE

_BETWEEN_S = BETWEEN_REQUESTS.total_seconds()


class Pace:
    """The pace of the requests to one portal; threads may share it.

    Every request costs the portal half a second of rest. ``rest_s``: the rest that it already needs.
    """

    def __init__(self, rest_s: float = 0.0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rested_at = clock() + rest_s
        self._lock = threading.Lock()

    @property
    def rest_s(self) -> float:
        """Seconds until the portal has rested from every request so far."""
        with self._lock:
            return max(0.0, self._rested_at - self._clock())

    def next_request(self) -> float:
        """One more request is counted. Returns how many seconds to wait before it is sent."""
        with self._lock:
            now = self._clock()
            self._rested_at = max(self._rested_at, now) + _BETWEEN_S
            return max(0.0, self._rested_at - now - REQUESTS_AT_ONCE * _BETWEEN_S)
