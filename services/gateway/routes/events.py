"""``/bitrix24/events``: everything Bitrix24 sends on its own. A success says that it is stored, and no more."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.gateway import counting
from services.gateway.asking import Body, Service, form_in, status_of
from services.gateway.event_form import parse_event
from services.gateway.gateway import Gateway
from services.gateway.php_form import FormRefused, Tree
from services.gateway.receiving import ForgedEvent, receive

router = APIRouter()

ADDRESSES = ("/bitrix24/events", "/bitrix24/events/")
_OTHER_METHODS = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

log = logging.getLogger(__name__)


def take_event(request: Request, gateway: Service, body: Body) -> Response:
    """The event is stored, or refused for a reason that says nothing about whom we know."""
    try:
        return event_answer(gateway, form_in(request, body))
    except FormRefused as refused:
        return _refused(status_of(refused), refused.code)


def event_answer(gateway: Gateway, tree: Tree) -> Response:
    """What becomes of the event in this form. Raises FormRefused."""
    try:
        receipt = receive(gateway, parse_event(tree, gateway.oauth_servers))
    except ForgedEvent as forged:
        return _refused(401, forged.code)
    return JSONResponse({"status": receipt.word}, receipt.status)


def may_post() -> Response:
    """The vendor's console asks this way whether the address exists."""
    return Response()


def only_post() -> Response:
    """Nothing but events is taken here."""
    refused = _refused(405, "method_not_allowed")
    refused.headers["Allow"] = "POST, HEAD"
    return refused


def _refused(status: int, code: str) -> JSONResponse:
    counting.REFUSALS.labels(code).inc()
    log.warning("event.refused", extra={"code": code})
    return JSONResponse({"status": "error", "error": code}, status)


for _address in ADDRESSES:
    router.add_api_route(_address, take_event, methods=["POST"], include_in_schema=False)
    router.add_api_route(_address, may_post, methods=["HEAD"], include_in_schema=False)
    router.add_api_route(_address, only_post, methods=_OTHER_METHODS, include_in_schema=False)
