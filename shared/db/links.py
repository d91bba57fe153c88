"""Links: which cabinets see a portal. The portal's administrators decide that, with a token of the cabinet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session

from shared.db import audit
from shared.db.sealed import Keyring

_LIVE_TOKEN = "fingerprint = any(:prints) and replaced_at is null"  # noqa: S105 - a condition
# The first owner stands for the cabinet.
_CABINET = """
    c.id, c.title, c.created_at,
    (select p.email from membership m join person p on p.id = m.person_id
      where m.cabinet_id = c.id and m.role = 'owner' order by p.created_at, p.id limit 1) as owner
"""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The cabinet a connection token belongs to. ``owner`` is an e-mail address; show it masked."""

    cabinet_id: UUID
    title: str
    owner: str
    accounts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """The account of a portal in a cabinet; ``is_new`` is false if it was linked before."""

    id: UUID
    cabinet_id: UUID
    is_new: bool


@dataclass(frozen=True, slots=True)
class LinkedCabinet:
    """A cabinet that sees a portal, and the user id of the administrator who linked it."""

    account_id: UUID
    title: str
    owner: str
    linked_at: datetime
    linked_by: int | None


def receiver(session: Session, keyring: Keyring, token: str) -> Receiver | None:
    """The cabinet of this connection token; ``None`` for a token never issued, replaced, or of a deleted cabinet."""
    row = session.execute(
        text(
            f"select {_CABINET}, (select count(*) from link l where l.cabinet_id = c.id) as accounts"  # noqa: S608
            f" from cabinet c where c.id = (select cabinet_id from link_token where {_LIVE_TOKEN})"
        ),
        {"prints": keyring.fingerprints(token)},
    ).one_or_none()
    return None if row is None else Receiver(row.id, row.title, row.owner or "", row.accounts, row.created_at)


def link(
    session: Session, keyring: Keyring, token: str, *, portal_id: UUID, user_id: int
) -> LinkedAccount | None:
    """The portal is an account of the token's cabinet; linking again changes nothing. ``None`` for an invalid token.

    The token's row is locked until the transaction ends, so a replacement of the token waits for it.
    """
    cabinet_id = session.execute(
        text(f"select cabinet_id from link_token where {_LIVE_TOKEN} for share"),  # noqa: S608
        {"prints": keyring.fingerprints(token)},
    ).scalar_one_or_none()
    if cabinet_id is None:
        return None
    new_id = session.execute(
        text(
            "insert into link (id, cabinet_id, portal_id, title, note, linked_by)"
            " values (:id, :cabinet, :portal, '', '', :user)"
            " on conflict (cabinet_id, portal_id) do nothing returning id"
        ),
        {"id": uuid4(), "cabinet": cabinet_id, "portal": portal_id, "user": user_id},
    ).scalar_one_or_none()
    if new_id is not None:
        _audit(session, "account.linked", cabinet_id, portal_id, user_id)
        return LinkedAccount(new_id, cabinet_id, is_new=True)
    link_id = session.execute(
        text("select id from link where cabinet_id = :cabinet and portal_id = :portal"),
        {"cabinet": cabinet_id, "portal": portal_id},
    ).scalar_one()
    return LinkedAccount(link_id, cabinet_id, is_new=False)


def linked_cabinets(session: Session, portal_id: UUID) -> list[LinkedCabinet]:
    """The cabinets that see the portal, in the order of linking."""
    rows = session.execute(
        text(
            f"select l.id as account_id, l.linked_at, l.linked_by, {_CABINET}"  # noqa: S608
            " from link l join cabinet c on c.id = l.cabinet_id where l.portal_id = :portal order by l.linked_at, l.id"
        ),
        {"portal": portal_id},
    )
    return [
        LinkedCabinet(row.account_id, row.title, row.owner or "", row.linked_at, row.linked_by)
        for row in rows
    ]


def unlink(session: Session, account_id: UUID, *, portal_id: UUID, user_id: int) -> bool:
    """The account is removed: its cabinet no longer sees the portal. False for an account that is not this portal's."""
    cabinet_id = session.execute(
        text("delete from link where id = :id and portal_id = :portal returning cabinet_id"),
        {"id": account_id, "portal": portal_id},
    ).scalar_one_or_none()
    if cabinet_id is None:
        return False
    _audit(session, "account.cut", cabinet_id, portal_id, user_id)
    return True


def masked(text: str) -> str:
    """An e-mail address with its name hidden except for the first character; any other text as it is."""
    name, at, domain = text.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else text


def _audit(session: Session, action: str, cabinet_id: UUID, portal_id: UUID, user_id: int) -> None:
    """A line in the audit with the ids of cabinet and portal, so that both sides can find it."""
    actor = f"portal user {user_id}"
    audit.write(session, actor, action, cabinet_id=cabinet_id, portal_id=portal_id)
