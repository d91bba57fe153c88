"""The cabinet's web site: its pages and the files they refer to, as a part of the cabinet's application."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.cabinet.web import (
    account,
    account_entity_tabs,
    account_tabs,
    accounts,
    api_tokens,
    applications,
    changes,
    compare,
    downloads,
    entering,
    group_refreshing,
    group_tables,
    groups,
    search,
    settings,
    token,
)
from services.cabinet.web.failing import PageRoute, error_page
from services.cabinet.web.rendering import static_address, static_files
from shared.web import Problem

API = "/api/"

_files = APIRouter(route_class=PageRoute, include_in_schema=False)
ROUTERS = (
    _files,
    *(pages.router for pages in (entering, token, accounts, groups)),
    *(pages.router for pages in (account, account_tabs, account_entity_tabs, downloads)),
    *(pages.router for pages in (changes, compare, search, settings, api_tokens, applications)),
    *(pages.router for pages in (group_refreshing, group_tables)),
)


def add_pages(app: FastAPI) -> None:
    """The application shows pages too; whoever follows a link that leads nowhere gets one as well."""
    for part in ROUTERS:
        app.include_router(part)
    refuse = app.exception_handlers[HTTPException]

    @app.exception_handler(HTTPException)
    def refuse_in_their_way(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith(API) or error.status_code != 404:
            refused: Response = refuse(request, error)  # type: ignore[assignment]
            return refused
        return error_page(request, Problem(404, "not_found"))


@_files.get("/static/{name}")
def static_file(name: str, v: str = "") -> Response:
    """A file of ours; asked for by its present address it may be kept for good."""
    content = static_files().get(name)
    if content is None:
        raise Problem(404, "not_found")
    is_present = static_address(name).endswith(f"?v={v}")
    keep = "public, max-age=31536000, immutable" if v and is_present else "no-cache"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": keep})
