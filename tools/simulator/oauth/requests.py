"""The two requests an authorization server understands, with every refusal of its documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tools.simulator.admission import token_in
from tools.simulator.answers import Refusal
from tools.simulator.applications import Application
from tools.simulator.installation import Installation
from tools.simulator.messages import Request
from tools.simulator.oauth.authority import expired_token, unknown_token
from tools.simulator.oauth.chains import Chain
from tools.simulator.oauth.server import OAuthServer

_GRANTS = {"refresh_token": "refresh_token", "authorization_code": "code"}


class PortalUnknown(Exception):
    """The portal was deleted; the server has no page for it."""


def tokens(server: OAuthServer, params: dict[str, Any], *, rotate: bool) -> dict[str, Any]:
    """A fresh pair for a refresh token or a code. Raises Refusal, PortalUnknown."""
    parameter_name = _GRANTS.get(str(params.get("grant_type", "")))
    if parameter_name is None:
        raise Refusal(400, "invalid_request", "Unknown or missing grant_type")
    application = _application(server, params)
    shown = str(params.get(parameter_name) or "")
    if not shown:
        raise Refusal(400, "invalid_request", f"Missing parameter: {parameter_name}")
    if parameter_name == "code":
        chain = (
            None
            if server.switches.ignorant
            else server.authority.chains.of_code(shown, application.client_id)
        )
        if chain is None:
            raise Refusal(400, server.switches.bad_code_error, "Invalid authorization code")
        # The documentation's sample of this answer has no absolute time in it.
        return {name: value for name, value in _pair(server, chain).items() if name != "expires"}
    return _pair(server, _renewed(server, application, shown, str(params.get("scope") or ""), rotate=rotate))


def app_info(server: OAuthServer, request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Whom and what an access token belongs to. Raises Refusal, PortalUnknown."""
    token, now = token_in(request, params), server.authority.clock()
    if not token:
        raise Refusal(401, "NO_AUTH_FOUND", "Unable to get application by token")
    chain = None if server.switches.ignorant else server.authority.chains.of_token(token)
    if chain is None:
        raise unknown_token()
    installation = _installation(server, chain)
    if chain.ended or chain.access_token != token:
        raise unknown_token()
    if chain.access_expires_at <= now:
        raise expired_token()
    return {
        "result": _facts(server, chain, installation),
        "time": {"start": now, "finish": server.authority.clock()},
    }


def _application(server: OAuthServer, params: dict[str, Any]) -> Application:
    for name in ("client_id", "client_secret"):
        if not params.get(name):
            raise Refusal(400, "invalid_request", f"Missing parameter: {name}")
    application = server.authority.applications.by_client_id(str(params["client_id"]))
    if application is None:
        # With status 200, as an SDK has found.
        raise Refusal(200, "wrong_client", "Wrong client")
    if application.secret != params["client_secret"]:
        raise Refusal(server.switches.invalid_client_status, "invalid_client", "Invalid client secret")
    return application


def _renewed(server: OAuthServer, application: Application, token: str, scope: str, *, rotate: bool) -> Chain:
    chains = server.authority.chains
    chain = None if server.switches.ignorant else chains.of_token(token)
    if chain is None or chain.client_id != application.client_id or chain.access_token == token:
        raise _invalid_grant()
    _installation(server, chain)
    if strange := set(scope.replace(" ", ",").split(",")) - {"", *chain.scopes}:
        raise Refusal(403, "invalid_scope", f"Not granted: {', '.join(sorted(strange))}")
    user = server.authority.portal_of(chain).crm.user(chain.user_id)
    if not user.active or not chains.renewed(token, rotate=rotate):
        chain.invalid_grants += 1
        raise _invalid_grant()
    return chain


def _invalid_grant() -> Refusal:
    return Refusal(400, "invalid_grant", "Refresh token is invalid, used or expired")


def _installation(server: OAuthServer, chain: Chain) -> Installation:
    """The installation of the chain. Raises Refusal or PortalUnknown if the application may not be used."""
    switches, portal = server.switches, server.authority.portal_of(chain)
    installation = server.authority.installation_of(chain)
    if portal.deleted:
        raise PortalUnknown
    if installation is None or not installation.active:
        if switches.uninstalled_error == "invalid_grant":
            chain.invalid_grants += 1
            raise _invalid_grant()
        raise Refusal(401, switches.uninstalled_error, "Application not installed")
    if installation.payment_expired:
        raise Refusal(401, switches.payment_error, switches.payment_text)
    return installation


def _pair(server: OAuthServer, chain: Chain) -> dict[str, Any]:
    """``domain`` is this server's own; the portal's is in ``client_endpoint``."""
    installation = _installation(server, chain)
    return {
        "access_token": chain.access_token,
        "expires": int(chain.access_expires_at),
        "expires_in": int(server.authority.chains.access_lives_s),
        "scope": ",".join(chain.scopes),
        "domain": server.address,
        "server_endpoint": server.endpoint,
        "status": installation.application.status,
        "client_endpoint": server.authority.portal_of(chain).endpoint,
        "member_id": chain.member_id,
        "user_id": chain.user_id,
        "refresh_token": chain.refresh_token,
    }


def _facts(server: OAuthServer, chain: Chain, installation: Installation) -> dict[str, Any]:
    portal = server.authority.portal_of(chain)
    return {
        "client_id": chain.client_id,
        "scope": ",".join(chain.scopes),
        "expires": datetime.fromtimestamp(int(chain.access_expires_at), UTC).isoformat(),
        "user_id": chain.user_id,
        "install": {
            "installed": installation.finished,
            "version": installation.version,
            "status": installation.application.status,
            "scope": ",".join(installation.application.scopes),
            "domain": portal.domain,
            "uri": f"http://{portal.domain}",
            "client_endpoint": portal.endpoint,
            "member_id": chain.member_id,
            "member_type": "0",
        },
    }
