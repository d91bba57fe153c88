"""Orders to a portal under ``/_control``: faults, switches, webhooks and edits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from types import UnionType
from typing import Any

import orjson

from tools.simulator.callers import USUAL_SCOPES
from tools.simulator.faults import Faults
from tools.simulator.messages import Request
from tools.simulator.portal import SimulatedPortal
from tools.simulator.switches import switch

#: Types of the settings that every fault has; the options of each fault have types of their own.
_FAULT_SETTINGS = {"times": int | None, "after": int, "method": str, "command": str}


class BadOrder(Exception):
    """The order is wrong; the text says what would be right."""


class NothingThere(Exception):
    """The address names nothing; the text says what there is."""


def as_json(request: Request) -> dict[str, Any]:
    """The orders in a request. Raises BadOrder."""
    try:
        orders = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadOrder("the body is no JSON") from None
    return as_object(orders, "the body")


def as_object(value: Any, subject: str, keys: Collection[str] | None = None) -> dict[str, Any]:
    """The order as a map with no other keys than these. Raises BadOrder."""
    if not isinstance(value, dict):
        raise BadOrder(f"{subject} is no JSON object")
    if keys is not None and (strange := [key for key in value if key not in keys]):
        raise BadOrder(f"{subject} has no {', '.join(strange)}; known: {', '.join(keys)}")
    return value


def typed(value: Any, subject: str, types: Mapping[str, type | UnionType]) -> dict[str, Any]:
    """The order as a map whose values are of these types. Raises BadOrder."""
    checked = as_object(value, subject, types)
    for key, inner in checked.items():
        kind = types[key]
        if not isinstance(inner, kind) or isinstance(inner, bool) is not (kind is bool):
            raise BadOrder(f"{subject}: {key} is of type {getattr(kind, '__name__', kind)}")
    return checked


def fault(faults: Faults, order: Any) -> Any:
    """``{"html_502": {"times": 2}}`` orders faults, ``null`` takes all back."""
    if order is None:
        faults.clear()
        return []
    named = {name: as_object(settings, name) for name, settings in as_object(order, "fault").items()}
    for name, settings in named.items():
        for key, kind in _FAULT_SETTINGS.items():
            if key in settings and not isinstance(settings[key], kind):
                raise BadOrder(f"{name}: {key} is of type {kind}")
    return [asdict(faults.add(name, **settings)) for name, settings in named.items()]


def switches(switched: Any, order: Any) -> Any:
    """``{"rate_per_s": 2}`` sets switches."""
    for name, value in as_object(order, "switch").items():
        switch(switched, name, value)
    return order


def _webhook(portal: SimulatedPortal, order: Any) -> Any:
    """``{"user": "employee", "scopes": ["crm"]}`` gives a webhook URL."""
    arguments = as_object(order, "webhook", ("user", "scopes"))
    scopes, user = arguments.get("scopes", list(USUAL_SCOPES)), arguments.get("user", "admin")
    if not isinstance(scopes, list) or not isinstance(user, int | str):
        raise BadOrder("webhook: scopes is a list of names, user an id or a role")
    return portal.webhook(user, map(str, scopes))


def _revoke(portal: SimulatedPortal, order: Any) -> Any:
    """A webhook URL that is to be refused from now on."""
    portal.revoke(str(order))
    return order


def _edit(portal: SimulatedPortal, order: Any) -> Any:
    """``{"rename_stage": {"row_id": 317, "to": "…"}}`` changes the portal; the changes it made."""
    named = as_object(order, "edit")
    return [portal.edit(name, **as_object(arguments, name)).as_dict() for name, arguments in named.items()]


ORDERS: dict[str, Callable[[SimulatedPortal, Any], Any]] = {
    "fault": lambda portal, order: fault(portal.faults, order),
    "switch": lambda portal, order: switches(portal.switches, order),
    "webhook": _webhook,
    "revoke": _revoke,
    "edit": _edit,
}
