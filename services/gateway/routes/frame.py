"""``/bitrix24/install``, ``/bitrix24/app``: pages the portal opens in its frame; ``/bitrix24/session``: going on."""

from __future__ import annotations

import json
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.gateway import counting, pages
from services.gateway.asking import Body, Fields, Place, Service, form_in, needs
from services.gateway.gateway import Gateway
from services.gateway.opening import (
    NotVerified,
    Opened,
    Opening,
    install,
    open_app,
    parse_opening,
)
from services.gateway.php_form import FormRefused, Tree, text_at
from services.gateway.routes.events import event_answer
from services.gateway.wording import is_known, language_of, sentence
from shared.domain.errors import CrmapError, Transient
from shared.frame import LIVES
from shared.web import RETRY_AFTER_S
from shared.wording.errors import error_sentence
from shared.wording.language import Language

router = APIRouter()

_WITHOUT_OPTIONS = ("", "undefined")


class Session(BaseModel):
    """A frame session. ``expires_in`` is in seconds."""

    session: str
    expires_in: int
    is_admin: bool


def take_install(request: Request, gateway: Service, body: Body, place: Place) -> Response:
    """The installer's page. An application without pages gets its installation here as an event."""
    try:
        tree = form_in(request, body)
        if "event" in tree:
            return event_answer(gateway, tree)
    except FormRefused as refused:
        return _refused(refused, _language(request))
    if not place:
        return _busy(_language(request))
    return _page(request, gateway, tree, install, _installed)


def take_app(request: Request, gateway: Service, body: Body, place: Place) -> Response:
    """The application's page."""
    try:
        tree = form_in(request, body)
    except FormRefused as refused:
        return _refused(refused, _language(request))
    if not place:
        return _busy(_language(request))
    return _page(request, gateway, tree, open_app, _opened)


def about_install(request: Request) -> Response:
    """For whoever opens the address by hand."""
    return _about("address_install", request)


def about_app(request: Request) -> Response:
    """For whoever opens the address by hand."""
    return _about("address_app", request)


@router.post("/bitrix24/session")
def new_session(gateway: Service, fields: Fields, place: Place) -> Session:
    """A fresh session for a page whose own is over, by a fresh access token of its person."""
    needs(place)
    opening = parse_opening(fields, language=language_of(fields.get("LANG", "")))
    opened = open_app(gateway, opening)
    return Session(session=opened.session, expires_in=int(LIVES.total_seconds()), is_admin=opened.is_admin)


def _page(
    request: Request,
    gateway: Gateway,
    tree: Tree,
    use_case: Callable[[Gateway, Opening], Opened],
    shown: Callable[[Gateway, Opened], Response],
) -> Response:
    """The page of a verified opening, or a sentence why there is none."""
    language = _language(request)
    if request.query_params.get("PROTOCOL") == "0" and not gateway.allow_private:
        return pages.said(sentence("https_required", language), language, 403)
    try:
        fields = {name: text_at(tree, name) for name in tree}
        _check_options(fields.get("PLACEMENT_OPTIONS", ""))
        return shown(gateway, use_case(gateway, parse_opening(fields, language=language)))
    except FormRefused as refused:
        return _refused(refused, language)
    except CrmapError as error:
        return _failed(error, language)


def _failed(error: CrmapError, language: Language) -> Response:
    """Why there is no page. Around it only the portal is shown, where one was verified."""
    text = sentence(error.code, language) if is_known(error.code) else error_sentence(error, language)
    if isinstance(error, NotVerified):
        counting.REFUSALS.labels(error.code).inc()
        return pages.said(text, language, 403, ancestors="'none'")
    ancestors = error.facts.get("origins", "*")
    if isinstance(error, Transient):
        return _busy(language)
    return pages.said(text, language, 403, ancestors=ancestors)


def _busy(language: Language) -> Response:
    headers = {"Retry-After": RETRY_AFTER_S}
    return pages.said(sentence("try_again_later", language), language, 503, headers=headers)


def _refused(refused: FormRefused, language: Language) -> Response:
    counting.REFUSALS.labels(refused.code).inc()
    if refused.code == "empty_body":
        return _failed(NotVerified(), language)
    return pages.said(sentence("bad_request", language), language, 400, ancestors="'none'")


def _check_options(text: str) -> None:
    """Options are free, as long as they are JSON. Raises FormRefused."""
    if text in _WITHOUT_OPTIONS:
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise FormRefused("bad_json") from None


def _about(code: str, request: Request) -> Response:
    language = _language(request)
    return pages.said(sentence(code, language), language, 200, ancestors="'none'")


def _language(request: Request) -> Language:
    return language_of(request.query_params.get("LANG", ""))


def _installed(gateway: Gateway, opened: Opened) -> Response:
    counting.OPENINGS.labels("install").inc()
    return _finished(gateway, opened)


def _opened(gateway: Gateway, opened: Opened) -> Response:
    counting.OPENINGS.labels("app").inc()
    return _finished(gateway, opened)


def _finished(gateway: Gateway, opened: Opened) -> Response:
    """The page that goes on; an administrator of an unfinished installation ends it first.

    Until then the portal sends no events, whatever is bound (Bitrix24 REST documentation, installation).
    """
    if opened.is_finished or not opened.is_admin:
        return pages.shell(opened)
    return pages.finishing(opened, gateway.script_url)


def _bind(address: str, take: Callable[..., Response], about: Callable[..., Response]) -> None:
    """The address answers with and without the last slash: a redirect would cost the portal's POST its body."""
    for path in (address, f"{address}/"):
        router.add_api_route(path, take, methods=["POST"], include_in_schema=False)
        router.add_api_route(path, about, methods=["GET", "HEAD"], include_in_schema=False)


_bind("/bitrix24/install", take_install, about_install)
_bind("/bitrix24/app", take_app, about_app)
