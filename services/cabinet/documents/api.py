"""The API's documents: specification, versions, and what has become different since one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.cabinet.base.access import Acting, Service
from services.cabinet.contents import specifying
from services.cabinet.contents.one_account import account_or_404
from services.cabinet.contents.specifying import Download
from shared.db import snapshots
from shared.specification.formats import FORMATS
from shared.web import refusals
from shared.wording.language import Language

router = APIRouter(prefix="/api/v1", tags=["specifications"], responses=refusals(400, 401, 503))


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


def _file_of(*formats: str) -> dict[int | str, dict[str, Any]]:
    """The responses of a download in one of these formats."""
    content = {
        FORMATS[name].media_type: {"schema": {"type": "string", "format": "binary"}} for name in formats
    }
    return {
        200: {"description": "The file.", "content": content},
        304: {"description": "The file is the one whose tag was sent in If-None-Match."},
        **refusals(404, 429),
    }


def _specification(
    service: Service,
    member: Acting,
    account_id: UUID,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language = "ru",
    snapshot: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Download:
    with service.db.session(cabinet=member.cabinet_id, read_only=True) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        return specifying.specification(session, portal_id, snapshot, form=format, language=lang)


def _addendum(
    service: Service,
    member: Acting,
    account_id: UUID,
    since: Annotated[int, Query(ge=1, le=2**31 - 1)],
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language = "ru",
) -> Download:
    with service.db.session(cabinet=member.cabinet_id, read_only=True) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        return specifying.addendum(session, portal_id, since, form=format, language=lang)


@router.get("/accounts/{account_id}/specification", response_class=Response, responses=_file_of(*FORMATS))
async def specification(
    request: Request,
    service: Service,
    member: Acting,
    download: Annotated[Download, Depends(_specification)],
) -> Response:
    """The specification as a file, of the current version or of a past one."""
    return await specifying.answer(service, request, download, person=member.key)


@router.get("/accounts/{account_id}/snapshots", responses=refusals(404))
def list_versions(service: Service, member: Acting, account_id: UUID) -> VersionList:
    """The versions of an account, newest first."""
    with service.db.session(cabinet=member.cabinet_id, read_only=True) as session:
        portal_id = account_or_404(session, service, member, account_id).portal_id
        rows = snapshots.versions(session, portal_id)
    return VersionList(
        items=[
            Version(number=row.number, read_at=row.read_at, digest=row.digest.hex(), changes=row.changes)
            for row in rows
        ]
    )


@router.get("/accounts/{account_id}/addendum", response_class=Response, responses=_file_of("txt", "json"))
async def addendum(
    request: Request,
    service: Service,
    member: Acting,
    download: Annotated[Download, Depends(_addendum)],
) -> Response:
    """What has become different since a version as a file (``txt``, ``json``), to go with its specification."""
    return await specifying.answer(service, request, download, person=member.key)
