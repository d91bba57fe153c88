"""``/bitrix24/plain``: the actions of a page in the frame for browsers without scripts, answered as pages.

Each leads on by a button, or by a redirect that keeps method and body, because the session is in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import linking, pages, portal_erasure, portal_settings, refreshing
from services.gateway.dependencies import Administrator, Caller, Service
from services.gateway.pages import Form
from services.gateway.refusal_sentences import say
from services.gateway.request_parsing import Fields
from services.gateway.routes.portal import confirmed, flag
from services.gateway.wording import sentence
from shared.db.links import Receiver, masked
from shared.domain.errors import CrmapError
from shared.domain.refusals import NotFound
from shared.frame import FrameSession
from shared.refusal_route import RefusalRoute, headers_of
from shared.web import language_of, network_of
from shared.wording.language import Language

_SETTINGS = "/portal/settings"
_PAGES = "/portal/"


class PlainRoute(RefusalRoute):
    """A route whose refusals are pages; with a known session they lead back to the data."""

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:
        """The page for the refusal. Only the portal of the session may frame it, even after the session is over."""
        headers = headers_of(refusal)
        caller: FrameSession | None = getattr(request.state, "caller", None)
        if caller is None:
            language = _language(refusal.facts.get("language") or language_of(request))
            ancestors = refusal.facts.get("origins") or "'none'"
            return pages.message_page(
                _sentence(refusal, language), language, refusal.status, ancestors=ancestors, headers=headers
            )
        text = _sentence(refusal, _language(caller.language))
        back = Form(_PAGES, _say(caller, "back"))
        return _page(request, text, back, status=refusal.status, headers=headers)


router = APIRouter(prefix="/bitrix24/plain", route_class=PlainRoute, include_in_schema=False)


@router.post("/refresh")
def refresh(gateway: Service, caller: Caller) -> Response:
    """The portal is read; the browser goes to the page that shows the progress."""
    return _on(f"/portal/refreshes/{refreshing.refresh(gateway, caller)}")


@router.post("/link/preview")
def preview(request: Request, gateway: Service, caller: Administrator, fields: Fields) -> Response:
    """Whose cabinet it is, and the button that links the portal to it."""
    token = fields.get("token", "")
    link_preview = linking.preview(gateway, caller, network_of(request), token)
    confirming = {"token": token, "preview": link_preview.nonce}
    return _page(
        request,
        _say(caller, "whose_cabinet"),
        _cabinet(caller, link_preview.receiver),
        Form("/bitrix24/plain/link", _say(caller, "save"), "primary", confirming),
        Form(_SETTINGS, _say(caller, "cancel")),
    )


@router.post("/link")
def link(request: Request, gateway: Service, caller: Administrator, fields: Fields) -> Response:
    """The portal becomes an account of the token's cabinet."""
    linked = linking.link(
        gateway, caller, network_of(request), fields.get("token", ""), fields.get("preview", "")
    )
    return _page(
        request,
        _say(caller, "linked"),
        _cabinet(caller, linked.receiver),
        Form(_PAGES, _say(caller, "to_the_data"), "primary"),
    )


@router.post("/links")
def links(request: Request, gateway: Service, caller: Administrator) -> Response:
    """The cabinets that see this portal, each with a button that unlinks it."""
    blocks: list[str | Form] = []
    for row in linking.linked_cabinets(gateway, caller):
        blocks.append(f"{masked(row.title)} · {masked(row.owner)} · {_day(row.linked_at)}")
        blocks.append(Form(f"/bitrix24/plain/links/{row.account_id}/cut", _say(caller, "cut"), "danger"))
    return _page(
        request,
        _say(caller, "linked_cabinets" if blocks else "no_linked_cabinets"),
        *blocks,
        Form(_SETTINGS, _say(caller, "back")),
    )


@router.post("/links/{account_id}/cut")
def unlink(gateway: Service, caller: Administrator, account_id: UUID) -> Response:
    """That cabinet no longer sees this portal."""
    if not linking.unlink(gateway, caller, account_id):
        raise NotFound
    return _on("/bitrix24/plain/links")


@router.post("/settings")
def settings(gateway: Service, caller: Administrator, fields: Fields) -> Response:
    """The portal's settings are those of the form, in which a box that is not ticked is missing."""
    portal_settings.change(gateway, caller, admins_only=flag(fields.get("admins_only", "")))
    return _on(f"{_SETTINGS}?done=saved")


@router.post("/erase")
def erase(request: Request, gateway: Service, caller: Administrator, fields: Fields) -> Response:
    """Everything about this portal is erased."""
    confirmed(fields)
    portal_erasure.erase(gateway, caller)
    return _page(request, _say(caller, "erased"))


def _on(path: str) -> RedirectResponse:
    return RedirectResponse(path, 307)


def _page(
    request: Request, *blocks: str | Form, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    caller: FrameSession = request.state.caller
    return pages.plain(
        blocks,
        request.state.session,
        _language(caller.language),
        ancestors=caller.origins or "'none'",
        status=status,
        headers=headers,
    )


def _sentence(refusal: CrmapError, language: Language) -> str:
    return say(refusal, language) or sentence("bad_request", language)


def _cabinet(caller: FrameSession, receiver: Receiver) -> str:
    return _say(
        caller,
        "cabinet",
        title=masked(receiver.title),
        owner=masked(receiver.owner),
        accounts=receiver.accounts,
        since=_day(receiver.created_at),
    )


def _day(at: datetime) -> str:
    return f"{at:%d.%m.%Y}"


def _say(caller: FrameSession, code: str, **facts: object) -> str:
    return sentence(code, _language(caller.language), **facts)


def _language(code: str) -> Language:
    return "en" if code == "en" else "ru"
