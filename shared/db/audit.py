"""Who did what and when. Lines are only ever added; they hold ids and words, never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from shared.db.tables.cabinets import AuditRow


def write(
    session: Session,
    actor: str,
    action: str,
    *,
    cabinet_id: UUID | None = None,
    portal_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """A line is added, in the transaction of the action it records. ``actor``: a service, or ``person <id>``."""
    session.add(
        AuditRow(
            actor=actor, action=action, cabinet_id=cabinet_id, portal_id=portal_id, facts=dict(facts or {})
        )
    )
