"""What ticks look after: jobs that lost their worker, portals that are due, and what has had its time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from shared.db import inbox, jobs, portals, renewals
from shared.domain.schedule import EVENT_READ_BACK_AFTER

_LOOK = text(
    f"""
    select exists (select from job where {jobs.LOST}) as lost,
           exists (select from portal where {portals.DUE}) as due,
           exists (select from chain where {renewals.SUSPECTED_FOR_LONG})
             or exists (select from inbox where {inbox.WITH_OLD_SOURCE})
             or exists (select from portal where {portals.TO_ERASE}) as over
    """  # noqa: S608 - conditions of other modules
)
_TIMES = {
    "event_waits": EVENT_READ_BACK_AFTER,
    "suspect_rests": renewals.SUSPECT_RESTS,
    "pace": inbox.PACE,
}


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What there is to look after: jobs that were ``lost``, portals that are ``due``, and what is ``over``.

    Over are suspect chains nobody renewed, sources of events that count no longer, and the time of removed portals.
    """

    lost: bool
    due: bool
    over: bool


def look(session: Session) -> Upkeep:
    """What there is to look after now, in one statement: mostly nothing."""
    row = session.execute(_LOOK, _TIMES).one()
    return Upkeep(row.lost, row.due, row.over)
