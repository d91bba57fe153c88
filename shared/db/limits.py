"""How often something may be tried. Counted in the database, so a limit holds for all processes and fails closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this many tries in each window of time."""

    most: int
    within: timedelta


def count(session: Session, bucket: str, limit: Limit) -> timedelta | None:
    """One more try is counted; ``None`` while it is allowed, else how long to wait.

    Commit even when the try is refused: a refused try counts as well.
    """
    row = session.execute(
        text(
            """
            insert into attempt (bucket, window_at, count)
            values (:bucket, date_bin(:within, now(), timestamptz '2020-01-01'), 1)
            on conflict (bucket, window_at) do update set count = attempt.count + 1
            returning count as tries, window_at + :within - now() as wait
            """
        ),
        {"bucket": bucket, "within": limit.within},
    ).one()
    return row.wait if row.tries > limit.most else None


def wait(session: Session, bucket: str, limit: Limit) -> timedelta | None:
    """How long to wait before the next try, ``None`` if none; nothing is counted.

    Whoever asks next about this bucket waits for this transaction: between looking and counting nobody slips through.
    """
    row = session.execute(
        text(
            """
            insert into attempt (bucket, window_at, count)
            values (:bucket, date_bin(:within, now(), timestamptz '2020-01-01'), 0)
            on conflict (bucket, window_at) do update set count = attempt.count
            returning count as tries, window_at + :within - now() as wait
            """
        ),
        {"bucket": bucket, "within": limit.within},
    ).one()
    return row.wait if row.tries >= limit.most else None


def forget(session: Session, bucket: str) -> None:
    """Nothing is counted against this bucket any more: the try succeeded."""
    session.execute(text("delete from attempt where bucket = :bucket"), {"bucket": bucket})


def drop_old(session: Session) -> None:
    """Windows that are long over are gone."""
    session.execute(text("delete from attempt where window_at < now() - interval '2 days'"))
