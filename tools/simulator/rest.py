"""The front door of a portal's REST: address, parameters, credentials, envelope."""

from __future__ import annotations

import random
from typing import Any

import orjson

from tools.simulator.answers import Answer, Refusal, method_not_found
from tools.simulator.batch import command_method, commands_in
from tools.simulator.callers import Caller
from tools.simulator.messages import Request, Response, json_response
from tools.simulator.php import as_map, parse_query
from tools.simulator.portal import SimulatedPortal

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}


def parameters(request: Request) -> dict[str, Any]:
    """Query and body together; the body wins. A body that is no valid JSON counts as empty."""
    found = parse_query(request.query)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/json" or "+json" in media:
        try:
            return found | as_map(orjson.loads(request.body))
        except orjson.JSONDecodeError:
            return found
    return found | parse_query(request.body.decode("utf-8", errors="replace"))


def method_in(path: str) -> tuple[str, tuple[str, str] | None]:
    """Method name in lower case, and user id with code if the address is a webhook's."""
    parts = [part for part in path.removeprefix("/rest/").split("/") if part]
    webhook = (parts[0], parts[1]) if len(parts) >= 2 and parts[0].isdigit() else None
    name = parts[-1].lower() if len(parts) == (3 if webhook else 1) else ""
    return name.removesuffix(".json"), webhook


def methods_of(path: str, params: dict[str, Any]) -> set[str]:
    """The method of a request and, for a batch, every method inside."""
    method = method_in(path)[0]
    inner = commands_in(params).values() if method == "batch" else ()
    return {method, *(command_method(command) for command in inner)} - {""}


def rest_answer(portal: SimulatedPortal, request: Request, params: dict[str, Any]) -> Response:
    """What the portal answers, in the order of checks of the platform's own front controller."""
    started = portal.clock()
    try:
        caller = _admitted(portal, request, params)
        method = method_in(request.path)[0]
        inner = {name: value for name, value in params.items() if name not in ("auth", "access_token")}
        answer = portal.execute(caller, method, inner)
    except Refusal as refusal:
        return json_response(refusal.status, _shuffled(portal, refusal.envelope()), **_HEADERS)
    shown = Answer(None).envelope() if answer is None else answer.envelope()
    shown["time"] = portal.timing(started, method, caller)
    return json_response(200, _shuffled(portal, shown), **_HEADERS)


def _admitted(portal: SimulatedPortal, request: Request, params: dict[str, Any]) -> Caller:
    """Who calls. Raises Refusal with the first check that fails."""
    switches = portal.switches
    method, webhook = method_in(request.path)
    portal.limits.admit(request.remote)
    if switches.portal_deleted:
        raise Refusal(switches.portal_deleted_status, "PORTAL_DELETED", "Portal is deleted")
    if not portal.knows(method):
        portal.log.command(method, params, 0, error="ERROR_METHOD_NOT_FOUND")
        raise method_not_found()
    caller = _by_token(portal, request, params) if webhook is None else _by_webhook(portal, webhook)
    if not switches.rest_available:
        raise Refusal(switches.auth_status, "ACCESS_DENIED", "REST is available only on commercial plans.")
    return caller


def _by_webhook(portal: SimulatedPortal, webhook: tuple[str, str]) -> Caller:
    if portal.switches.https_required:
        raise Refusal(400, "INVALID_REQUEST", "Https required.")
    caller = portal.callers.by_webhook(*webhook)
    if caller is None:
        raise Refusal(portal.switches.auth_status, "INVALID_CREDENTIALS", "Invalid request credentials")
    return caller


def _by_token(portal: SimulatedPortal, request: Request, params: dict[str, Any]) -> Caller:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else params.get("auth") or params.get("access_token")
    caller = portal.callers.tokens.get(str(token))
    if caller is None:
        raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")
    return caller


def _shuffled(portal: SimulatedPortal, envelope: dict[str, Any]) -> dict[str, Any]:
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

    found: dict[str, Any] = mixed(envelope)
    return found
