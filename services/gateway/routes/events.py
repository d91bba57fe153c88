"""``/bitrix24/events``: the events Bitrix24 sends. A success only says that the event is stored."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.gateway import metrics
from services.gateway.dependencies import Service
from services.gateway.event_form import parse_event
from services.gateway.event_handling import receive
from services.gateway.gateway import Gateway
from services.gateway.own_threads import in_thread
from services.gateway.request_parsing import Body, form_in
from shared.domain.errors import CrmapError
from shared.refusal_route import MethodNotAllowed, RefusalRoute, headers_of
from shared.web import network_of


class EventRoute(RefusalRoute):
    """The route for events. A refusal does not reveal which portals are known."""

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:  # noqa: ARG004 - the same for every request
        """The error code only, because only programs read these responses."""
        metrics.REFUSALS.labels(refusal.code).inc()
        log.warning("event.refused", extra={"code": refusal.code})
        body = {"status": "error", "error": refusal.code}
        return JSONResponse(body, refusal.status, headers=headers_of(refusal))


router = APIRouter(route_class=EventRoute)

ADDRESSES = ("/bitrix24/events", "/bitrix24/events/")
_OTHER_METHODS = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

log = logging.getLogger(__name__)


async def take_event(request: Request, gateway: Service, body: Body) -> Response:
    """The event is stored. Raises FormRefused, ForgedEvent."""
    return await event_answer(request, gateway, body)


async def event_answer(request: Request, gateway: Gateway, body: bytes) -> Response:
    """The response to the event in this body, once it is stored. Raises FormRefused, ForgedEvent."""
    return await in_thread(gateway.storing, _answer, request, gateway, body)


def _answer(request: Request, gateway: Gateway, body: bytes) -> Response:
    tree = form_in(request, body)
    event = parse_event(tree, gateway.oauth_servers, allow_private=gateway.allow_private)
    receipt = receive(gateway, event, network_of(request))
    return JSONResponse({"status": receipt.word}, receipt.status)


def may_post() -> Response:
    """The vendor's console uses this to check that the address exists."""
    return Response()


def only_post(request: Request) -> Response:
    """Other methods are refused: this address takes only events."""
    response = EventRoute.render_refusal(request, MethodNotAllowed())
    response.headers["Allow"] = "POST, HEAD"
    return response


for _address in ADDRESSES:
    router.add_api_route(_address, take_event, methods=["POST"], include_in_schema=False)
    router.add_api_route(_address, may_post, methods=["HEAD"], include_in_schema=False)
    router.add_api_route(_address, only_post, methods=_OTHER_METHODS, include_in_schema=False)
