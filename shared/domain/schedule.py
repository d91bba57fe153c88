"""The time of a portal's next read: by schedule, after an event, after failures. Pure; times are arguments."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum

from shared.domain.doubts import CONFIRM_AFTER

# The events of one click share a read. A portal has a few such reads in hand and gets one back a minute, so a second
# change shows at once, and a storm of events costs one read a minute.
AFTER_EVENT = timedelta(seconds=1)
EVENT_READS_IN_HAND = 5
EVENT_READ_BACK_AFTER = timedelta(minutes=1)
# A portal without a subscription or without access is asked once a day whether it has come back.
PROBE_EVERY = timedelta(days=1)
# A doubted loss is checked by another read. The clocks of two workers may differ a little.
READ_AGAIN_AFTER = CONFIRM_AFTER + timedelta(seconds=2)
# If a portal is said to be removed, it is checked once more before that is accepted.
CONFIRM_GONE_AFTER = timedelta(minutes=10)
# A portal is asked ten times at once and twice a second after that. It allows a burst of fifty (Bitrix24 REST
# documentation, limits), which everybody behind our address shares.
REQUESTS_AT_ONCE = 10
BETWEEN_REQUESTS = timedelta(seconds=0.5)
# A lost access is checked once more. A renewal whose answer comes late is stored or lost by then.
CONFIRM_LOST_AFTER = timedelta(minutes=1)

_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
# What nobody has to mend may be over at any time. For three days it is asked often enough to notice within two hours.
_PASSING_PAUSES = (timedelta(minutes=100),) * 43
_LASTING_PAUSES = (timedelta(hours=2), timedelta(hours=6))
_INSTALL_PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(seconds=60),
    timedelta(minutes=5),
    timedelta(minutes=15),
)


class Lane(IntEnum):
    """The urgency of a job by its cause, most urgent first: a waiting person, a new portal, an event, the schedule.

    What the schedule wants of slow portals comes last.
    """

    WAITING = 0
    INSTALL = 1
    EVENT = 2
    ROUTINE = 3
    SLOW = 4


def next_scheduled(now: datetime, *, every: timedelta, spread: float) -> datetime:
    """The next routine read. ``spread`` in [0, 1) adds up to a tenth, so that portals are not read all at once."""
    return now + every + every * 0.1 * spread


def pause_before_read(rest: timedelta) -> timedelta:
    """How long a read that somebody waits for is put off while the portal still needs this much rest.

    It begins as soon as one request may be sent, so the first of several reads begins at once.
    """
    return max(
        timedelta(0),
        min(rest, REQUESTS_AT_ONCE * BETWEEN_REQUESTS) - (REQUESTS_AT_ONCE - 1) * BETWEEN_REQUESTS,
    )


def after_event(now: datetime, all_back_at: datetime | None) -> tuple[timedelta, datetime]:
    """How long a read for an event waits, and when the portal has all its reads for events in hand after it.

    ``all_back_at`` is that moment before the read; ``None`` for a portal that never had an event.
    """
    spent_until = max(all_back_at or now, now)
    wait = spent_until - now - (EVENT_READS_IN_HAND - 1) * EVENT_READ_BACK_AFTER
    return max(wait, timedelta(0)), spent_until + EVENT_READ_BACK_AFTER


def after_failure(now: datetime, *, failures: int, ever_read: bool, passing: bool) -> datetime:
    """When to retry after so many failures in a row, at least one. Pauses are shorter for a portal never read.

    ``passing``: what failed needs no mending, such as a network that is down.
    """
    first = _PAUSES if ever_read else _INSTALL_PAUSES
    pauses = first + (_PASSING_PAUSES if passing else _LASTING_PAUSES)
    pause = pauses[failures - 1] if failures <= len(pauses) else PROBE_EVERY
    return now + pause
