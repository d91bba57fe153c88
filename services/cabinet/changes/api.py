"""The API's changes of an account."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.cabinet.base.access import Acting, Service
from services.cabinet.base.item_list import ItemList
from services.cabinet.contents.one_account import account_or_404
from shared.db import changes
from shared.db.changes import RecordedChange
from shared.refusal_route import InvalidRequest
from shared.web import refusals

router = APIRouter(prefix="/api/v1", tags=["specifications"], responses=refusals(400, 401, 503))


@router.get("/accounts/{account_id}/changes", responses=refusals(404))
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
        recorded_changes = changes.since(session, portal_id, number=number, at=at, text=q.strip())
    return ItemList(items=[_item(recorded) for recorded in recorded_changes])


def _item(recorded: RecordedChange) -> dict[str, Any]:
    change = recorded.change
    return {
        "snapshot": recorded.version,
        "kind": change.kind,
        "entity_type": change.entity_type,
        "item": {"id": change.item_id, "code": change.code, "label": change.label},
        "op": change.op,
        "attribute": change.attribute,
        "before": change.before,
        "after": change.after,
        "inside": change.inside,
        "at": recorded.at,
    }


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
