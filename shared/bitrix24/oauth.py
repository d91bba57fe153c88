"""Calls the authorization server, which renews tokens and names their owners. No other source of these is trusted.

Its address comes from the configuration, never from input, because the application's secret is sent there. The error
text decides, not the status: some errors come with 200 (Bitrix24 documentation, OAuth 2.0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.bitrix24.body import document_of
from shared.bitrix24.coerce import Odd, integer, required_integer, required_text, scopes, text
from shared.bitrix24.errors import Fault, portal_error
from shared.domain.errors import (
    AccessLost,
    ApplicationRemoved,
    AuthorizationAway,
    BadAnswer,
    ClientRefused,
    CrmapError,
    RequestRejected,
    SubscriptionEnded,
    Transient,
    Unreachable,
)
from shared.domain.tokens import RenewedTokens, TokenFacts, Tokens
from shared.outbound import Limits, Outbound

_LIMITS = Limits(connect_s=3, idle_s=15, total_s=15)
_MEMBER_ID = re.compile(r"[0-9a-f]{32}")
_REMOVED = ("not_installed", "application_not_found", "portal_deleted", "error_oauth")
_CLIENT_REFUSED = ("invalid_client", "wrong_client")


@dataclass(frozen=True, slots=True)
class Application:
    """What identifies our application to the authorization server."""

    client_id: str
    client_secret: str = field(repr=False)


def renew(
    http: Outbound, servers: Sequence[str], application: Application, refresh_token: str
) -> RenewedTokens:
    """A new pair of tokens. The call uses up ``refresh_token``.

    Raises AccessLost (the chain is dead), SubscriptionEnded, ApplicationRemoved, ClientRefused, RequestRejected, or a
    Transient error after which it is unknown whether the token was spent.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": refresh_token,
    }
    answer = _post(http, f"{servers[0]}/oauth/token/", form)
    try:
        tokens = Tokens(
            access_token=required_text(answer["access_token"]),
            # A server that does not rotate refresh tokens leaves this out. Then the old one stays valid.
            refresh_token=text(answer.get("refresh_token")) or refresh_token,
            expires_in=timedelta(seconds=integer(answer.get("expires_in")) or 3600),
            scopes=scopes(answer.get("scope") or ""),
        )
        return RenewedTokens(
            tokens=tokens,
            member_id=required_text(answer["member_id"]),
            endpoint=text(answer.get("client_endpoint")),
        )
    except (Odd, KeyError) as error:
        raise AuthorizationAway(what="shape", status="200", start="token") from error


def token_facts(http: Outbound, servers: Sequence[str], access_token: str) -> TokenFacts:
    """The facts about the token, from the first server that knows it.

    Raises AccessLost, ClientRefused or RequestRejected when no server knows it, a Transient error when one of them
    could not be asked, and the other errors of ``renew``.
    """
    failure: CrmapError = AccessLost(error="invalid_token")
    for server in servers:
        try:
            return _facts(_post(http, f"{server}/rest/app.info/", {"auth": access_token}))
        except Transient as error:
            failure = error
        except (AccessLost, ClientRefused, RequestRejected) as error:
            # For an unknown token one server answers invalid_token and another invalid_client.
            failure = failure if isinstance(failure, Transient) else error
    raise failure


def is_allowed(servers: Sequence[str], server_endpoint: str) -> bool:
    """True when ``server_endpoint``, taken from a payload, belongs to a configured server."""
    try:
        target = urlsplit(server_endpoint)
    except ValueError:
        return False
    return any(target[:2] == urlsplit(server)[:2] for server in servers)


def named_first(servers: Sequence[str], server_endpoint: str) -> list[str]:
    """The servers in the order to ask them: the one that a payload names comes first, if it is configured."""
    return sorted(servers, key=lambda server: not is_allowed([server], server_endpoint))


def host_of(endpoint: str) -> str:
    """The host (and port, if unusual) of a portal's endpoint."""
    return urlsplit(endpoint).netloc


def _facts(answer: Mapping[str, Any]) -> TokenFacts:
    try:
        result = answer["result"]
        install = result["install"]
        return TokenFacts(
            client_id=required_text(result["client_id"]),
            user_id=required_integer(result["user_id"]),
            member_id=_member_id(install["member_id"]),
            domain=required_text(install["domain"]),
            endpoint=required_text(install["client_endpoint"]),
            installed=install.get("installed") is True,
            version=text(install.get("version")),
            scopes=scopes(result.get("scope") or ""),
        )
    except (Odd, KeyError, TypeError) as error:
        raise AuthorizationAway(what="shape", status="200", start="app.info") from error


def _member_id(value: Any) -> str:
    member_id = required_text(value)
    if not _MEMBER_ID.fullmatch(member_id):
        raise Odd
    return member_id


def _post(http: Outbound, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """The answer of the authorization server, or the error it means."""
    try:
        response = http.post(
            url,
            urlencode(form).encode(),
            content_type="application/x-www-form-urlencoded",
            limits=_LIMITS,
        )
        answer = document_of(response)
    except (Unreachable, BadAnswer) as silence:
        # It has no page for a portal that was deleted (Bitrix24 REST documentation, OAuth 2.0): that is an answer.
        if silence.facts.get("status") == "404":
            raise
        raise AuthorizationAway(**silence.facts) from silence
    if "error" not in answer:
        return answer
    error = portal_error(answer["error"], answer.get("error_description"), status=response.status)
    code, facts = error.code.casefold(), str(error)
    if error.fault is Fault.PLAN:
        raise SubscriptionEnded
    if code in _REMOVED:
        raise ApplicationRemoved(error=facts)
    if code in _CLIENT_REFUSED:
        raise ClientRefused(error=facts)
    if code in ("invalid_request", "invalid_scope", "insufficient_scope"):
        raise RequestRejected(error=facts)
    if error.fault is Fault.RETRY or code == "verification_needed" or response.status >= 500:
        raise AuthorizationAway(what="server", status=str(response.status), start=facts)
    raise AccessLost(error=facts)
