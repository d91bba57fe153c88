"""``/bitrix24/plain``: what a page in the frame asks for where its scripts do not run, answered as pages.

Each goes on by a button, or by a redirect that keeps method and body: the session stands in the body.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from services.gateway import choosing, erasing, linking, pages, refreshing
from services.gateway.asking import Administrator, Fields, Framed, Service
from services.gateway.pages import Form
from services.gateway.routes.portal import confirmed, flag
from services.gateway.wording import is_known, sentence
from shared.db.links import Receiver, masked
from shared.db.session import DATABASE_TROUBLE
from shared.domain.errors import CrmapError
from shared.frame import FrameSession, FrameSessionInvalid
from shared.web import STATUS, Problem, language_of
from shared.wording.errors import error_sentence
from shared.wording.language import Language

_SETTINGS = "/portal/settings"
_PAGES = "/portal/"


class PlainRoute(APIRoute):
    """A route whose refusals are pages that lead back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with everything that can go wrong in it told to a person."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except FrameSessionInvalid as error:
                language: Language = "en" if error.facts.get("language") == "en" else "ru"
                ancestors = error.facts.get("origins") or "'none'"
                return pages.said(sentence("session_expired", language), language, 403, ancestors=ancestors)
            except CrmapError as error:
                status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
                return _back(request, status, error)
            except Problem as problem:
                return _back(request, problem.status, problem)
            except DATABASE_TROUBLE:
                return _back(request, 503, Problem(503, "try_again_later"))

        return handle_for_people


router = APIRouter(prefix="/bitrix24/plain", route_class=PlainRoute, include_in_schema=False)


@router.post("/refresh")
def refresh(gateway: Service, asking: Framed) -> Response:
    """The portal is read, and on to watching that."""
    return _on(f"/portal/refreshes/{refreshing.refresh(gateway, asking)}")


@router.post("/link/preview")
def preview(request: Request, gateway: Service, asking: Administrator, fields: Fields) -> Response:
    """Whose cabinet it is, and the button that lets it see the portal."""
    token = fields.get("token", "")
    found = linking.preview(gateway, asking, token)
    confirming = {"token": token, "preview": found.nonce}
    return _page(
        request,
        _say(asking, "whose_cabinet"),
        _cabinet(asking, found.receiver),
        Form("/bitrix24/plain/link", _say(asking, "save"), "primary", confirming),
        Form(_SETTINGS, _say(asking, "cancel")),
    )


@router.post("/link")
def link(request: Request, gateway: Service, asking: Administrator, fields: Fields) -> Response:
    """The portal is an account of the token's cabinet."""
    made = linking.link(gateway, asking, fields.get("token", ""), fields.get("preview", ""))
    return _page(
        request,
        _say(asking, "linked"),
        _cabinet(asking, made.receiver),
        Form(_PAGES, _say(asking, "to_the_data"), "primary"),
    )


@router.post("/links")
def links(request: Request, gateway: Service, asking: Administrator) -> Response:
    """The cabinets that see this portal, each with a button that ends it."""
    blocks: list[str | Form] = []
    for row in linking.onlookers(gateway, asking):
        blocks.append(f"{masked(row.title)} · {masked(row.owner)} · {_day(row.linked_at)}")
        blocks.append(Form(f"/bitrix24/plain/links/{row.link_id}/cut", _say(asking, "cut"), "danger"))
    return _page(
        request,
        _say(asking, "onlookers" if blocks else "no_onlookers"),
        *blocks,
        Form(_SETTINGS, _say(asking, "back")),
    )


@router.post("/links/{link_id}/cut")
def cut(gateway: Service, asking: Administrator, link_id: UUID) -> Response:
    """That cabinet sees this portal no longer."""
    if not linking.cut(gateway, asking, link_id):
        raise Problem(404, "not_found")
    return _on("/bitrix24/plain/links")


@router.post("/settings")
def settings(gateway: Service, asking: Administrator, fields: Fields) -> Response:
    """The portal's settings as the form has them: a box that is not ticked is not sent."""
    choosing.choose(gateway, asking, admins_only=flag(fields.get("admins_only", "")))
    return _on(f"{_SETTINGS}?done=saved")


@router.post("/erase")
def erase(request: Request, gateway: Service, asking: Administrator, fields: Fields) -> Response:
    """Nothing of this portal is left."""
    confirmed(fields)
    erasing.erase(gateway, asking)
    return _page(request, _say(asking, "erased"))


def _on(path: str) -> RedirectResponse:
    return RedirectResponse(path, 307)


def _page(request: Request, *blocks: str | Form, status: int = 200) -> Response:
    asking: FrameSession = request.state.asking
    return pages.plain(
        blocks, request.state.session, _language(asking), ancestors=asking.origins or "'none'", status=status
    )


def _back(request: Request, status: int, refusal: CrmapError | Problem) -> Response:
    """What went wrong, and the way back where a session is known."""
    asking: FrameSession | None = getattr(request.state, "asking", None)
    if asking is None:
        language = language_of(request)
        return pages.said(_refusal(refusal, language), language, status, ancestors="'none'")
    said = _refusal(refusal, _language(asking))
    return _page(request, said, Form(_PAGES, _say(asking, "back")), status=status)


def _refusal(refusal: CrmapError | Problem, language: Language) -> str:
    if is_known(refusal.code):
        return sentence(refusal.code, language)
    if isinstance(refusal, CrmapError):
        return error_sentence(refusal, language)
    return sentence("bad_request", language)


def _cabinet(asking: FrameSession, receiver: Receiver) -> str:
    facts = {
        "title": masked(receiver.title),
        "owner": masked(receiver.owner),
        "accounts": receiver.accounts,
        "since": _day(receiver.created_at),
    }
    return _say(asking, "cabinet").format(**facts)


def _day(at: datetime) -> str:
    return f"{at:%d.%m.%Y}"


def _say(asking: FrameSession, code: str) -> str:
    return sentence(code, _language(asking))


def _language(asking: FrameSession) -> Language:
    return "en" if asking.language == "en" else "ru"
