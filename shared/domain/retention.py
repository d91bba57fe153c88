"""Which past versions of a portal are worth keeping. Pure; moments are arguments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime


def superfluous(versions: Iterable[tuple[int, datetime]], *, before: datetime) -> tuple[int, ...]:
    """The numbers of the versions that may go, given the number and moment of each.

    Of those from before ``before`` the last of each month stays (UTC), so that what held at its end can still be
    looked at. The newest of all stays however old it is.
    """
    ordered = sorted(versions)
    last_of_month = {_month(read_at): number for number, read_at in ordered if read_at < before}
    kept = {*last_of_month.values(), *(number for number, _ in ordered[-1:])}
    return tuple(number for number, read_at in ordered if read_at < before and number not in kept)


def _month(moment: datetime) -> tuple[int, int]:
    at = moment.astimezone(UTC)
    return at.year, at.month
