"""Events: every event is stored before it is answered. An event is only a hint; nothing is believed because of it.

A metadata event with the right application token marks its portal for reading. Only the authorization server can
confirm the tokens of installations and updates, and removals: these events wait in the inbox for
a worker, so this process makes no call because of what a stranger sends.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlmodel import Session

from services.gateway import metrics
from services.gateway.event_form import EventForm
from services.gateway.form_refusals import BadValue, MissingField
from services.gateway.gateway import Gateway
from shared.bitrix24.events import METADATA
from shared.db import inbox, installations, jobs, limits, portals
from shared.db.inbox import Incoming
from shared.db.limits import Limit
from shared.domain.errors import Refused
from shared.domain.portal import PortalState
from shared.domain.schedule import Lane

# An event older than this was delayed on its way, or somebody kept it and sent it again.
LATE_AFTER = timedelta(hours=24)
# How often a portal is read because of late events, or of payment events without a token.
_WEAK_HINTS = Limit(1, timedelta(minutes=10))

log = logging.getLogger(__name__)


class ForgedEvent(Refused):
    """The portal is unknown or the application token is wrong; the answer does not say which."""

    code = "invalid_application_token"
    status = 401


class Receipt(Enum):
    """What became of an event: the verdict in the inbox, and the HTTP status and word for the sender."""

    OK = ("done", 200, "ok")
    LATE = ("late", 200, "late")
    IGNORED = ("ignored", 200, "ignored")
    ACCEPTED = ("new", 202, "accepted")

    def __init__(self, verdict: str, status: int, word: str) -> None:
        self.verdict = verdict
        self.status = status
        self.word = word


@dataclass(frozen=True, slots=True)
class _Sender:
    """The portal an event names, and the installation its application token belongs to, if any."""

    portal_id: UUID
    is_removed: bool
    installation_id: UUID | None


def receive(gateway: Gateway, event: EventForm, source: str) -> Receipt:
    """The event is stored, and copies of it are not. ``source``: the network it came from. For ``gateway.storing``.

    Raises ForgedEvent, FormRefused.
    """
    with gateway.event_db.session() as session:
        if event.name in ("ONAPPINSTALL", "ONAPPUPDATE"):
            receipt, wakes = _install(session, gateway, event, source), True
        else:
            receipt, wakes = _of_known_portal(session, gateway, event, source)
    if wakes:
        gateway.bell.ring()
    return receipt


def _install(session: Session, gateway: Gateway, event: EventForm, source: str) -> Receipt:
    """The event is stored with its tokens sealed. It cannot be checked yet: its application token may be new."""
    if not event.access_token or not event.refresh_token:
        raise MissingField
    if not event.has_known_member_form:
        raise BadValue
    portal = portals.by_member_id(session, event.member_id)
    secrets = {
        "access_token": event.access_token,
        "refresh_token": event.refresh_token,
        "application_token": event.application_token,
    }
    facts = {"expires_in": event.expires_in, "language": event.language, "version": event.version}
    _store(
        session,
        gateway,
        Incoming(
            dedupe=event.digest(hashlib.sha256(event.access_token.encode()).hexdigest()),
            event=event.name,
            member_id=event.member_id,
            portal_id=None if portal is None else portal.id,
            body={**event.facts, **{name: value for name, value in facts.items() if value}},
            secrets={name: value for name, value in secrets.items() if value},
            source=source,
            question=f"{event.member_id} {event.access_token}",
        ),
    )
    return Receipt.ACCEPTED


def _of_known_portal(
    session: Session, gateway: Gateway, event: EventForm, source: str
) -> tuple[Receipt, bool]:
    """What became of the event, and whether a worker has something to do now."""
    clock = gateway.event_db.clock
    now = clock.now() or clock.ask(session)
    sender = _sender(session, event)
    if sender is None:
        return _timely(event, now=now), False
    receipt = _receipt(event, sender, now=now)
    # Without the portal's clock, events of the same minute by the database's clock count as copies.
    proof = f"{sender.installation_id} {'' if event.ts else now.replace(second=0, microsecond=0)}"
    waits = receipt is Receipt.ACCEPTED
    stored = _store(
        session,
        gateway,
        Incoming(
            dedupe=event.digest(proof),
            event=event.name,
            member_id=event.member_id,
            portal_id=sender.portal_id,
            body=_body(event, sender),
            verdict=receipt.verdict,
            source=source if waits else "",
            question=f"{event.name} {sender.installation_id} {event.clean}" if waits else "",
        ),
    )
    if not stored or receipt is Receipt.IGNORED:
        return receipt, False
    if receipt is Receipt.OK and sender.installation_id is not None:
        return receipt, portals.mark_dirty(session, sender.portal_id)
    if receipt in (Receipt.OK, Receipt.LATE):
        bucket = f"{'late event' if receipt is Receipt.LATE else 'payment'} {sender.portal_id}"
        if limits.count(session, bucket, _WEAK_HINTS) is not None:
            return receipt, False
        jobs.request_job(session, sender.portal_id, lane=Lane.EVENT)
    return receipt, True


def _sender(session: Session, event: EventForm) -> _Sender | None:
    """The sender; ``None`` for an event that proves nothing and reaches nobody, which is answered like any other."""
    if not event.has_known_member_form:
        raise ForgedEvent
    portal = portals.by_member_id(session, event.member_id)
    is_removed = portal is not None and portal.state == PortalState.REMOVED
    if portal is not None:
        installation = installations.proves(session, portal, event.application_token)
        if installation is not None:
            return _Sender(portal.id, is_removed, installation.id)
    if event.name == "ONAPPPAYMENT" and not event.application_token:
        # The sample in the documentation has no token, so such an event only makes the portal be read. The answer
        # must not tell a stranger whether the portal is known.
        return None if portal is None or is_removed else _Sender(portal.id, is_removed, None)
    if installations.is_known_elsewhere(session, event.member_id, event.application_token):
        log.error("event.cross_tenant", extra={"portal_id": None if portal is None else str(portal.id)})
    raise ForgedEvent


def _receipt(event: EventForm, sender: _Sender, *, now: datetime) -> Receipt:
    if event.name == "ONAPPUNINSTALL":
        return Receipt.ACCEPTED
    if event.name not in (*METADATA, "ONAPPPAYMENT") or sender.is_removed:
        return Receipt.IGNORED
    return _timely(event, now=now)


def _timely(event: EventForm, *, now: datetime) -> Receipt:
    is_late = bool(event.ts) and now.timestamp() - int(event.ts) > LATE_AFTER.total_seconds()
    return Receipt.LATE if is_late else Receipt.OK


def _body(event: EventForm, sender: _Sender) -> dict[str, object]:
    if event.name != "ONAPPUNINSTALL":
        return dict(event.facts)
    return {**event.facts, "installation_id": str(sender.installation_id), "clean": event.clean}


def _store(session: Session, gateway: Gateway, incoming: Incoming) -> bool:
    stored = inbox.store(session, gateway.db.keyring, incoming) is not None
    (metrics.EVENTS.labels(incoming.verdict) if stored else metrics.COPIES).inc()
    return stored
