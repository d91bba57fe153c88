"""The API's documents: specification, versions, and what has become different since one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.cabinet.base.access import Acting, Service
from services.cabinet.contents import specifying
from services.cabinet.contents.one_account import account_or_404
from shared.db import snapshots
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
    file_format = specifying.format_named(format)
    with service.db.session(cabinet=member.cabinet_id) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        portal_snapshot = specifying.known_snapshot(session, portal_id, snapshot)
    return specifying.specification(portal_snapshot, file_format, lang)


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
