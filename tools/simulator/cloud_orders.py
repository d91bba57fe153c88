"""Orders to the whole cloud: about its applications, its authorization servers, its time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.simulator.application_orders import register
from tools.simulator.cloud_state import CloudState
from tools.simulator.messages import Request
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.orders import BadOrder, NothingThere, as_json, fault, switches, typed
from tools.simulator.portal import SimulatedPortal

Here = SimulatedPortal | OAuthServer

_LIFETIMES = {"access_s": "access_lives_s", "refresh_s": "refresh_lives_s", "code_s": "code_lives_s"}


def _applications(cloud: CloudState, _here: Here, name: str, request: Request) -> Any:
    """Registers an application, or lists all of them."""
    if name:
        raise NothingThere(f"nothing at {request.path}")
    if request.verb == "POST":
        return register(cloud, as_json(request))
    return [application.as_dict() for application in cloud.authority.applications]


def _clock(cloud: CloudState, _here: Here, name: str, request: Request) -> Any:
    """``{"pass_by": 3600}``: it is an hour later in the whole cloud."""
    if name:
        raise NothingThere(f"nothing at {request.path}")
    if request.verb == "POST":
        cloud.clock.pass_by(typed(as_json(request), "clock", {"pass_by": int | float}).get("pass_by", 0))
    return {"now": cloud.clock(), "ahead_s": cloud.clock.ahead_s}


def _oauth(cloud: CloudState, here: Here, name: str, request: Request) -> Any:
    """What happened at an authorization server; faults, switches and lifetimes for it."""
    server = _server(cloud, here, name)
    if request.verb != "POST":
        return server.as_dict()
    orders = as_json(request)
    if strange := [order for order in orders if order not in _OAUTH_ORDERS]:
        raise BadOrder(f"unknown: {', '.join(strange)}; known: {', '.join(_OAUTH_ORDERS)}")
    return {order: _OAUTH_ORDERS[order](server, arguments) for order, arguments in orders.items()}


def _server(cloud: CloudState, here: Here, name: str) -> OAuthServer:
    """The server of this name; without a name the one that got the request, or the usual one."""
    if not name:
        return here if isinstance(here, OAuthServer) else cloud.oauth
    for server in (cloud.oauth, cloud.twin):
        if server.name == name:
            return server
    raise NothingThere(f"no authorization server {name!r}, there are: {cloud.oauth.name}, {cloud.twin.name}")


def _lifetimes(server: OAuthServer, order: Any) -> Any:
    """``{"access_s": 5}``: how long tokens live that are made from now on, at both servers."""
    for name, seconds in typed(order, "lifetimes", dict.fromkeys(_LIFETIMES, int | float)).items():
        setattr(server.authority.chains, _LIFETIMES[name], seconds)
    return order


_OAUTH_ORDERS: dict[str, Callable[[OAuthServer, Any], Any]] = {
    "fault": lambda server, order: fault(server.faults, order),
    "switch": lambda server, order: switches(server.switches, order),
    "lifetimes": _lifetimes,
}

CLOUD_SECTIONS: dict[str, Callable[[CloudState, Here, str, Request], Any]] = {
    "_applications": _applications,
    "_oauth": _oauth,
    "_clock": _clock,
}
