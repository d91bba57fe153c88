"""How an authorization server answers: one of its two requests, spoiled by at most one fault."""

from __future__ import annotations

from tools.simulator.admission import parameters
from tools.simulator.answers import Refusal
from tools.simulator.faults import Fault
from tools.simulator.messages import Request, Response, html_response, json_response
from tools.simulator.oauth.faults import APP_INFO, TOKEN, WITHOUT_ROTATION
from tools.simulator.oauth.requests import PortalUnknown, app_info, tokens
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.server import Delivery, Latency, no_latency, whole

_NOTHING_HERE = "<!doctype html><title>404 Not Found</title><h1>404 Not Found</h1>"


def answer(server: OAuthServer, request: Request) -> tuple[Response, Delivery, Latency]:
    """The answer to a request for tokens or facts, how it is delivered, and with which latency."""
    endpoint = _asked(request.path)
    if endpoint is None:
        return html_response(404, _NOTHING_HERE), whole, no_latency
    with server.authority.lock:
        fault = server.faults.of_whole({endpoint})
        response = _response(server, endpoint, request, fault)
    delivery: Delivery = whole
    if fault is not None:
        response, delivery = server.faults.spoiled(fault, request, response)
    return response, delivery, lambda: server.switches.latency_ms / 1000


def _response(server: OAuthServer, endpoint: str, request: Request, fault: Fault | None) -> Response:
    params = parameters(request)
    rotate = fault is None or fault.name not in WITHOUT_ROTATION
    try:
        content = (
            tokens(server, params, rotate=rotate) if endpoint == TOKEN else app_info(server, request, params)
        )
    except Refusal as refusal:
        server.counted[str(refusal.error)] += 1
        return json_response(refusal.status, refusal.envelope())
    except PortalUnknown:
        server.counted["404"] += 1
        return html_response(404, _NOTHING_HERE)
    server.counted[endpoint] += 1
    return json_response(200, content)


def _asked(path: str) -> str | None:
    addresses = {"/oauth/token": TOKEN, "/rest/app.info": APP_INFO, "/rest/app.info.json": APP_INFO}
    return addresses.get(path.rstrip("/"))
