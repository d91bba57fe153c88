"""Outages of ours: when one is over, the first heartbeat of a worker notices, because events of that time are gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session

# Heartbeats come every three seconds, whatever else the workers do.
OUTAGE_AFTER = timedelta(seconds=10)
# So soon after a recorded one the next is not recorded: most of them write nothing.
_RECORDED_EVERY = timedelta(seconds=5)
_BUCKET = "last heartbeat"
_BEAT = text(
    """
    with recent as (
      select from attempt where bucket = :bucket and window_at between now() - cast(:recent as interval) and now()
    ), former as (
      select window_at from attempt where bucket = :bucket and not exists (select from recent) for update skip locked
    ), gone as (
      delete from attempt using former where bucket = :bucket and attempt.window_at = former.window_at
    )
    insert into attempt (bucket, window_at, count) select :bucket, now(), 0 where not exists (select from recent)
    on conflict do nothing
    returning not exists (select from attempt where bucket = :bucket and window_at >= now() - cast(:gap as interval))
    """
)
_TIMES = {"bucket": _BUCKET, "gap": OUTAGE_AFTER, "recent": _RECORDED_EVERY}


def is_over(session: Session) -> bool:
    """True for the first heartbeat after an outage, and for the first of all. The heartbeat is recorded, now and then.

    No heartbeat waits for another, whose process may be frozen. So two at the same moment may both be the first.
    """
    return bool(session.execute(_BEAT, _TIMES).scalar_one_or_none())
