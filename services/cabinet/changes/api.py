"""The API's changes of an account."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.cabinet.base.access import Acting, Service
from services.cabinet.base.item_list import ItemList
from services.cabinet.contents.one_account import account_or_404
from shared.db import snapshots
from shared.db.changes import change_of
from shared.refusal_route import InvalidRequest

router = APIRouter(prefix="/api/v1", tags=["specifications"])


@router.get("/accounts/{account_id}/changes")
def list_changes(
    service: Service,
    member: Acting,
    account_id: UUID,
    since: str = "0",
    q: Annotated[str, Query(max_length=200)] = "",
) -> ItemList:
    """The changes after a version (``since=12``) or a moment (``since=2031-03-12T09:15:00+03:00``), oldest first.

    With ``q`` only those in which it stands: in a code or name of the item, of anything inside it, or in a value.
    """
    number, at = _since(since)
    with service.db.session(cabinet=member.cabinet_id) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        rows = snapshots.changes_since(session, portal_id, number=number, at=at, text=q.strip())
    return ItemList(
        items=[
            {
                "snapshot": row.snapshot_number,
                "kind": row.kind,
                "entity_type": row.entity_type,
                "item": {"id": row.item_id, "code": row.code, "label": row.label},
                "op": row.op,
                "attribute": row.attribute,
                "before": change.before,
                "after": change.after,
                "inside": change.inside,
                "at": row.at,
            }
            for row, change in zip(rows, map(change_of, rows), strict=True)
        ]
    )


def _since(text: str) -> tuple[int, datetime | None]:
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text), None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidRequest(hint="since: a version number, or a moment with its zone")
    return 0, at
