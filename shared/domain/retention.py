"""Decides which past versions of a portal are kept. Pure functions; times are arguments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime


def superfluous(versions: Iterable[tuple[int, datetime]], *, before: datetime) -> tuple[int, ...]:
    """The numbers of the versions that may be deleted, given the number and time of each.

    Of the versions older than ``before`` the last of each month (UTC) is kept, so that the state at the end of each
    month stays visible. The newest version is always kept.
    """
    ordered = sorted(versions)
    last_of_month = {_month(read_at): number for number, read_at in ordered if read_at < before}
    kept = {*last_of_month.values(), *(number for number, _ in ordered[-1:])}
    return tuple(number for number, read_at in ordered if read_at < before and number not in kept)


def _month(moment: datetime) -> tuple[int, int]:
    at = moment.astimezone(UTC)
    return at.year, at.month
