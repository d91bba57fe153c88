"""``/bitrix24/install``, ``/bitrix24/app``: pages the portal opens in its frame."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from services.gateway import metrics, pages
from services.gateway.app_opening import (
    NotVerified,
    Opened,
    Opening,
    guest_of,
    install,
    open_app,
    parse_opening,
)
from services.gateway.conversations import converse
from services.gateway.dependencies import Service
from services.gateway.event_handling import ForgedEvent
from services.gateway.form_refusals import BadJson, EmptyBody, FormRefused
from services.gateway.gateway import Gateway
from services.gateway.php_form import Tree, text_at
from services.gateway.refusal_sentences import say
from services.gateway.request_parsing import Body, form_in
from services.gateway.routes.events import EventRoute, event_answer
from services.gateway.wording import language_of, sentence
from shared.domain.errors import CrmapError, Refused, Transient
from shared.domain.refusals import TryAgainLater
from shared.refusal_route import RefusalRoute, headers_of
from shared.web import network_of
from shared.wording.language import Language

_WITHOUT_OPTIONS = ("", "undefined")


class HttpsRequired(Refused):
    """The portal was opened without encryption."""

    code = "https_required"


class FrameRoute(RefusalRoute):
    """A page that a portal opens in its frame. A refusal is one sentence without a button."""

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:
        """The page for the refusal. If a portal was verified, only that portal may frame it."""
        language = _language(request)
        ancestors = refusal.facts.get("origins", "*")
        if isinstance(refusal, NotVerified | FormRefused):
            metrics.REFUSALS.labels(refusal.code).inc()
            ancestors = "'none'"
        shown_refusal = _shown(refusal)
        text = say(shown_refusal, language) or sentence("bad_request", language)
        return pages.message_page(
            text, language, shown_refusal.status, ancestors=ancestors, headers=headers_of(shown_refusal)
        )


def _shown(refusal: CrmapError) -> CrmapError:
    """The refusal as people see it: the details of a form or of a failed call mean nothing to them."""
    match refusal:
        case EmptyBody():
            return NotVerified()
        case FormRefused():
            return FormRefused()
        case Transient():
            return TryAgainLater()
    return refusal


router = APIRouter(route_class=FrameRoute)


async def take_install(request: Request, gateway: Service, body: Body) -> Response:
    """The installer's page. For an application without pages, the installation comes here as an event."""
    tree = form_in(request, body)
    if "event" in tree:
        return await _event(request, gateway, body)
    return _page(gateway, await _opened(request, gateway, tree, install), "install")


async def take_app(request: Request, gateway: Service, body: Body) -> Response:
    """The application's page."""
    return _page(gateway, await _opened(request, gateway, form_in(request, body), open_app), "app")


async def _opened(
    request: Request, gateway: Gateway, tree: Tree, opens: Callable[[Gateway, Opening], Opened]
) -> Opened:
    opening = _opening(request, gateway, tree)
    guest = await run_in_threadpool(guest_of, gateway, opening, network_of(request))
    return await converse(gateway, guest, opens, gateway, opening)


def about_install(request: Request) -> Response:
    """The page for a person who opens the address in a browser."""
    return _about("address_install", request)


def about_app(request: Request) -> Response:
    """The page for a person who opens the address in a browser."""
    return _about("address_app", request)


async def _event(request: Request, gateway: Gateway, body: bytes) -> Response:
    try:
        return await event_answer(request, gateway, body)
    except ForgedEvent as forged:
        return EventRoute.render_refusal(request, forged)


def _opening(request: Request, gateway: Gateway, tree: Tree) -> Opening:
    """The opening in this form. Raises HttpsRequired, FormRefused, NotVerified."""
    if request.query_params.get("PROTOCOL") == "0" and not gateway.allow_private:
        raise HttpsRequired
    fields = {name: text_at(tree, name) for name in tree}
    _check_options(fields.get("PLACEMENT_OPTIONS", ""))
    return parse_opening(fields, language=_language(request))


def _check_options(text: str) -> None:
    """The options may be any JSON. Raises FormRefused."""
    if text in _WITHOUT_OPTIONS:
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise BadJson from None


def _about(code: str, request: Request) -> Response:
    language = _language(request)
    return pages.message_page(sentence(code, language), language, 200, ancestors="'none'")


def _language(request: Request) -> Language:
    return language_of(request.query_params.get("LANG", ""))


def _page(gateway: Gateway, opened: Opened, page: str) -> Response:
    """The page that goes to the cabinet; an administrator first ends an unfinished installation.

    Until then the portal sends no events, whatever is bound (Bitrix24 REST documentation, installation).
    """
    metrics.OPENINGS.labels(page).inc()
    if opened.is_finished or not opened.is_admin:
        return pages.shell(opened)
    return pages.finishing(opened, gateway.script_url)


def _bind(address: str, take: Callable[..., Awaitable[Response]], about: Callable[..., Response]) -> None:
    """The address works with and without a final slash, because a redirect would lose the body of the portal's POST."""
    for path in (address, f"{address}/"):
        router.add_api_route(path, take, methods=["POST"], include_in_schema=False)
        router.add_api_route(path, about, methods=["GET", "HEAD"], include_in_schema=False)


_bind("/bitrix24/install", take_install, about_install)
_bind("/bitrix24/app", take_app, about_app)
