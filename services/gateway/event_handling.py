"""Events: every event is stored before it is answered. An event is only a hint; nothing is believed because of it.

A metadata event with the right application token marks its portal for reading. Only the authorization server can
confirm the tokens of installations and updates, and removals: these events wait in the inbox for
a worker, so this process makes no call because of what a stranger sends.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from enum import Enum

from sqlmodel import Session

from services.gateway import metrics
from services.gateway.event_form import EventForm
from services.gateway.form_refusals import BadValue, MissingField
from services.gateway.gateway import Gateway
from shared.bitrix24.events import METADATA
from shared.db import event_reads, inbox, installations, jobs, limits, portals
from shared.db.inbox import Incoming
from shared.db.installations import Sender
from shared.db.limits import Limit
from shared.domain.errors import Refused
from shared.domain.schedule import Lane

# An event older than this was delayed on its way, or somebody kept it and sent it again.
LATE_AFTER = timedelta(hours=24)
# How often a portal is read because of late events, or of payment events without a token.
_WEAK_HINTS = Limit(1, timedelta(minutes=10))
_NOW = timedelta(0)

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


def receive(gateway: Gateway, event: EventForm, source: str) -> Receipt:
    """The event is stored, and copies of it are not. ``source``: the network it came from. For ``gateway.storing``.

    Raises ForgedEvent, FormRefused.
    """
    work_in: timedelta | None = _NOW
    with gateway.event_db.session() as session:
        if event.name in ("ONAPPINSTALL", "ONAPPUPDATE"):
            receipt = _install(session, gateway, event, source)
        else:
            receipt, work_in = _of_known_portal(session, gateway, event, source)
    if work_in is not None:
        gateway.bell.ring(after=work_in)
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
) -> tuple[Receipt, timedelta | None]:
    """What became of the event, and when a worker has something to do because of it, if ever."""
    clock = gateway.event_db.clock
    now = clock.now() or clock.ask(session)
    sender = _sender(session, event)
    if sender is None:
        return _timely(event, now=now), None
    receipt = _receipt(event, sender, now=now)
    incoming = _incoming(event, sender, receipt, source, now=now)
    if receipt is Receipt.OK and sender.installation_id is not None:
        noted = event_reads.note(session, gateway.db.keyring, sender.portal_id, incoming)
        _count(incoming, is_stored=noted.is_stored)
        return receipt, noted.read_in
    if not _store(session, gateway, incoming) or receipt is Receipt.IGNORED:
        return receipt, None
    if receipt in (Receipt.OK, Receipt.LATE):
        bucket = f"{'late event' if receipt is Receipt.LATE else 'payment'} {sender.portal_id}"
        if limits.count(session, bucket, _WEAK_HINTS) is not None:
            return receipt, None
        jobs.request_job(session, sender.portal_id, lane=Lane.EVENT)
    return receipt, _NOW


def _sender(session: Session, event: EventForm) -> Sender | None:
    """The sender; ``None`` for an event that proves nothing and reaches nobody, which is answered like any other."""
    if not event.has_known_member_form:
        raise ForgedEvent
    sender = installations.sender_of(session, event.member_id, event.application_token)
    if sender is not None and sender.installation_id is not None:
        return sender
    if event.name == "ONAPPPAYMENT" and not event.application_token:
        # The sample in the documentation has no token, so such an event only makes the portal be read. The answer
        # must not tell a stranger whether the portal is known.
        return None if sender is None or sender.is_removed else sender
    if installations.is_known_elsewhere(session, event.member_id, event.application_token):
        log.error(
            "event.cross_tenant", extra={"portal_id": None if sender is None else str(sender.portal_id)}
        )
    raise ForgedEvent


def _receipt(event: EventForm, sender: Sender, *, now: datetime) -> Receipt:
    if event.name == "ONAPPUNINSTALL":
        return Receipt.ACCEPTED
    if event.name not in (*METADATA, "ONAPPPAYMENT") or sender.is_removed:
        return Receipt.IGNORED
    return _timely(event, now=now)


def _timely(event: EventForm, *, now: datetime) -> Receipt:
    is_late = bool(event.ts) and now.timestamp() - int(event.ts) > LATE_AFTER.total_seconds()
    return Receipt.LATE if is_late else Receipt.OK


def _incoming(event: EventForm, sender: Sender, receipt: Receipt, source: str, *, now: datetime) -> Incoming:
    # Without the portal's clock, events of the same minute by the database's clock count as copies.
    proof = f"{sender.installation_id} {'' if event.ts else now.replace(second=0, microsecond=0)}"
    waits = receipt is Receipt.ACCEPTED
    return Incoming(
        dedupe=event.digest(proof),
        event=event.name,
        member_id=event.member_id,
        portal_id=sender.portal_id,
        body=_body(event, sender),
        verdict=receipt.verdict,
        source=source if waits else "",
        question=f"{event.name} {sender.installation_id} {event.clean}" if waits else "",
    )


def _body(event: EventForm, sender: Sender) -> dict[str, object]:
    if event.name != "ONAPPUNINSTALL":
        return dict(event.facts)
    return {**event.facts, "installation_id": str(sender.installation_id), "clean": event.clean}


def _store(session: Session, gateway: Gateway, incoming: Incoming) -> bool:
    is_stored = inbox.store(session, gateway.db.keyring, incoming) is not None
    _count(incoming, is_stored=is_stored)
    return is_stored


def _count(incoming: Incoming, *, is_stored: bool) -> None:
    (metrics.EVENTS.labels(incoming.verdict) if is_stored else metrics.COPIES).inc()
