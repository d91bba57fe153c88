"""Incoming events: each is stored once, before it is answered; those that need verifying are handled later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session

from shared.db.sealed import Keyring, NotOurs

LEASE = timedelta(seconds=60)
# How often an event is verified before it is given up.
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Incoming:
    """An incoming event. ``body`` holds no secret; ``secrets`` are stored sealed and deleted with the verdict.

    ``dedupe`` is equal for copies of one event. ``verdict`` is ``new`` for an event that needs verifying.
    """

    dedupe: bytes
    event: str
    member_id: str
    body: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    portal_id: UUID | None = None
    verdict: str = "new"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lifecycle event that waits for its verification; ``secrets`` are its tokens in clear text."""

    id: int
    event: str
    member_id: str | None
    portal_id: UUID | None
    body: Mapping[str, Any]
    secrets: Mapping[str, str]
    attempts: int

    def __repr__(self) -> str:
        """The id and name of the event, without its secrets."""
        return f"Waiting({self.id}, {self.event})"


def store(session: Session, keyring: Keyring, incoming: Incoming) -> int | None:
    """The id of the stored event, ``None`` if a copy was already stored today or yesterday."""
    row_id = uuid4()
    secrets = json.dumps(dict(incoming.secrets)) if incoming.secrets else None
    event_id = session.execute(
        text(
            """
            insert into inbox (dedupe, event, member_id, portal_id, body, secrets, secrets_id, verdict, handled_at)
            select :dedupe, :event, :member, :portal, cast(:body as jsonb), :secrets, :secrets_id, :verdict,
                   case when :verdict = 'new' then null else now() end
             where not exists (select 1 from inbox where dedupe = :dedupe and received_on = current_date - 1)
            on conflict (dedupe, received_on) do nothing returning id
            """
        ),
        {
            "dedupe": incoming.dedupe,
            "event": incoming.event,
            "member": incoming.member_id,
            "portal": incoming.portal_id,
            "body": json.dumps(dict(incoming.body), ensure_ascii=False),
            "secrets": None if secrets is None else keyring.seal(secrets, row=row_id, column="secrets"),
            "secrets_id": row_id,
            "verdict": incoming.verdict,
        },
    ).scalar_one_or_none()
    return None if event_id is None else int(event_id)


def claim(session: Session, keyring: Keyring, *, lease: timedelta = LEASE) -> Waiting | None:
    """The oldest due event that waits for verification, leased to the caller; ``None`` if there is none."""
    row = session.execute(
        text(
            """
            update inbox set attempts = attempts + 1, lease_until = now() + :lease
             where id = (select id from inbox where verdict = 'new' and try_after <= now()
                          and (lease_until is null or lease_until < now())
                          order by received_at limit 1 for update skip locked)
            returning id, event, member_id, portal_id, body, secrets, secrets_id, attempts
            """
        ),
        {"lease": lease},
    ).one_or_none()
    if row is None:
        return None
    secrets = {} if row.secrets is None else _opened(keyring, row.secrets, row.secrets_id)
    return Waiting(row.id, row.event, row.member_id, row.portal_id, row.body, secrets, row.attempts)


def _opened(keyring: Keyring, sealed: bytes, row_id: UUID) -> dict[str, str]:
    """The secrets; empty if no key opens them, since an event nobody can verify must not block the others."""
    try:
        secrets: dict[str, str] = json.loads(keyring.open(sealed, row=row_id, column="secrets"))
    except NotOurs:
        return {}
    return secrets


def settle(session: Session, event_id: int, verdict: str) -> None:
    """The event has its verdict, and its secrets are deleted."""
    session.execute(
        text(
            "update inbox set verdict = :verdict, secrets = null, handled_at = now(), lease_until = null"
            " where id = :id"
        ),
        {"verdict": verdict, "id": event_id},
    )


def put_off(session: Session, event_id: int, *, after: timedelta) -> None:
    """The event is tried again later."""
    session.execute(
        text("update inbox set try_after = now() + :after, lease_until = null where id = :id"),
        {"after": after, "id": event_id},
    )


def due_events(session: Session, *, most: int) -> list[str]:
    """The names of the events that could be verified now, oldest first, at most ``most``."""
    query = text(
        "select event from inbox where verdict = 'new' and try_after <= now()"
        " and (lease_until is null or lease_until < now()) order by received_at limit :most"
    )
    return list(session.execute(query, {"most": most}).scalars())


def drop_old(session: Session, *, older_than: timedelta) -> int:
    """Events handled longer ago than this are deleted. Returns how many."""
    result = session.execute(
        text("delete from inbox where verdict <> 'new' and received_at < now() - :age"), {"age": older_than}
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
