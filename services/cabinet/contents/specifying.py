"""An account's specification as a file, for the API, the pages and the portal's frame."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from urllib.parse import quote
from uuid import UUID

from fastapi import Response
from sqlmodel import Session

from shared.db import snapshots
from shared.domain.diff import diff
from shared.domain.errors import Refused
from shared.domain.refusals import NeverRead, NotFound
from shared.domain.snapshot import Snapshot
from shared.specification.changes import changes_json, changes_txt
from shared.specification.formats import FORMATS, Format
from shared.specification.txt import file_name
from shared.wording.language import Language


class UnknownFormat(Refused):
    """Facts: ``hint``, the formats there are."""

    code = "unknown_format"
    status = 400


def format_named(name: str) -> Format:
    """The format of this name. Raises UnknownFormat if there is none."""
    file_format = FORMATS.get(name)
    if file_format is None:
        raise UnknownFormat(hint=f"format: {', '.join(FORMATS)}")
    return file_format


def known_snapshot(session: Session, portal_id: UUID, number: int | None = None) -> Snapshot:
    """The portal as it is known now, or in a past version. Raises NeverRead or NotFound."""
    if number is None:
        latest = snapshots.latest(session, portal_id)
        if latest is None:
            raise NeverRead
        return latest
    snapshot = snapshots.version(session, portal_id, number)
    if snapshot is None:
        raise NotFound
    return snapshot


def specification(snapshot: Snapshot, file_format: Format, language: Language) -> Response:
    """The specification as a file download."""
    name = file_name(snapshot.portal.domain, snapshot.read_at, file_format.extension)
    return Response(
        file_format.render(snapshot, language=language),
        media_type=file_format.media_type,
        headers=attached(name),
    )


def addendum(session: Session, portal_id: UUID, since: int, *, form: str, language: Language) -> Response:
    """The differences since a past version, as a file that completes a specification of that version.

    ``form`` is ``txt`` or ``json``. Raises NotFound for a version that is not kept, UnknownFormat for another form.
    """
    if form not in ("txt", "json"):
        raise UnknownFormat(hint="format: txt, json")
    old, new = known_snapshot(session, portal_id, since), known_snapshot(session, portal_id)
    file_format, comparison = FORMATS[form], diff(old, new)
    name = file_name(new.portal.domain, new.read_at, f"since-{since}.{file_format.extension}")
    if form == "json":
        content = changes_json(comparison, old, new, language=language)
    else:
        # With a byte order mark and CRLF for Notepad, as specifications have.
        content = BOM_UTF8 + changes_txt(comparison, old, new, language=language, newline="\r\n")
    return Response(content, media_type=file_format.media_type, headers=attached(name))


def attached(name: str) -> dict[str, str]:
    """The headers of a download with this file name (RFC 6266): in ASCII for old browsers, and in full."""
    ascii_name = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return {"Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"}
