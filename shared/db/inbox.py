"""Incoming events: each is stored once, before it is answered; those that need verifying are handled later.

Anybody can send such events, and each costs a call to the authorization server. So the server is asked at a fixed pace,
about those first of whose source and portal it was asked least lately, and hardly at all while it does not answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session

from shared.db.sealed import Keyring, NotOurs

LEASE = timedelta(seconds=60)
# How often an event is verified before it is given up. What the authorization server does not answer is no attempt.
MOST_ATTEMPTS = 8
# How many events are claimed within this time: in all, two a second, as the vendor allows a portal's callers in the
# long run (Bitrix24 REST documentation, limits); of one source; of one portal by its ``member_id``.
PACE = timedelta(seconds=10)
MOST_IN_ALL = 20
MOST_OF_SOURCE = 10
MOST_OF_MEMBER = 5
# After this many events in a row without an answer, the server is asked once in this time, until it answers.
SILENT_AFTER = 3
PROBE_EVERY = timedelta(minutes=1)
# The access token of an installation lives for an hour, so after a day its event can be verified no more.
UNVERIFIABLE_AFTER = timedelta(days=1)
# One claim at a time, or several would each believe to be within the pace. The number means nothing.
_CLAIMING = 7_203_411

# Events that wait for their verification; whether they may be claimed depends on the pace.
WAITING = "verdict = 'new' and try_after <= now() and (lease_until is null or lease_until < now())"
# Events whose source counts no longer.
WITH_OLD_SOURCE = "source is not null and verdict <> 'new' and asked_at < now() - cast(:pace as interval)"
# Stores an event, unless a copy was already stored today or yesterday. Returns its id.
STORE = """
  insert into inbox (dedupe, event, member_id, portal_id, body, secrets, secrets_id, source, question,
                     verdict, handled_at)
  select :dedupe, :event, :member, :portal, cast(:body as jsonb), :secrets, :secrets_id, :source, :question,
         :verdict, case when :verdict = 'new' then null else now() end
   where not exists (select 1 from inbox where dedupe = :dedupe and received_on = current_date - 1)
  on conflict (dedupe, received_on) do nothing returning id
"""
_STORE = text(STORE)

# The events that may be claimed now, in a fair order.
_CLAIMABLE = f"""
  with lately as materialized (
    select source, member_id from inbox where asked_at > now() - cast(:pace as interval)
  ), server as (
    select (select count(*) filter (where unanswered) from
             (select unanswered from inbox where asked_at is not null and lease_until is null
               order by asked_at desc limit :silent_after) last) < :silent_after
           or not exists (select 1 from inbox where asked_at > now() - cast(:probe_every as interval)) as may_be_asked
  ), of_source as (
    select coalesce(source, '') as source, count(*) as asked from lately group by 1
  ), of_member as (
    select member_id, count(*) as asked from lately group by 1
  )
  select waiting.id, waiting.event, waiting.question
    from inbox waiting
    left join of_source s on s.source = coalesce(waiting.source, '')
    left join of_member m on m.member_id = waiting.member_id
   where {WAITING}
     and coalesce(s.asked, 0) < :most_of_source and coalesce(m.asked, 0) < :most_of_member
     and (select count(*) from lately) < :most_in_all and (select may_be_asked from server)
   order by coalesce(s.asked, 0), coalesce(m.asked, 0), waiting.received_at, waiting.id
   limit :most
"""  # noqa: S608 - a condition of this module
_PACED = {
    "pace": PACE,
    "silent_after": SILENT_AFTER,
    "probe_every": PROBE_EVERY,
    "most_of_source": MOST_OF_SOURCE,
    "most_of_member": MOST_OF_MEMBER,
    "most_in_all": MOST_IN_ALL,
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """An incoming event. ``body`` holds no secret; ``secrets`` are stored sealed and deleted with the verdict.

    ``dedupe`` is equal for copies of one event. ``verdict`` is ``new`` for an event that needs verifying: then
    ``source`` is the network it came from, and events with equal ``question`` need one call to be verified.
    """

    dedupe: bytes
    event: str
    member_id: str
    body: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    portal_id: UUID | None = None
    verdict: str = "new"
    source: str = field(default="", repr=False)
    question: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lifecycle event that waits for its verification; ``secrets`` are its tokens in clear text.

    ``ids``: the event itself, and the earlier ones to which its verdict applies as well.
    """

    ids: Sequence[int]
    event: str
    member_id: str | None
    portal_id: UUID | None
    body: Mapping[str, Any]
    secrets: Mapping[str, str]
    attempts: int

    @property
    def id(self) -> int:
        """The id of the event itself, for logs."""
        return self.ids[0]

    def __repr__(self) -> str:
        """The id and name of the event, without its secrets."""
        return f"Waiting({self.id}, {self.event})"


def store(session: Session, keyring: Keyring, incoming: Incoming) -> int | None:
    """The id of the stored event, ``None`` if a copy was already stored today or yesterday."""
    event_id: int | None = session.execute(_STORE, values_of(keyring, incoming)).scalar_one_or_none()
    return event_id


def values_of(keyring: Keyring, incoming: Incoming) -> dict[str, Any]:
    """The values of ``STORE``."""
    row_id = uuid4()
    secrets = json.dumps(dict(incoming.secrets)) if incoming.secrets else None
    return {
        "dedupe": incoming.dedupe,
        "event": incoming.event,
        "member": incoming.member_id,
        "portal": incoming.portal_id,
        "body": json.dumps(dict(incoming.body), ensure_ascii=False),
        "secrets": None if secrets is None else keyring.seal(secrets, row=row_id, column="secrets"),
        "secrets_id": row_id,
        "source": keyring.fingerprint(f"source {incoming.source}") if incoming.source else None,
        "question": keyring.fingerprint(f"question {incoming.question}") if incoming.question else None,
        "verdict": incoming.verdict,
    }


def claim(session: Session, keyring: Keyring, *, lease: timedelta = LEASE) -> Waiting | None:
    """The next due event that waits for verification, leased to the caller; ``None`` if none may be claimed now.

    Events that ask the same question are leased with it, and the latest of them stands for all.
    """
    session.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _CLAIMING})
    rows = session.execute(
        text(
            f"""
            with chosen as ({_CLAIMABLE} for update of waiting skip locked)
            update inbox set attempts = attempts + 1, lease_until = now() + :lease,
                             asked_at = case when inbox.id = chosen.id then now() else asked_at end
              from chosen
             where inbox.id = chosen.id
                or (inbox.question = chosen.question and verdict = 'new'
                    and (lease_until is null or lease_until < now()))
            returning inbox.id, inbox.event, member_id, portal_id, body, secrets, secrets_id, attempts, received_at
            """  # noqa: S608
        ),
        {**_PACED, "lease": lease, "most": 1},
    ).all()
    if not rows:
        return None
    latest, *earlier = sorted(rows, key=lambda row: (row.received_at, row.id), reverse=True)
    return Waiting(
        ids=[latest.id, *(row.id for row in earlier)],
        event=latest.event,
        member_id=latest.member_id,
        portal_id=latest.portal_id,
        body=latest.body,
        secrets={} if latest.secrets is None else _opened(keyring, latest.secrets, latest.secrets_id),
        attempts=max(row.attempts for row in rows),
    )


def _opened(keyring: Keyring, sealed: bytes, row_id: UUID) -> dict[str, str]:
    """The secrets; empty if no key opens them, since an event nobody can verify must not block the others."""
    try:
        secrets: dict[str, str] = json.loads(keyring.open(sealed, row=row_id, column="secrets"))
    except NotOurs:
        return {}
    return secrets


def settle(session: Session, waiting: Waiting, verdict: str) -> None:
    """The events have their verdict, and their secrets are deleted."""
    session.execute(
        text(
            "update inbox set verdict = :verdict, secrets = null, question = null, handled_at = now(),"
            " lease_until = null, unanswered = false, source = case when asked_at is not null then source end"
            " where id = any(:ids)"
        ),
        {"verdict": verdict, "ids": list(waiting.ids)},
    )


def put_off(session: Session, waiting: Waiting, *, after: timedelta, unanswered: bool = False) -> None:
    """The events are tried again later. ``unanswered``: the authorization server is silent, so this was no attempt."""
    session.execute(
        text(
            "update inbox set try_after = now() + :after, lease_until = null, unanswered = :unanswered,"
            " attempts = attempts - :uncounted where id = any(:ids)"
        ),
        {"after": after, "unanswered": unanswered, "uncounted": int(unanswered), "ids": list(waiting.ids)},
    )


def due_events(session: Session, *, most: int) -> list[str]:
    """The names of the events that may be claimed now, in the order they would be, at most ``most``."""
    rows = session.execute(text(_CLAIMABLE), {**_PACED, "most": most})
    return [row.event for row in rows]


def forget_sources(session: Session) -> None:
    """Where an event with a verdict came from is deleted, once it no longer counts for the pace."""
    session.execute(
        text(f"update inbox set source = null where {WITH_OLD_SOURCE}"),  # noqa: S608 - a condition
        {"pace": PACE},
    )


def give_up(session: Session) -> int:
    """Installations and updates that can be verified no more are rejected unasked. Returns how many."""
    result = session.execute(
        text(
            "update inbox set verdict = 'rejected', secrets = null, question = null, source = null,"
            " handled_at = now(), lease_until = null"
            " where verdict = 'new' and event in ('ONAPPINSTALL', 'ONAPPUPDATE') and received_at < now() - :age"
        ),
        {"age": UNVERIFIABLE_AFTER},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def drop_old(session: Session, *, older_than: timedelta) -> int:
    """Events handled longer ago than this are deleted. Returns how many."""
    result = session.execute(
        text("delete from inbox where verdict <> 'new' and received_at < now() - :age"), {"age": older_than}
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
