"""A cabinet's connection token: shown at any time, replaced at will; only one is valid at a time."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session, col, select

from shared.db import audit
from shared.db.sealed import Keyring
from shared.db.tables.cabinets import LinkTokenRow
from shared.domain import link_token


def current(session: Session, keyring: Keyring, cabinet_id: UUID) -> str:
    """The cabinet's token in clear text; the first call issues one."""
    query = select(LinkTokenRow).where(
        LinkTokenRow.cabinet_id == cabinet_id, col(LinkTokenRow.replaced_at).is_(None)
    )
    row = session.exec(query).one_or_none()
    if row is None:
        _issue(session, keyring, cabinet_id)
        row = session.exec(query).one()
    return keyring.open(row.text, row=row.id, column="text")


def replace(session: Session, keyring: Keyring, cabinet_id: UUID, *, actor: str) -> str:
    """The new token; portals can no longer be linked with the former one."""
    session.execute(
        text("update link_token set replaced_at = now() where cabinet_id = :cabinet and replaced_at is null"),
        {"cabinet": cabinet_id},
    )
    audit.write(session, actor, "link_token.replaced", cabinet_id=cabinet_id)
    return current(session, keyring, cabinet_id)


def _issue(session: Session, keyring: Keyring, cabinet_id: UUID) -> None:
    """The cabinet has a valid token: this one, or the one somebody else issued at the same moment."""
    token, token_id = link_token.issue(), uuid4()
    session.execute(
        text(
            "insert into link_token (id, cabinet_id, fingerprint, text) values (:id, :cabinet, :fingerprint, :text)"
            " on conflict (cabinet_id) where replaced_at is null do nothing"
        ),
        {
            "id": token_id,
            "cabinet": cabinet_id,
            "fingerprint": keyring.fingerprint(token),
            "text": keyring.seal(token, row=token_id, column="text"),
        },
    )
