"""What answers on a port: one portal, many portals together, or an authorization server."""

from __future__ import annotations

from collections.abc import Callable

from tools.simulator.admission import method_in, parameters, token_in
from tools.simulator.cloud_state import CloudState
from tools.simulator.control import outside_rest
from tools.simulator.messages import Request, Response
from tools.simulator.oauth import answering
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.portal import SimulatedPortal
from tools.simulator.rest import PREFLIGHT_HEADERS, methods_of, rest_answer
from tools.simulator.server import Answering, Delivery, Latency, no_latency, whole

#: Which portal a request is for.
Finding = Callable[[Request], SimulatedPortal]


def portal_door(cloud: CloudState, address: Callable[[], str], finding: Finding) -> Answering:
    """Answers for the portal that the request is for; a portal that has moved redirects to its new address."""

    def answer(request: Request) -> tuple[Response, Delivery, Latency]:
        portal = finding(request)
        if not request.path.startswith("/rest/"):
            return outside_rest(cloud, portal, request), whole, no_latency
        if portal.address != address():
            return _moved(portal, request), whole, no_latency
        return _rest(portal, request)

    return answer


def oauth_door(cloud: CloudState, server: OAuthServer) -> Answering:
    def answer(request: Request) -> tuple[Response, Delivery, Latency]:
        if request.path.startswith("/_"):
            return outside_rest(cloud, server, request), whole, no_latency
        return answering.answer(server, request)

    return answer


def by_credentials(cloud: CloudState) -> Finding:
    """The portal that made the webhook or owns the token. If there is none, the usual portal refuses the request."""

    def find(request: Request) -> SimulatedPortal:
        host = request.headers.get("host", "").partition(":")[0]
        usual = cloud.at_host(host) or cloud.portals[0]
        if not request.path.startswith("/rest/"):
            return usual
        _, webhook = method_in(request.path)
        if webhook is not None:
            return next(
                (candidate for candidate in cloud.portals if webhook[1] in candidate.callers.webhooks), usual
            )
        chain = cloud.authority.chains.of_token(token_in(request, parameters(request)))
        owners = (portal for portal in cloud.portals if chain and portal.member_id == chain.member_id)
        return next(owners, usual)

    return find


def _moved(portal: SimulatedPortal, request: Request) -> Response:
    """The answer of a renamed portal's old address: a redirect without a body."""
    query = f"?{request.query}" if request.query else ""
    location = f"{portal.base_url.rstrip('/')}{request.path}{query}"
    return Response(302, b"", {"Location": location, "Content-Type": "text/html"})


def _rest(portal: SimulatedPortal, request: Request) -> tuple[Response, Delivery, Latency]:
    if request.verb == "OPTIONS":  # a browser asks first, if a page is about to send JSON
        return Response(200, b"", PREFLIGHT_HEADERS), whole, no_latency
    params = parameters(request)
    methods = methods_of(request.path, params)
    with portal.lock:
        entry = portal.log.request(request.verb, method_in(request.path)[0], portal.clock())
        fault = portal.faults.of_whole(methods)
        response = rest_answer(portal, request, params)
    delivery: Delivery = whole
    if fault is not None:
        response, delivery = portal.faults.spoiled(fault, request, response)
        entry.fault = fault.name
    entry.status = response.status
    return response, delivery, lambda: portal.switches.latency_ms / 1000
