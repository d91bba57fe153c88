"""The front door of a portal's REST: what is asked, what is answered, in which envelope."""

from __future__ import annotations

import random
from typing import Any

from tools.simulator.admission import admitted, method_in
from tools.simulator.answers import Answer, Refusal
from tools.simulator.batch import command_method, commands_in
from tools.simulator.executing import execute
from tools.simulator.messages import Request, Response, json_response
from tools.simulator.portal_state import PortalState

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}
PREFLIGHT_HEADERS = _HEADERS | {
    "Access-Control-Allow-Headers": "origin, content-type, accept",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
}


def methods_of(path: str, params: dict[str, Any]) -> set[str]:
    """The method of a request and, for a batch, every method inside."""
    method = method_in(path)[0]
    inner = commands_in(params).values() if method == "batch" else ()
    return {method, *(command_method(command) for command in inner)} - {""}


def rest_answer(portal: PortalState, request: Request, params: dict[str, Any]) -> Response:
    """What the portal answers, in the order of checks of the platform's own front controller."""
    started = portal.clock()
    try:
        caller = admitted(portal, request, params)
        method = method_in(request.path)[0]
        inner = {name: value for name, value in params.items() if name not in ("auth", "access_token")}
        answer = execute(portal, caller, method, inner)
    except Refusal as refusal:
        return json_response(refusal.status, _shuffled(portal, refusal.envelope()), **_HEADERS)
    shown = Answer(None).envelope() if answer is None else answer.envelope()
    shown["time"] = portal.timing(started, method, caller)
    return json_response(200, _shuffled(portal, shown), **_HEADERS)


def _shuffled(portal: PortalState, envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope with the keys of every object in another order while the switch is on."""
    seed = portal.switches.shuffle
    if seed is None:
        return envelope
    dice = random.Random(seed)

    def mixed(value: Any) -> Any:
        if isinstance(value, list):
            return [mixed(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        keys = list(value)
        dice.shuffle(keys)
        return {key: mixed(value[key]) for key in keys}

    shuffled: dict[str, Any] = mixed(envelope)
    return shuffled
