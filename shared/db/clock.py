"""The database's clock, which alone decides what is late, over or due.

Each process's own clock may be wrong, by hours and in its own way. So nothing comes from it that is stored, signed or
compared with a moment of somebody else. Statements use ``now()``; what is decided outside of them asks here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from prometheus_client import Gauge
from sqlalchemy import text
from sqlmodel import Session

# A process whose clock differs by more than this says so. Nothing goes wrong, but the moments in its log do not fit.
TOLERANCE = timedelta(seconds=5)
_ASKED_EVERY_S = 60.0
_TOLD_EVERY_S = 3600.0

OFFSET = Gauge(
    "crmap_clock_offset_seconds",
    "How far the clock of this process is ahead of the database's; negative if it is behind.",
)

log = logging.getLogger(__name__)


class DatabaseClock:
    """The time of the database's clock, kept between two answers by a clock that nobody can set."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        # The last answer, and when it came by the steady clock.
        self._last: tuple[datetime, float] | None = None
        self._told_at: float | None = None

    def now(self) -> datetime | None:
        """The time, never ahead of the database's; ``None`` if the database was not asked within the last minute."""
        if self._last is None:
            return None
        moment, heard_at = self._last
        since_s = self._steady() - heard_at
        return None if since_s > _ASKED_EVERY_S else moment + timedelta(seconds=since_s)

    def ask(self, session: Session) -> datetime:
        """The time now. How far the process's clock is from it stands in the metrics, and in the log if that is far."""
        query = text("select clock_timestamp()")
        moment, ahead = compared(lambda: session.execute(query).scalar_one())
        self._last = moment, self._steady()
        OFFSET.set(ahead.total_seconds())
        if abs(ahead) > TOLERANCE:
            self._tell(ahead)
        return moment

    def _tell(self, ahead: timedelta) -> None:
        now = self._steady()
        if self._told_at is None or now - self._told_at >= _TOLD_EVERY_S:
            self._told_at = now
            log.warning("clock.differs", extra={"ahead_s": round(ahead.total_seconds(), 1)})


def compared(ask: Callable[[], datetime]) -> tuple[datetime, timedelta]:
    """The database's moment, as ``ask`` returns it, and how far this process's clock is ahead of it, at the least.

    Negative if it is behind. The answer may have taken long, so only what lies outside of the wait counts.
    """
    before = datetime.now(UTC)
    moment = ask()
    after = datetime.now(UTC)
    return moment, max(before - moment, timedelta(0)) + min(after - moment, timedelta(0))
