"""What the end of a read means for the portal: its state, and when it is looked at next."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlmodel import Session

from shared.db import audit, chains, portals
from shared.db.tables.portals import PortalRow
from shared.domain.errors import (
    AccessLost,
    CrmapError,
    MethodPaused,
    Permanent,
    PortalGone,
    SubscriptionEnded,
    WorkerLost,
)
from shared.domain.portal import PortalState
from shared.domain.schedule import CONFIRM_GONE_AFTER, PROBE_EVERY, after_failure, next_scheduled
from shared.domain.snapshot import Snapshot

# Used-up time comes back after the window it is counted in (Bitrix24 REST documentation, limits).
PAUSED_FOR = timedelta(minutes=10)
# A portal that names a later moment is not believed.
_LONGEST_PAUSE = timedelta(hours=1)
# States that end only when somebody does something on the portal.
_WAITING = (PortalState.ACCESS_LOST, PortalState.SUBSCRIPTION_ENDED)


def settle_success(
    session: Session, portal: PortalRow, read: Snapshot, *, started_at: datetime, every: timedelta
) -> None:
    """The portal is active and due again after its period, sooner if an event came while it was read.

    One that was removed meanwhile stays removed.
    """
    if portal.state == PortalState.REMOVED:
        return
    now = portals.now(session)
    portal.state = PortalState.ACTIVE
    portal.read_at = read.read_at
    portal.language = read.portal.language or portal.language
    portal.plan = read.portal.plan or portal.plan
    portal.crm_mode = read.portal.crm_mode or portal.crm_mode
    portal.failures = 0
    portal.problem = None
    portal.gone_said_at = None
    portal.next_read_at = next_scheduled(now, every=every, spread=random.random())  # noqa: S311 - guards nothing
    _answer_events(portal, started_at)
    session.add(portal)


def settle_failure(session: Session, portal: PortalRow, error: CrmapError, *, started_at: datetime) -> None:
    """What is known stays; the portal's state says what is wrong, and it is tried again in its time.

    At once if an event, or fresh access to the portal, came while the read that failed was under way.
    A portal said to be gone is believed the second time only, ten minutes later at least. One that was removed
    meanwhile stays removed.
    """
    if portal.state == PortalState.REMOVED:
        return
    now = portals.now(session)
    if portal.state not in _WAITING or isinstance(error, Permanent):
        # Why a portal waits for somebody is not forgotten over a passing trouble.
        portal.problem = error.code
    _answer_events(portal, started_at)
    match error:
        case SubscriptionEnded():
            portal.state = PortalState.SUBSCRIPTION_ENDED
            portal.next_read_at = now + PROBE_EVERY
        case PortalGone():
            _said_gone(session, portal, now)
        case AccessLost():
            portal.state = PortalState.ACCESS_LOST
            portal.next_read_at = now + PROBE_EVERY
        case WorkerLost():
            portal.next_read_at = now + PROBE_EVERY
        case MethodPaused():
            portal.next_read_at = _free_again(error, now)
        case _:
            portal.failures += 1
            ever_read = portal.read_at is not None
            portal.next_read_at = after_failure(now, failures=portal.failures, ever_read=ever_read)
    session.add(portal)


def _free_again(paused: MethodPaused, now: datetime) -> datetime:
    """When the portal answers again: the moment it named itself, else after the time limits are counted over."""
    named = paused.facts.get("until")
    until = datetime.fromisoformat(named) if named else now
    return until if now < until <= now + _LONGEST_PAUSE else now + PAUSED_FOR


def _answer_events(portal: PortalRow, started_at: datetime) -> None:
    """Events from before the read began have had their answer; one that came later still waits for it."""
    if portal.dirty_since is not None and portal.dirty_since <= started_at:
        portal.dirty_since = None


def _said_gone(session: Session, portal: PortalRow, now: datetime) -> None:
    if portal.gone_said_at is None or now - portal.gone_said_at < CONFIRM_GONE_AFTER:
        portal.gone_said_at = portal.gone_said_at or now
        portal.next_read_at = now + CONFIRM_GONE_AFTER
        return
    portals.retire(portal, erase_at=now + portals.KEEP_REMOVED)
    chains.erase_all(session, portal.id)
    audit.write(
        session, "worker", "portal.removed", portal_id=portal.id, facts={"by": "authorization server"}
    )
