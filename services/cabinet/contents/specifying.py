"""An account's specification as a file, for the API, the pages and the portal's frame."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from services.cabinet.cabinet import Cabinet
from services.cabinet.files.making import Document, Version
from shared.db import snapshots
from shared.domain.errors import Refused
from shared.domain.refusals import NeverRead, NotFound
from shared.specification.formats import FORMATS, Format
from shared.specification.txt import file_name
from shared.wording.language import Language


class UnknownFormat(Refused):
    """Facts: ``hint``, the formats there are."""

    code = "unknown_format"
    status = 400


@dataclass(frozen=True, slots=True)
class Download:
    """A document, the entity tag of its bytes and the name of its file."""

    document: Document
    tag: str
    name: str


def format_named(name: str) -> Format:
    """The format of this name. Raises UnknownFormat if there is none."""
    file_format = FORMATS.get(name)
    if file_format is None:
        raise UnknownFormat(hint=f"format: {', '.join(FORMATS)}")
    return file_format


def specification(
    session: Session, portal_id: UUID, number: int | None = None, *, form: str, language: Language
) -> Download:
    """The specification of the portal as it is known now, or in a past version.

    Raises UnknownFormat, NeverRead, or NotFound for a version that is not kept.
    """
    file_format = format_named(form)
    version = _version(session, portal_id, number)
    name = file_name(version.outline.portal.domain, version.outline.read_at, file_format.extension)
    return _download((version,), form, language, name)


def addendum(session: Session, portal_id: UUID, since: int, *, form: str, language: Language) -> Download:
    """The differences since a past version, as a file that completes a specification of that version.

    ``form`` is ``txt`` or ``json``. Raises NotFound for a version that is not kept, UnknownFormat for another form.
    """
    if form not in ("txt", "json"):
        raise UnknownFormat(hint="format: txt, json")
    old, new = _version(session, portal_id, since), _version(session, portal_id)
    name = file_name(
        new.outline.portal.domain, new.outline.read_at, f"since-{since}.{FORMATS[form].extension}"
    )
    return _download((old, new), form, language, name)


async def answer(service: Cabinet, request: Request, download: Download, *, person: Hashable) -> Response:
    """The file as a download, or the answer that the one whose tag the browser sent is still right.

    Raises what ``Documents.opened`` raises.
    """
    document, tag = download.document, download.tag
    if request.method == "GET" and tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers={"ETag": tag})
    file = await service.documents.opened(document, person)
    return StreamingResponse(
        file.pieces(),
        media_type=FORMATS[document.format].media_type,
        headers={**attached(download.name), "Content-Length": str(file.size), "ETag": tag},
    )


def attached(name: str) -> dict[str, str]:
    """The headers of a download with this file name (RFC 6266): in ASCII for old browsers, and in full."""
    ascii_name = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return {"Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"}


def _download(versions: tuple[Version, ...], form: str, language: Language, name: str) -> Download:
    document = Document(versions, form, language)
    return Download(document, f'"{document.key}"', name)


def _version(session: Session, portal_id: UUID, number: int | None = None) -> Version:
    outline = snapshots.outline(session, portal_id, number)
    if outline is None:
        raise NeverRead if number is None else NotFound
    return Version(portal_id, outline)


def _tags(header: str) -> set[str]:
    """The entity tags of ``If-None-Match``, which compares weakly (RFC 9110, 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
