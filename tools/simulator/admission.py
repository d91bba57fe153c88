"""Who calls a portal: address, parameters and credentials, checked in the order of the platform's front controller."""

from __future__ import annotations

import re
from typing import Any

import orjson

from tools.simulator.answers import Refusal, method_not_found
from tools.simulator.callers import Caller
from tools.simulator.executing import knows
from tools.simulator.messages import Request
from tools.simulator.oauth.authority import expired_token, unknown_token
from tools.simulator.oauth.chains import Chain
from tools.simulator.php import as_map, parse_query
from tools.simulator.portal_state import PortalState

_TOKEN = re.compile(r"[0-9a-f]{32,}")


def parameters(request: Request) -> dict[str, Any]:
    """Query and body together; the body wins. A body that is no valid JSON counts as empty."""
    params = parse_query(request.query)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/json" or "+json" in media:
        try:
            return params | as_map(orjson.loads(request.body))
        except orjson.JSONDecodeError:
            return params
    return params | parse_query(request.body.decode("utf-8", errors="replace"))


def method_in(path: str) -> tuple[str, tuple[str, str] | None]:
    """Method name in lower case, and user id with code if the address is a webhook's."""
    parts = [part for part in path.removeprefix("/rest/").split("/") if part]
    webhook = (parts[0], parts[1]) if len(parts) >= 2 and parts[0].isdigit() else None
    name = parts[-1].lower() if len(parts) == (3 if webhook else 1) else ""
    return name.removesuffix(".json"), webhook


def token_in(request: Request, params: dict[str, Any]) -> str:
    """The access token of a request, wherever it is; a header wins. Empty if there is none."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else params.get("auth") or params.get("access_token")
    return token if isinstance(token, str) else ""


def admitted(portal: PortalState, request: Request, params: dict[str, Any]) -> Caller:
    """Who calls. Raises Refusal with the first check that fails."""
    switches = portal.switches
    method, webhook = method_in(request.path)
    portal.limits.admit(request.remote)
    if switches.portal_deleted or portal.deleted:
        raise Refusal(switches.portal_deleted_status, "PORTAL_DELETED", "Portal is deleted")
    if not knows(portal, method):
        portal.log.command(method, params, 0, error="ERROR_METHOD_NOT_FOUND")
        raise method_not_found()
    if webhook is None:
        return _by_token(portal, token_in(request, params))
    caller = _by_webhook(portal, webhook)
    _require_plan(portal)
    return caller


def _require_plan(portal: PortalState) -> None:
    if portal.switches.overload_limit:
        raise Refusal(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.")
    if not portal.switches.rest_available:
        text = "REST is available only on commercial plans."
        raise Refusal(portal.switches.auth_status, "ACCESS_DENIED", text)


def _by_webhook(portal: PortalState, webhook: tuple[str, str]) -> Caller:
    if portal.switches.https_required:
        raise Refusal(400, "INVALID_REQUEST", "Https required.")
    caller = portal.callers.by_webhook(*webhook)
    if caller is None:
        raise Refusal(portal.switches.auth_status, "INVALID_CREDENTIALS", "Invalid request credentials")
    return caller


def _by_token(portal: PortalState, token: str) -> Caller:
    """The caller behind a token of an application (rest module, OAuth)."""
    if not _TOKEN.fullmatch(token):
        raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")
    chain = _known_chain(portal, token)
    _require_plan(portal)
    installation = portal.installations[chain.client_id]
    if installation.payment_expired:
        raise Refusal(401, "PAYMENT_REQUIRED", "Payment required")
    if chain.access_expires_at <= portal.clock():
        raise expired_token()
    user = portal.crm.user(chain.user_id)
    if not user.active:
        raise Refusal(401, "authorization_error", "Unable to authorize user")
    if user.id in installation.closed_to:
        text = "The user does not have access to the application"
        raise Refusal(portal.switches.auth_status, "user_access_error", text)
    return Caller(user, frozenset(chain.scopes), installation.app, credential=chain.client_id)


def _known_chain(portal: PortalState, token: str) -> Chain:
    """The chain of the token, as the authorization server knows it. A switch has refusals remembered."""
    until, remembered = portal.refused_tokens.get(token, (0.0, None))
    if remembered is not None and until > portal.clock():
        raise remembered
    try:
        return _asked_chain(portal, token)
    except Refusal as refusal:
        if portal.switches.negative_cache_s:
            portal.refused_tokens[token] = (portal.clock() + portal.switches.negative_cache_s, refusal)
        raise


def _asked_chain(portal: PortalState, token: str) -> Chain:
    chain = portal.authority.chains.of_token(token)
    if chain is None or chain.member_id != portal.member_id:
        raise unknown_token()
    installation = portal.installations.get(chain.client_id)
    if installation is None or not installation.active:
        raise Refusal(401, portal.switches.uninstalled_error, "Application not installed")
    if chain.ended or chain.access_token != token:
        raise unknown_token()
    return chain
