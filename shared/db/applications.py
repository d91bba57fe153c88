"""Applications as they are registered with Bitrix24: the operator's own, and those of single portals."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlmodel import Session, select

from shared.db import audit
from shared.db.sealed import Keyring
from shared.db.tables.portals import ApplicationRow


def register(session: Session, keyring: Keyring, *, client_id: str, secret: str, title: str) -> UUID:
    """Portals with this application are let in, and its tokens are renewed with this secret."""
    row = session.exec(select(ApplicationRow).where(ApplicationRow.client_id == client_id)).one_or_none()
    if row is not None and keyring.open(row.client_secret, row=row.id, column="client_secret") == secret:
        return row.id
    row = row or ApplicationRow(id=uuid4(), client_id=client_id, client_secret=b"", title=title)
    row.client_secret = keyring.seal(secret, row=row.id, column="client_secret")
    session.add(row)
    audit.write(session, "operator", "application.registered", facts={"client_id": client_id})
    session.flush()
    return row.id
