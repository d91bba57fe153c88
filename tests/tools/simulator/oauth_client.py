"""What an application asks an authorization server, and the portal it has tokens of."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.tools.simulator.client import Reply, call, request
from tools.simulator.applications import Application
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.portal import SimulatedPortal

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(server: OAuthServer, form: dict[str, str], *, verb: str = "POST") -> Reply:
    url = f"{server.url}/oauth/token/"
    if verb == "GET":
        return request("GET", f"{url}?{urlencode(form)}")
    return request(verb, url, urlencode(form).encode(), FORM)


def refreshing(application: Application, refresh_token: str, **more: str) -> dict[str, str]:
    return {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.secret,
        "refresh_token": refresh_token,
    } | more


def facts(server: OAuthServer, token: str) -> Reply:
    return request("POST", f"{server.url}/rest/app.info/", urlencode({"auth": token}).encode(), FORM)


def use(portal: SimulatedPortal, token: str, method: str = "profile") -> Reply:
    return call(portal.endpoint, method, {"auth": token})


def exchanging(application: Application, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": application.client_id,
        "client_secret": application.secret,
        "code": code,
    }
