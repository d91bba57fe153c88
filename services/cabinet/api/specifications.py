"""The API's documents: specification, versions, changes, and finding an item anywhere."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.cabinet import specifying
from services.cabinet.access import Acting, Service
from services.cabinet.api.accounts import account_or_404
from shared.db import searching, snapshots
from shared.db.changes import change_of
from shared.web import Problem
from shared.wording.language import Language

router = APIRouter(prefix="/api/v1", tags=["specifications"])


class Version(BaseModel):
    """A version of a portal's metadata: it exists because something changed."""

    number: int
    read_at: datetime
    digest: str
    changes: int


class VersionList(BaseModel):
    """Versions, newest first."""

    items: list[Version]
    next: str | None = None


class ItemList(BaseModel):
    """Rows of a list that is described where it is asked for."""

    items: list[dict[str, Any]]
    next: str | None = None


@router.get("/accounts/{account_id}/specification")
def specification(
    service: Service,
    member: Acting,
    account_id: UUID,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language = "ru",
    snapshot: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """The specification as a file, of the current version or of a past one."""
    chosen = specifying.format_named(format)
    with service.db.session(cabinet=member.cabinet_id) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        found = specifying.known_snapshot(session, portal_id, snapshot)
    return specifying.specification(found, chosen, lang)


@router.get("/accounts/{account_id}/snapshots")
def list_versions(service: Service, member: Acting, account_id: UUID) -> VersionList:
    """The versions of an account, newest first."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        rows = snapshots.versions(session, portal_id)
    return VersionList(
        items=[
            Version(number=row.number, read_at=row.read_at, digest=row.digest.hex(), changes=row.changes)
            for row in rows
        ]
    )


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


@router.get("/accounts/{account_id}/addendum")
def addendum(
    service: Service,
    member: Acting,
    account_id: UUID,
    since: Annotated[int, Query(ge=1, le=2**31 - 1)],
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language = "ru",
) -> Response:
    """What has become different since a version as a file (``txt``, ``json``), to go with its specification."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        return specifying.addendum(session, portal_id, since, form=format, language=lang)


@router.get("/search", tags=["search"])
def search(
    service: Service, member: Acting, q: Annotated[str, Query(min_length=1, max_length=200)]
) -> ItemList:
    """Items of all accounts that contain every word of ``q`` in a code, an id or a name."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        found = searching.find(session, member.cabinet_id, q)
    return ItemList(
        items=[
            {
                "account": {"id": row.account_id, "title": row.account},
                "kind": row.kind,
                "entity_type": row.entity_type,
                "item": {"id": row.item_id, "code": row.code, "label": row.label},
            }
            for row in found
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
        raise Problem(400, "invalid_request", "since: a version number, or a moment with its zone")
    return 0, at
