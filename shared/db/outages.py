"""Outages of ours: when one is over, the first heartbeat of a worker notices, because events of that time are gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session

# Heartbeats come every three seconds, whatever else the workers do.
OUTAGE_AFTER = timedelta(seconds=10)
# The latest heartbeat of all workers is one row of the table of tries.
_BUCKET = "last heartbeat"


def is_over(session: Session) -> bool:
    """True for the first heartbeat after an outage, and for the first of all. The heartbeat is recorded."""
    latest = text(
        "select window_at < now() - cast(:gap as interval) from attempt where bucket = :bucket for update"
    )
    was_away = session.execute(latest, {"bucket": _BUCKET, "gap": OUTAGE_AFTER}).scalar_one_or_none()
    if was_away is None:
        first = text(
            "insert into attempt (bucket, window_at, count) values (:bucket, now(), 0) on conflict do nothing"
        )
        session.execute(first, {"bucket": _BUCKET})
        return True
    session.execute(text("update attempt set window_at = now() where bucket = :bucket"), {"bucket": _BUCKET})
    return bool(was_away)
