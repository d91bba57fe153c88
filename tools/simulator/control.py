"""Addresses beside REST, the same on every port: a portal's page, truth, log, events, and what steers the cloud."""

from __future__ import annotations

from typing import Any

from tools.simulator.application_orders import APPLICATION_ORDERS
from tools.simulator.authorizing import authorization_page
from tools.simulator.browsing.routes import browsed
from tools.simulator.cloud_orders import CLOUD_SECTIONS, Here
from tools.simulator.cloud_state import CloudState
from tools.simulator.messages import Request, Response, json_response
from tools.simulator.orders import ORDERS, BadOrder, NothingThere, as_json
from tools.simulator.portal import SimulatedPortal

_VERBS = {
    "_truth": ("GET", "HEAD"),
    "_log": ("GET", "HEAD", "DELETE"),
    "_events": ("GET", "HEAD", "DELETE"),
    "_control": ("POST",),
    **dict.fromkeys(CLOUD_SECTIONS, ("GET", "HEAD", "POST")),
}


def outside_rest(cloud: CloudState, here: Here, request: Request) -> Response:
    """The answer to anything that is not under ``/rest/``; every port knows every portal by name."""
    if isinstance(here, SimulatedPortal):
        if request.path.rstrip("/") == "/oauth/authorize":
            return authorization_page(here, request.query)
        if (page := browsed(here, request)) is not None:
            return page
    section, _, name = request.path.lstrip("/").partition("/")
    if section not in _VERBS:
        return json_response(404, {"error": f"nothing at {request.path}"})
    if request.verb not in _VERBS[section]:
        return json_response(405, {"error": f"{section} understands {', '.join(_VERBS[section])}"})
    try:
        if section in CLOUD_SECTIONS:
            return json_response(200, CLOUD_SECTIONS[section](cloud, here, name, request))
        return json_response(200, _of_portal(_named(cloud, name), section, request))
    except NothingThere as error:
        return json_response(404, {"error": str(error)})
    except (BadOrder, ValueError, LookupError) as error:
        return json_response(400, {"error": str(error.args[0])})


def _named(cloud: CloudState, name: str) -> SimulatedPortal:
    try:
        return cloud.portal(name)
    except LookupError as error:
        raise NothingThere(str(error.args[0])) from None


def _of_portal(portal: SimulatedPortal, section: str, request: Request) -> Any:
    if section == "_truth":
        return portal.truth()
    if section == "_control":
        return controlled(portal, as_json(request))
    shown = portal.log if section == "_log" else portal.events
    if request.verb == "DELETE":
        shown.clear()
    return shown.as_dict()


def controlled(portal: SimulatedPortal, orders: dict[str, Any]) -> dict[str, Any]:
    """Carries out every order; the results by name. Raises BadOrder, ValueError or LookupError."""
    known_names = [*ORDERS, *APPLICATION_ORDERS]
    if strange := [name for name in orders if name not in known_names]:
        raise BadOrder(f"unknown: {', '.join(strange)}; known: {', '.join(known_names)}")
    results: dict[str, Any] = {}
    for name, order in orders.items():
        if name in ORDERS:
            with portal.lock:
                results[name] = ORDERS[name](portal, order)
        else:
            results[name] = APPLICATION_ORDERS[name](portal, order)
    return results
