"""The receipt of a read, as the API tells it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session

from shared.db import snapshots
from shared.wording.language import Language
from shared.wording.reasons import reason_sentence


class CoverageLine(BaseModel):
    """How one kind was read last and why not better.

    ``read_at`` is the moment of what is shown of it; ``complete_at`` the same where that was all of it.
    """

    kind: str
    entity_type: str | None
    state: str
    items: int
    reason: str | None
    read_at: datetime
    complete_at: datetime | None


def coverage_lines(session: Session, portal_id: UUID, language: Language) -> list[CoverageLine]:
    """The current receipt of a portal, reasons in words; empty for one that was never read."""
    current = snapshots.latest(session, portal_id)
    if current is None:
        return []
    complete = snapshots.complete_parts(session, portal_id)
    return [
        CoverageLine(
            kind=entry.kind,
            entity_type=entry.entity_type,
            state=entry.state,
            items=entry.items,
            reason=reason_sentence(entry.reason, language) if entry.reason else None,
            read_at=entry.read_at,
            complete_at=entry.read_at if entry.key in complete else None,
        )
        for entry in current.coverage
    ]
