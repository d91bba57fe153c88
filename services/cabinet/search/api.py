"""The API's search."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.cabinet.base.access import Acting, Service
from services.cabinet.base.item_list import ItemList
from shared.db import searching
from shared.web import refusals

router = APIRouter(prefix="/api/v1", tags=["specifications"], responses=refusals(400, 401, 503))


@router.get("/search", tags=["search"])
def search(
    service: Service, member: Acting, q: Annotated[str, Query(min_length=1, max_length=200)]
) -> ItemList:
    """Items of all accounts that contain every word of ``q`` in a code, an id or a name."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        matches = searching.find(session, member.cabinet_id, q)
    return ItemList(
        items=[
            {
                "account": {"id": row.account_id, "title": row.account},
                "kind": row.kind,
                "entity_type": row.entity_type,
                "item": {"id": row.item_id, "code": row.code, "label": row.label},
            }
            for row in matches
        ]
    )
