"""Addresses beside REST, the same on every port: a portal's page, truth, log, and what steers it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from html import escape
from typing import Any

import orjson

from tools.simulator.callers import USUAL_SCOPES
from tools.simulator.messages import Request, Response, html_response, json_response
from tools.simulator.portal import SimulatedPortal
from tools.simulator.switches import switch

#: Types of what every fault may be told; its own options know theirs.
_FAULT_SETTINGS = {"times": int | None, "after": int, "method": str, "command": str}
_SECTIONS = ("_truth", "_log", "_control")


def outside_rest(
    portal: SimulatedPortal, portals: Mapping[str, SimulatedPortal], request: Request
) -> Response:
    """The answer to anything that is not under ``/rest/``; every port knows every portal by name."""
    if request.path == "/":
        return html_response(200, _page(portal))
    section, _, name = request.path.lstrip("/").partition("/")
    if section not in _SECTIONS:
        return json_response(404, {"error": f"nothing at {request.path}"})
    named = portals.get(name)
    if named is None:
        return json_response(404, {"error": f"no portal {name!r}, there are: {', '.join(portals)}"})
    return _section(named, section, request)


def _section(portal: SimulatedPortal, section: str, request: Request) -> Response:
    allowed = {"_truth": ("GET", "HEAD"), "_log": ("GET", "HEAD", "DELETE"), "_control": ("POST",)}[section]
    if request.verb not in allowed:
        return json_response(405, {"error": f"{section} understands {', '.join(allowed)}"})
    if section == "_truth":
        return json_response(200, portal.truth())
    if section == "_log":
        if request.verb == "DELETE":
            portal.log.clear()
        return json_response(200, portal.log.as_dict())
    try:
        return json_response(200, controlled(portal, _json(request)))
    except (BadOrder, ValueError, LookupError) as error:
        return json_response(400, {"error": str(error.args[0])})


class BadOrder(Exception):
    """The order makes no sense; the text says what would."""


def _json(request: Request) -> dict[str, Any]:
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadOrder("the body is no JSON") from None
    return _object(found, "the body")


def controlled(portal: SimulatedPortal, orders: dict[str, Any]) -> dict[str, Any]:
    """Every order carried out, and what came of each. Raises BadOrder, ValueError or LookupError."""
    if strange := [name for name in orders if name not in _ORDERS]:
        raise BadOrder(f"unknown: {', '.join(strange)}; known: {', '.join(_ORDERS)}")
    with portal.lock:
        return {name: _ORDERS[name](portal, order) for name, order in orders.items()}


def _object(value: Any, what: str, keys: Collection[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadOrder(f"{what} is no JSON object")
    if keys is not None and (strange := [key for key in value if key not in keys]):
        raise BadOrder(f"{what} has no {', '.join(strange)}; known: {', '.join(keys)}")
    return value


def _fault(portal: SimulatedPortal, order: Any) -> Any:
    """``{"html_502": {"times": 2}}`` orders faults, ``null`` takes all back."""
    if order is None:
        portal.faults.clear()
        return []
    named = {name: _object(settings, name) for name, settings in _object(order, "fault").items()}
    for name, settings in named.items():
        for key, kind in _FAULT_SETTINGS.items():
            if key in settings and not isinstance(settings[key], kind):
                raise BadOrder(f"{name}: {key} is of type {kind}")
    return [asdict(portal.faults.add(name, **settings)) for name, settings in named.items()]


def _switch(portal: SimulatedPortal, order: Any) -> Any:
    """``{"rate_per_s": 2}`` sets switches."""
    for name, value in _object(order, "switch").items():
        switch(portal.switches, name, value)
    return order


def _webhook(portal: SimulatedPortal, order: Any) -> Any:
    """``{"user": "employee", "scopes": ["crm"]}`` gives a webhook URL."""
    wanted = _object(order, "webhook", ("user", "scopes"))
    scopes, user = wanted.get("scopes", list(USUAL_SCOPES)), wanted.get("user", "admin")
    if not isinstance(scopes, list) or not isinstance(user, int | str):
        raise BadOrder("webhook: scopes is a list of names, user an id or a role")
    return portal.webhook(user, map(str, scopes))


def _revoke(portal: SimulatedPortal, order: Any) -> Any:
    """A webhook URL that is to be refused from now on."""
    portal.revoke(str(order))
    return order


def _edit(portal: SimulatedPortal, order: Any) -> Any:
    """``{"rename_stage": {"row_id": 317, "to": "…"}}`` changes the portal; the changes it made."""
    named = _object(order, "edit")
    return [portal.edit(name, **_object(arguments, name)).as_dict() for name, arguments in named.items()]


_ORDERS: dict[str, Callable[[SimulatedPortal, Any], Any]] = {
    "fault": _fault,
    "switch": _switch,
    "webhook": _webhook,
    "revoke": _revoke,
    "edit": _edit,
}


def _page(portal: SimulatedPortal) -> str:
    title = escape(portal.crm.settings.title)
    return (
        f"<!doctype html><html lang='ru'><meta charset='utf-8'><title>{title}</title><h1>{title}</h1>"
        f"<p>Это имитация портала Битрикс24 для разработки и проверок: {escape(portal.name)}, "
        f"{escape(portal.domain)}. Настоящих данных здесь нет.</p></html>"
    )
