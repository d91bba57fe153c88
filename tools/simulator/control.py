"""Addresses beside REST, the same on every port: a portal's page, truth, log, events, and what steers the cloud."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import orjson

from tools.simulator.application_orders import APPLICATION_ORDERS, register
from tools.simulator.messages import Request, Response, html_response, json_response
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.orders import ORDERS, BadOrder, as_object, fault, switches
from tools.simulator.portal import SimulatedPortal

if TYPE_CHECKING:
    from tools.simulator.cloud import SimulatedCloud

_READ, _READ_OR_EMPTY = ("GET", "HEAD"), ("GET", "HEAD", "DELETE")
_VERBS = {
    "_truth": _READ,
    "_log": _READ_OR_EMPTY,
    "_events": _READ_OR_EMPTY,
    "_control": ("POST",),
    "_applications": (*_READ, "POST"),
    "_oauth": (*_READ, "POST"),
}
_OF_THE_CLOUD = ("_applications", "_oauth")


def outside_rest(cloud: SimulatedCloud, here: SimulatedPortal | OAuthServer, request: Request) -> Response:
    """The answer to anything that is not under ``/rest/``; every port knows every portal by name."""
    if request.path == "/" and isinstance(here, SimulatedPortal):
        return html_response(200, _page(here))
    section, _, name = request.path.lstrip("/").partition("/")
    if section not in _VERBS or (name and section == "_applications"):
        return json_response(404, {"error": f"nothing at {request.path}"})
    if request.verb not in _VERBS[section] and section in _OF_THE_CLOUD:
        return _wrong_verb(section)
    try:
        if section == "_applications":
            return json_response(200, _applications(cloud, request))
        if section == "_oauth":
            return json_response(200, _oauth(_server(cloud, here, name), request))
        portal = cloud.portal(name)
    except LookupError as error:
        return json_response(404, {"error": str(error.args[0])})
    except (BadOrder, ValueError) as error:
        return json_response(400, {"error": str(error.args[0])})
    return _section(portal, section, request)


def _section(portal: SimulatedPortal, section: str, request: Request) -> Response:
    if request.verb not in _VERBS[section]:
        return _wrong_verb(section)
    if section == "_truth":
        return json_response(200, portal.truth())
    if section in ("_log", "_events"):
        shown = portal.log if section == "_log" else portal.events
        if request.verb == "DELETE":
            shown.clear()
        return json_response(200, shown.as_dict())
    try:
        return json_response(200, controlled(portal, _json(request)))
    except (BadOrder, ValueError, LookupError) as error:
        return json_response(400, {"error": str(error.args[0])})


def _wrong_verb(section: str) -> Response:
    return json_response(405, {"error": f"{section} understands {', '.join(_VERBS[section])}"})


def _json(request: Request) -> dict[str, Any]:
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadOrder("the body is no JSON") from None
    return as_object(found, "the body")


def controlled(portal: SimulatedPortal, orders: dict[str, Any]) -> dict[str, Any]:
    """Every order carried out, and what came of each. Raises BadOrder, ValueError or LookupError."""
    known = [*ORDERS, *APPLICATION_ORDERS]
    if strange := [name for name in orders if name not in known]:
        raise BadOrder(f"unknown: {', '.join(strange)}; known: {', '.join(known)}")
    found: dict[str, Any] = {}
    for name, order in orders.items():
        if name in ORDERS:
            with portal.lock:
                found[name] = ORDERS[name](portal, order)
        else:
            found[name] = APPLICATION_ORDERS[name](portal, order)
    return found


def _applications(cloud: SimulatedCloud, request: Request) -> Any:
    """Registers an application, or lists all of them."""
    if request.verb == "POST":
        return register(cloud, _json(request))
    return [application.as_dict() for application in cloud.authority.applications]


def _server(cloud: SimulatedCloud, here: SimulatedPortal | OAuthServer, name: str) -> OAuthServer:
    if not name and isinstance(here, OAuthServer):
        return here
    for server in (cloud.oauth, cloud.twin):
        if name in ("", server.name):
            return server
    raise LookupError(f"no authorization server {name!r}, there are: {cloud.oauth.name}, {cloud.twin.name}")


_OAUTH_ORDERS: dict[str, Callable[[OAuthServer, Any], Any]] = {
    "fault": lambda server, order: fault(server.faults, order),
    "switch": lambda server, order: switches(server.switches, order),
}


def _oauth(server: OAuthServer, request: Request) -> Any:
    """What happened at an authorization server; faults and switches for it."""
    if request.verb != "POST":
        return server.as_dict()
    orders = _json(request)
    if strange := [name for name in orders if name not in _OAUTH_ORDERS]:
        raise BadOrder(f"unknown: {', '.join(strange)}; known: {', '.join(_OAUTH_ORDERS)}")
    return {name: _OAUTH_ORDERS[name](server, order) for name, order in orders.items()}


def _page(portal: SimulatedPortal) -> str:
    title = escape(portal.crm.settings.title)
    return (
        f"<!doctype html><html lang='ru'><meta charset='utf-8'><title>{title}</title><h1>{title}</h1>"
        f"<p>Это имитация портала Битрикс24 для разработки и проверок: {escape(portal.name)}, "
        f"{escape(portal.domain)}. Настоящих данных здесь нет.</p></html>"
    )
