"""The static files of pages."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.rendering import static_address, static_files
from shared.domain.refusals import NotFound

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/static/{name}")
def static_file(name: str, v: str = "") -> Response:
    """A static file. Browsers may cache it for good if they ask for it by its current address."""
    content = static_files().get(name)
    if content is None:
        raise NotFound
    is_present = static_address(name).endswith(f"?v={v}")
    keep = "public, max-age=31536000, immutable" if v and is_present else "no-cache"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": keep})
