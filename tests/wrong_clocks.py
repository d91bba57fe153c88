"""Clocks that are wrong: that of this process, or of one that is started. The monotonic clock is never wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

HOUR = timedelta(hours=1)
#: Far less than the clock is wrong by, and far more than a test takes on a busy machine.
ABOUT = timedelta(minutes=30)
_STARTER = Path(__file__).parent / "wrong_clock"


@contextmanager
def wrong_by(ahead: timedelta) -> Iterator[None]:
    """Everything in this process believes that it is so much later; if ``ahead`` is negative, earlier."""
    with time_machine.travel(datetime.now(UTC) + ahead, tick=True):
        yield


def environment_of(ahead: timedelta) -> dict[str, str]:
    """What a Python process finds in its environment whose clock is ahead by this."""
    return {"PYTHONPATH": str(_STARTER), "CLOCK_AHEAD_S": str(ahead.total_seconds())}
