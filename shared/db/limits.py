"""Limits for tries. They are counted in the database, so they hold for all processes and fail closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session

# Tries are counted in tenths of the span, so they expire little by little and not all at once.
_BIN = "date_bin(cast(:within as interval) / 10, now(), timestamptz '2020-01-01')"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this many tries in any span of this length."""

    most: int
    within: timedelta


def count(session: Session, bucket: str, limit: Limit) -> timedelta | None:
    """``None`` if one more try is allowed, which is counted; else how long to wait, and the try is not counted."""
    pause = wait(session, bucket, limit)
    if pause is None:
        session.execute(
            text(f"update attempt set count = count + 1 where bucket = :bucket and window_at = {_BIN}"),  # noqa: S608
            {"bucket": bucket, "within": limit.within},
        )
    return pause


def wait(session: Session, bucket: str, limit: Limit) -> timedelta | None:
    """How long to wait before the next try, ``None`` if a try is allowed now. Nothing is counted.

    The bucket is locked until the transaction ends, so no other try can come between checking and counting.
    """
    row = session.execute(
        text(
            f"""
            with present as (
              insert into attempt (bucket, window_at, count) values (:bucket, {_BIN}, 0)
              on conflict (bucket, window_at) do update set count = attempt.count
              returning window_at, count)
            select present.count + coalesce(sum(past.count), 0) as tries,
                   coalesce(min(past.window_at), present.window_at) + cast(:within as interval) - now() as wait
              from present left join attempt past
                on past.bucket = :bucket and past.count > 0 and past.window_at <> present.window_at
               and past.window_at > now() - cast(:within as interval)
             group by present.window_at, present.count
            """  # noqa: S608
        ),
        {"bucket": bucket, "within": limit.within},
    ).one()
    return row.wait if row.tries >= limit.most else None


def forget(session: Session, bucket: str) -> None:
    """All tries of this bucket are forgotten, because one succeeded."""
    session.execute(text("delete from attempt where bucket = :bucket"), {"bucket": bucket})


def drop_old(session: Session) -> None:
    """Old windows are deleted."""
    session.execute(text("delete from attempt where window_at < now() - interval '2 days'"))
