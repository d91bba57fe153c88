"""Changes of the state of a portal. No other module changes the state of an existing portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from shared.db import audit, chains
from shared.db.portals import OF_PEOPLE, now
from shared.db.tables.portals import PortalRow
from shared.domain import outcome
from shared.domain.errors import AuthorizationAway, ClientRefused, CrmapError, WorkerLost
from shared.domain.outcome import Condition
from shared.domain.portal import PortalState
from shared.domain.shares import SLOW_AFTER
from shared.domain.snapshot import Snapshot

# How long a removed portal that did not ask for erasure is kept, in case it is installed again.
KEEP_REMOVED = timedelta(days=30)
# A portal that asked for erasure is erased within the day; the hour allows for a mistaken click.
ERASE_CLEAN_AFTER = timedelta(hours=1)
# The same where nobody said that the application was removed and only every token was refused: that happens by
# mistake too, so an administrator has most of the day to open it again.
ERASE_DOUBTED_AFTER = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the read of a portal began, how often it is read, and the ``spread`` of its next read, in [0, 1).

    ``rest`` is what the portal needs after the read.
    """

    started_at: datetime
    rest: timedelta
    every: timedelta
    spread: float


def read_succeeded(
    session: Session, portal_id: UUID, read: Snapshot, counts: Mapping[str, int], schedule: Schedule
) -> bool:
    """The portal is active, has the facts of the read, and its next read is set; False when it was erased meanwhile.

    A portal removed meanwhile stays removed. An event that came during the read still causes another read.
    """
    portal = _locked(session, portal_id)
    if portal is None:
        return False
    at = now(session)
    portal.counts = dict(counts)
    if portal.state != PortalState.REMOVED:
        portal.read_at = read.read_at
        portal.language = read.portal.language or portal.language
        portal.plan = read.portal.plan or portal.plan
        portal.crm_mode = read.portal.crm_mode or portal.crm_mode
        portal.slow = at - schedule.started_at > SLOW_AFTER
        portal.rested_at = at + schedule.rest
        _take(portal, outcome.succeeded(at, every=schedule.every, spread=schedule.spread))
        _answer_events(portal, schedule.started_at)
    session.add(portal)
    session.flush()
    return True


def read_failed(
    session: Session,
    portal_id: UUID,
    error: CrmapError,
    *,
    started_at: datetime,
    rest: timedelta = timedelta(0),
) -> bool:
    """The portal's state shows the error, and the next read is set; False when the portal was erased meanwhile.

    ``rest`` is what the portal needs after the read. It is read at once if an event or fresh access came during the
    read that failed. A portal that was removed meanwhile does not change.
    """
    portal = _locked(session, portal_id)
    if portal is None:
        return False
    if portal.state == PortalState.REMOVED:
        return True
    at = now(session)
    portal.slow = at - started_at > SLOW_AFTER
    portal.rested_at = at + rest
    after = outcome.failed(_condition(portal), error, now=at, ever_read=portal.read_at is not None)
    _answer_events(portal, started_at)
    if after.state is PortalState.REMOVED:
        remove(session, portal_id, erase_after=KEEP_REMOVED, by="authorization server")
    else:
        _take(portal, after)
        session.add(portal)
    session.flush()
    return True


def authorization_answers(session: Session, application_id: UUID) -> int:
    """The authorization server has accepted the application: portals that wait for that are due now. Returns how many.

    They are portals whose problem is that it did not answer, or that it refused this application.
    """
    result = session.execute(
        # Others may do the same at this moment, in another order.
        text(
            """
            update portal set next_read_at = now()
             where id in (select id from portal
                           where state <> 'removed' and next_read_at > now()
                             and (problem = :away
                                  or (problem = :refused and exists
                                        (select 1 from chain where chain.portal_id = portal.id
                                            and chain.application_id = :application)))
                             for update skip locked)
            """
        ),
        {"away": AuthorizationAway.code, "refused": ClientRefused.code, "application": application_id},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def reconcile(session: Session) -> int:
    """Every portal is read within two hours, because events of an outage of ours are gone for good. Returns how many.

    People's portals come in the first half hour: those in a cabinet, and those opened within a week.
    """
    result = session.execute(
        text(
            f"""
            with wanted as (
              select id, case when {OF_PEOPLE}
                              then interval '2 min' + random() * interval '28 min'
                              else interval '30 min' + random() * interval '75 min' end as wait
                from portal where state <> 'removed' for update skip locked)
            update portal set next_read_at = least(portal.next_read_at, now() + wanted.wait)
              from wanted where wanted.id = portal.id
            """  # noqa: S608 - the condition is a literal
        )
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def quarantine(session: Session, portal_id: UUID) -> None:
    """The portal is not read for a day, because its reads killed their workers; its state says so."""
    read_failed(session, portal_id, WorkerLost(), started_at=now(session))


def remove(session: Session, portal_id: UUID, *, erase_after: timedelta, by: str) -> None:
    """The portal is no longer read, its tokens are deleted, and it is erased in time unless installed again."""
    portal = session.get_one(PortalRow, portal_id)
    portal.state = PortalState.REMOVED
    portal.purge_at = now(session) + erase_after
    portal.dirty_since = None
    chains.erase_all(session, portal_id)
    audit.write(session, "worker", "portal.removed", portal_id=portal_id, facts={"by": by})
    session.add(portal)


def revive(portal: PortalRow, *, at: datetime) -> None:
    """The portal is connected or installed, perhaps again, and is due at once; its history continues."""
    _take(portal, Condition(PortalState.ACTIVE, at))
    portal.purge_at = None
    # A read under way may fail because it lacks the access that has just come.
    portal.dirty_since = at


def _locked(session: Session, portal_id: UUID) -> PortalRow | None:
    """The portal, locked until this transaction ends."""
    return session.get(PortalRow, portal_id, populate_existing=True, with_for_update={"key_share": True})


def _condition(portal: PortalRow) -> Condition:
    return Condition(
        state=PortalState(portal.state),
        next_read_at=portal.next_read_at,
        failures=portal.failures,
        problem=portal.problem,
        problem_at=portal.problem_at,
        gone_said_at=portal.gone_said_at,
    )


def _take(portal: PortalRow, condition: Condition) -> None:
    portal.state = condition.state
    portal.next_read_at = condition.next_read_at
    portal.failures = condition.failures
    portal.problem = condition.problem
    portal.problem_at = condition.problem_at
    portal.gone_said_at = condition.gone_said_at


def _answer_events(portal: PortalRow, started_at: datetime) -> None:
    """Events from before the read are answered by it; a later event still waits for another read."""
    if portal.dirty_since is not None and portal.dirty_since <= started_at:
        portal.dirty_since = None
