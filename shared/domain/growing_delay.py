"""Guessing costs more time with every failure, and a person who mistyped twice waits for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class GrowingDelay:
    """After ``free`` failures in a row the next try has to wait for ``first``, then twice as long, up to ``longest``.

    Failures are forgotten when there was none for ``forgotten_after``.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta

    def remembered(self, failures: int, last_at: datetime, now: datetime) -> int:
        """How many of these failures still count."""
        return failures if now - last_at < self.forgotten_after else 0

    def wait(self, failures: int, last_at: datetime, now: datetime) -> timedelta | None:
        """How long the next try has to wait after so many failures, the last one then; ``None`` if it may be made."""
        counted = self.remembered(failures, last_at, now)
        if counted == 0 or counted < self.free:
            return None
        pause = min(self.first * 2 ** min(counted - self.free, _MOST_DOUBLINGS), self.longest)
        left = last_at + pause - now
        return left if left > timedelta(0) else None
