"""``/portal/…``: the pages inside a portal's frame. They only show what was read; the gateway makes all changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from services.cabinet.base.rendering import Page, answer
from services.cabinet.contents import refreshing, specifying
from services.cabinet.contents.reading import contents
from services.cabinet.contents.specifying import Download
from services.cabinet.contents.users import users
from services.cabinet.in_portal.data import Shown, TabButton, shown, tab_named, tabs
from services.cabinet.in_portal.failing import PortalRoute
from services.cabinet.in_portal.head import Head, head, step_of
from services.cabinet.in_portal.visit import FrameVisit, Visiting
from shared.wording.errors import code_sentence
from shared.wording.language import LANGUAGES, Language

router = APIRouter(prefix="/portal", route_class=PortalRoute, include_in_schema=False)

_WAYS = ["GET", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage(Page):
    """The portal's data. ``done`` names what was just done."""

    template: ClassVar[str] = "in_portal/data.html"

    head: Head
    tabs: tuple[TabButton, ...]
    shown: Shown
    done: str
    is_admin: bool
    admins_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage(Page):
    """The page of a portal that was never read: the progress of its first read, or why it failed."""

    template: ClassVar[str] = "in_portal/unread.html"

    head: Head
    is_admin: bool
    admins_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """The portal's settings as a page, for browsers in which the dialog does not open."""

    template: ClassVar[str] = "in_portal/settings_page.html"

    domain: str
    done: str
    is_admin: bool
    admins_only: bool


@router.api_route("/", methods=_WAYS)
def data(visit: Visiting) -> Response:
    """The portal's data."""
    return _data(visit, visit.asked.get("done", ""), _id_in(visit.asked.get("refresh", "")))


@router.api_route("/refreshes/{refresh_id}", methods=_WAYS)
def watch(request: Request, visit: Visiting, refresh_id: UUID) -> Response:
    """The progress of a read: JSON for the page's script, else the page itself."""
    with visit.session() as session:
        progress = refreshing.progress(session, refresh_id)
    if "application/json" not in request.headers.get("accept", ""):
        return _data(visit, "refreshed" if progress.state == "done" else "", refresh_id)
    document: dict[str, Any] = {
        "state": progress.state,
        "step": step_of(progress, visit.words),
        "done": progress.done,
        "planned": progress.planned,
        "error": code_sentence(progress.error, visit.words.language) if progress.error else "",
    }
    return JSONResponse(document, headers=dict(visit.layout.headers))


def _specification(visit: Visiting) -> Download:
    return _download(visit, visit.asked.get("format", "txt"))


def _text(visit: Visiting) -> Download:
    return _download(visit, "txt")


@router.api_route("/specification", methods=_WAYS)
async def specification(
    request: Request, visit: Visiting, download: Annotated[Download, Depends(_specification)]
) -> Response:
    """The specification as a file, with the same bytes as from the API."""
    return await _file(request, visit, download)


@router.api_route("/text", methods=_WAYS)
async def text(request: Request, visit: Visiting, download: Annotated[Download, Depends(_text)]) -> Response:
    """The TXT file shown in the browser, for reading and copying where files cannot be saved."""
    response = await _file(request, visit, download)
    response.headers["Content-Disposition"] = "inline"
    return response


@router.api_route("/people", methods=_WAYS)
def people(visit: Visiting) -> Response:
    """The names of the portal's users whose ids are in ``ids``, as JSON for the page's script."""
    ids = set(visit.asked.get("ids", "").split(","))
    with visit.session() as session:
        content = contents(session, visit.portal.id)
        rows = users(content, visit.words) if content else ()
    names = {str(row.id): row.name for row in rows if str(row.id) in ids}
    return JSONResponse(names, headers=dict(visit.layout.headers))


@router.api_route("/settings", methods=_WAYS)
def settings(visit: Visiting) -> Response:
    """The settings as a page."""
    return answer(
        SettingsPage(
            layout=visit.layout,
            domain=visit.portal.domain,
            done=visit.asked.get("done", ""),
            is_admin=visit.who.is_admin,
            admins_only=visit.portal.admins_only,
        )
    )


def _data(visit: FrameVisit, done: str, watched: UUID | None) -> Response:
    portal, words, layout = visit.portal, visit.words, visit.layout
    is_admin, admins_only = visit.who.is_admin, portal.admins_only
    with visit.session() as session:
        content = contents(session, portal.id)
        top = head(session, visit, content, watched)
        if content is None:
            return answer(UnreadPage(layout=layout, head=top, is_admin=is_admin, admins_only=admins_only))
        name = tab_named(visit.asked.get("tab", ""))
        return answer(
            DataPage(
                layout=layout,
                head=top,
                tabs=tabs(content, words, name),
                shown=shown(content, words, name, visit.asked.get("entity", "")),
                done=done,
                is_admin=is_admin,
                admins_only=admins_only,
            )
        )


def _download(visit: FrameVisit, form: str) -> Download:
    with visit.session() as session:
        return specifying.specification(session, visit.who.portal_id, form=form, language=_language(visit))


async def _file(request: Request, visit: FrameVisit, download: Download) -> Response:
    person = (visit.who.portal_id, visit.who.user_id)
    file = await specifying.answer(visit.service, request, download, person=person)
    file.headers.update(visit.layout.headers)
    return file


def _id_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _language(visit: FrameVisit) -> Language:
    return next(
        (language for language in LANGUAGES if language == visit.asked.get("lang")), visit.words.language
    )
