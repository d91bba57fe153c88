"""Limits for tries. They are counted in the database, so they hold for all processes and fail closed.

Two kinds of counters. A counter of one's own (a person at a place, a portal) refuses when its rule says so. A shared
counter adds up everybody's failures; it refuses only those who have failed themselves, so nobody can use it up to keep
others out. When a shared counter is full, the log says so for the operator.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from shared.db.sealed import Keyring
from shared.domain.growing_delay import GrowingDelay

# Tries are counted in tenths of the span, so they expire little by little and not all at once.
_BIN = "date_bin(cast(:within as interval) / 10, now(), timestamptz '2020-01-01')"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this many tries in any span of this length."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Counter:
    """The failures of one bucket, and the rule for how many there may be."""

    bucket: str
    rule: Limit | GrowingDelay


@dataclass(frozen=True, slots=True)
class _Standing:
    """How many failures a counter holds, and how long it makes the next try wait."""

    failures: int
    wait: timedelta | None


def keyed(keyring: Keyring, kind: str, *parts: str) -> str:
    """The bucket of these parts, which are stored as a keyed hash only: network and e-mail addresses are personal."""
    message = "\x1f".join(("limit", kind, *parts))
    return f"{kind} {keyring.signature(message)}"


def wait_for(session: Session, own: Sequence[Counter], shared: Sequence[Counter] = ()) -> timedelta | None:
    """How long to wait before the next try, ``None`` if a try is allowed now. Nothing is counted.

    A full counter of ``own`` refuses; one of ``shared`` refuses only whoever has failures in the first of ``own``.
    The buckets are locked until the transaction ends, so no other try can come between checking and counting. Name
    them in the same order everywhere, or two transactions wait for each other.
    """
    standings = [_standing(session, counter) for counter in own]
    waits = [standing.wait for standing in standings if standing.wait is not None]
    for counter in shared:
        wait = _standing(session, counter).wait
        if wait is None:
            continue
        log.error("limits.shared_is_full", extra={"limit": counter.bucket})
        if standings[0].failures:
            waits.append(wait)
    return max(waits, default=None)


def fail(session: Session, counters: Sequence[Counter]) -> None:
    """One more failure is counted in each of the counters, which ``wait_for`` has locked in this transaction."""
    for counter in counters:
        if isinstance(counter.rule, Limit):
            _add(session, counter.bucket, counter.rule)
        else:
            _fail_growing(session, counter.bucket, counter.rule)


def take_back(session: Session, counters: Sequence[Counter]) -> None:
    """A try that was counted as a failure has succeeded: limits forget it, growing delays begin anew."""
    for counter in counters:
        if isinstance(counter.rule, GrowingDelay):
            _lock(session, counter.bucket)
            session.execute(text("delete from attempt where bucket = :bucket"), {"bucket": counter.bucket})
            continue
        session.execute(
            text(
                "update attempt set count = greatest(count - 1, 0) where bucket = :bucket and window_at ="
                " (select max(window_at) from attempt where bucket = :bucket and count > 0)"
            ),
            {"bucket": counter.bucket},
        )


def count(session: Session, bucket: str, limit: Limit) -> timedelta | None:
    """``None`` if one more try is allowed, which is counted; else how long to wait, and the try is not counted."""
    wait = _windowed(session, bucket, limit).wait
    if wait is None:
        _add(session, bucket, limit)
    return wait


def drop_old(session: Session) -> None:
    """Old windows are deleted."""
    session.execute(text("delete from attempt where window_at < now() - interval '2 days'"))


def _standing(session: Session, counter: Counter) -> _Standing:
    if isinstance(counter.rule, Limit):
        return _windowed(session, counter.bucket, counter.rule)
    _lock(session, counter.bucket)
    row = _row(session, counter.bucket)
    if row.last_at is None:
        return _Standing(0, None)
    return _Standing(
        counter.rule.remembered(row.failures, row.last_at, row.now),
        counter.rule.wait(row.failures, row.last_at, row.now),
    )


def _lock(session: Session, bucket: str) -> None:
    # The only row of a growing delay may not exist yet, so the name is locked.
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:bucket, 0))"), {"bucket": bucket})


def _fail_growing(session: Session, bucket: str, rule: GrowingDelay) -> None:
    row = _row(session, bucket)
    if row.last_at is None:
        change = "insert into attempt (bucket, window_at, count) values (:bucket, clock_timestamp(), :count)"
        failures = 1
    else:
        change = "update attempt set window_at = clock_timestamp(), count = :count where bucket = :bucket"
        failures = rule.remembered(row.failures, row.last_at, row.now) + 1
    session.execute(text(change), {"bucket": bucket, "count": failures})


def _row(session: Session, bucket: str) -> Any:
    return session.execute(
        text(
            "select coalesce(sum(count), 0) as failures, max(window_at) as last_at, clock_timestamp() as now"
            " from attempt where bucket = :bucket"
        ),
        {"bucket": bucket},
    ).one()


def _windowed(session: Session, bucket: str, limit: Limit) -> _Standing:
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
    return _Standing(int(row.tries), row.wait if row.tries >= limit.most else None)


def _add(session: Session, bucket: str, limit: Limit) -> None:
    session.execute(
        text(f"update attempt set count = count + 1 where bucket = :bucket and window_at = {_BIN}"),  # noqa: S608
        {"bucket": bucket, "within": limit.within},
    )
