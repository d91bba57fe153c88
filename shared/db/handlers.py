"""The event handlers of installations: when they are checked next, and what came of the last check.

Each installation has handlers of its own, which Bitrix24 drops when the application is removed and may drop when it is
updated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from shared.db.tables.portals import PortalRow
from shared.domain import events
from shared.domain.events import Events, Handlers, NoEvents
from shared.domain.portal import PortalKind, PortalState

# Never checked since the application was installed or updated, or no answer to the first check since then.
_IS_UNCHECKED = "(handlers_checked_at is null or handlers_problem = 'not_answered')"


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one installation's handlers that has begun."""

    installation_id: UUID
    application_id: UUID
    began_at: datetime


def begin_checks(
    session: Session, portal_id: UUID, application_id: UUID, *, every: timedelta, others_every: timedelta
) -> list[Check]:
    """Starts checks of event handlers. Returns the installations to check now, that of ``application_id`` first.

    Handlers that may be missing are checked at once; all others after the given time.
    """
    rows = session.execute(
        text(
            f"""
            update installation
               set handlers_checked_at = clock_timestamp(),
                   handlers_problem = case when handlers_checked_at is null then 'not_answered'
                                           else handlers_problem end
             where portal_id = :portal and removed_at is null
               and ({_IS_UNCHECKED} or handlers_checked_at <= now() - cast(
                      case when application_id = :application then :every else :others_every end as interval))
            returning id, application_id, handlers_checked_at
            """  # noqa: S608 - a condition of this module
        ),
        {"portal": portal_id, "application": application_id, "every": every, "others_every": others_every},
    ).all()
    checks = [Check(row.id, row.application_id, row.handlers_checked_at) for row in rows]
    return sorted(checks, key=lambda check: check.application_id != application_id)


def end_check(session: Session, check: Check, problem: NoEvents | None) -> None:
    """What came of the check is stored, unless the application was installed or updated again meanwhile."""
    session.execute(
        text(
            "update installation set handlers_problem = :problem where id = :id and handlers_checked_at = :began"
        ),
        {"problem": problem, "id": check.installation_id, "began": check.began_at},
    )


def doubt(session: Session, portal_id: UUID, application_id: UUID) -> None:
    """The handlers of the application may be missing: the next read checks them."""
    session.execute(
        text(
            "update installation set handlers_checked_at = null, handlers_problem = null"
            " where portal_id = :portal and application_id = :application"
        ),
        {"portal": portal_id, "application": application_id},
    )


def are_unchecked(session: Session, portal_id: UUID) -> bool:
    """True when the handlers of some installation are not known to be there or to be refused."""
    query = text(
        "select exists (select 1 from installation"  # noqa: S608 - a condition of this module
        f" where portal_id = :portal and removed_at is null and {_IS_UNCHECKED})"
    )
    return bool(session.execute(query, {"portal": portal_id}).scalar_one())


def events_of(session: Session, portal_id: UUID) -> Events:
    """Whether the portal sends events, as its accounts and its own frame show it."""
    portal = session.get_one(PortalRow, portal_id)
    # The role of the cabinet may not read installations.
    rows = session.execute(text("select checked, problem from handlers_of(:portal)"), {"portal": portal_id})
    found = [Handlers(row.checked, None if row.problem is None else NoEvents(row.problem)) for row in rows]
    return events.events_of(PortalKind(portal.kind), PortalState(portal.state), found)
