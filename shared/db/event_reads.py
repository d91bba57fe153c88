"""Reads because of events: the portal is marked, and read soon unless a read that will see the change is coming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from shared.db import inbox, jobs
from shared.db.inbox import Incoming
from shared.db.sealed import Keyring
from shared.domain.schedule import AFTER_EVENT, Lane, after_event

# The latest event counts: a read that began before it may not contain its change.
_MARKED = "update portal set dirty_since = clock_timestamp() where id = :portal"
_KNOWN = """
  returning id, event_reads_back_at, now() as now
) select now, event_reads_back_at,
         (select run_after from job where portal_id = marked.id and state = 'queued') as read_after
    from marked
"""
_MARK = text(f"with marked as ({_MARKED} {_KNOWN}")
# A copy of a stored event marks nothing.
_STORE_AND_MARK = text(
    f"with stored as ({inbox.STORE}), marked as ({_MARKED} and exists (select from stored) {_KNOWN}"
)
_SPEND = text(
    "update portal set event_reads_back_at = :back_at where id = :portal and not exists"
    " (select from job where portal_id = :portal"
    " and (state = 'running' or (state = 'queued' and run_after <= now() + :wait))) returning id"
)


@dataclass(frozen=True, slots=True)
class Noted:
    """Whether the event was stored, which a copy is not, and how long the read waits that was requested for it."""

    is_stored: bool
    read_in: timedelta | None = None


def note(session: Session, keyring: Keyring, portal_id: UUID, incoming: Incoming) -> Noted:
    """The event is stored and its portal is read because of it, as ``mark_dirty`` says; a copy changes nothing."""
    values = {**inbox.values_of(keyring, incoming), "portal": portal_id}
    marked = session.execute(_STORE_AND_MARK, values).one_or_none()
    if marked is None:
        return Noted(is_stored=False)
    return Noted(is_stored=True, read_in=_read_in(session, portal_id, marked))


def mark_dirty(session: Session, portal_id: UUID, *, after: timedelta = AFTER_EVENT) -> timedelta | None:
    """The portal is read because of an event, after ``after`` or later if it had many.

    How long the read waits that was requested for it. The event needs none of its own if one is queued that begins no
    later, or if one runs: after that, the next tick has the portal read again.
    """
    return _read_in(session, portal_id, session.execute(_MARK, {"portal": portal_id}).one(), after=after)


def _read_in(
    session: Session, portal_id: UUID, marked: Any, *, after: timedelta = AFTER_EVENT
) -> timedelta | None:
    wait, back_at = after_event(marked.now, marked.event_reads_back_at)
    wait = max(wait, after)
    # What was queued when the statement began has not begun, or began so lately that the mark outlives it.
    if marked.read_after is not None and marked.read_after <= marked.now + wait:
        return None
    # Asked again now that the portal is locked: another event may just have requested a read.
    spent = session.execute(_SPEND, {"portal": portal_id, "back_at": back_at, "wait": wait}).one_or_none()
    if spent is None:
        return None
    jobs.request_job(session, portal_id, lane=Lane.EVENT, after=wait)
    return wait
