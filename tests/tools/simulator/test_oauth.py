"""The authorization servers: renewal, codes, facts about tokens, and everything they can refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.simulator.client import request
from tests.tools.simulator.conftest import Clock
from tests.tools.simulator.oauth_client import ask, exchanging, facts, refreshing, use
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.oauth.chains import Chain
from tools.simulator.portal import SimulatedPortal

HOUR, DAY = 3600, 24 * 3600


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_renewal_brings_a_new_pair(
    cloud: SimulatedCloud,
    portal: SimulatedPortal,
    application: Application,
    chain: Chain,
    verb: str,
    clock: Clock,
) -> None:
    reply = ask(cloud.oauth, refreshing(application, chain.refresh_token), verb=verb)
    assert reply.status == 200
    assert list(reply.json) == [
        "access_token", "expires", "expires_in", "scope", "domain", "server_endpoint", "status",
        "client_endpoint", "member_id", "user_id", "refresh_token",
    ]  # fmt: skip
    assert reply.json["expires_in"] == HOUR
    assert reply.json["expires"] == clock.now + HOUR
    assert reply.json["scope"] == "crm,user_basic,department,userfieldconfig"
    assert reply.json["domain"] == cloud.oauth.address
    assert reply.json["server_endpoint"] == f"http://{cloud.oauth.address}/rest/"
    assert reply.json["client_endpoint"] == f"http://{portal.domain}/rest/"
    assert (reply.json["member_id"], reply.json["user_id"]) == (portal.member_id, 1)
    assert use(portal, reply.json["access_token"]).status == 200


def test_a_used_refresh_token_is_dead_and_took_its_access_token_along(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    old_access, old_refresh = chain.access_token, chain.refresh_token
    assert use(portal, old_access).status == 200
    ask(cloud.oauth, refreshing(application, old_refresh))
    assert ask(cloud.oauth, refreshing(application, old_refresh)).error == "invalid_grant"
    assert ask(cloud.twin, refreshing(application, old_refresh)).error == "invalid_grant"
    assert use(portal, old_access).error == "invalid_token"
    assert facts(cloud.oauth, old_access).error == "invalid_token"
    assert (chain.refreshes, chain.invalid_grants) == (1, 2)


def test_chains_of_one_user_live_side_by_side(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    other = portal.open_app(application, page=False).chain
    ask(cloud.oauth, refreshing(application, chain.refresh_token))
    assert use(portal, other.access_token).status == 200
    assert ask(cloud.oauth, refreshing(application, other.refresh_token)).status == 200


def test_tokens_live_as_long_as_documented(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain, clock: Clock
) -> None:
    clock.pass_by(HOUR)
    reply = use(portal, chain.access_token)
    assert (reply.status, reply.error) == (401, "expired_token")
    assert facts(cloud.oauth, chain.access_token).error == "expired_token"
    clock.pass_by(180 * DAY - 2 * HOUR)
    assert ask(cloud.oauth, refreshing(application, chain.refresh_token)).status == 200
    clock.pass_by(180 * DAY)
    assert ask(cloud.oauth, refreshing(application, chain.refresh_token)).error == "invalid_grant"


REFUSALS: list[tuple[dict[str, Any], int, str]] = [
    ({"grant_type": ""}, 400, "invalid_request"),
    ({"grant_type": "password"}, 400, "invalid_request"),
    ({"client_id": ""}, 400, "invalid_request"),
    ({"client_secret": ""}, 400, "invalid_request"),
    ({"refresh_token": ""}, 400, "invalid_request"),
    ({"client_id": "local.unknown"}, 200, "wrong_client"),
    ({"client_secret": "guessed"}, 401, "invalid_client"),
    ({"refresh_token": "0" * 70}, 400, "invalid_grant"),
    ({"scope": "crm task"}, 403, "invalid_scope"),
]


@pytest.mark.parametrize(("change", "status", "error"), REFUSALS)
def test_what_is_wrong_with_a_renewal_is_said_and_spends_nothing(
    cloud: SimulatedCloud,
    application: Application,
    chain: Chain,
    change: dict[str, str],
    status: int,
    error: str,
) -> None:
    reply = ask(cloud.oauth, refreshing(application, chain.refresh_token) | change)
    assert (reply.status, reply.error) == (status, error)
    assert set(reply.json) == {"error", "error_description"}
    assert ask(cloud.oauth, refreshing(application, chain.refresh_token)).status == 200


def test_a_token_of_another_application_is_no_good(
    cloud: SimulatedCloud, application: Application, chain: Chain
) -> None:
    other = cloud.register_application(handler_url="http://127.0.0.1:9/")
    assert ask(cloud.oauth, refreshing(other, chain.refresh_token)).error == "invalid_grant"
    assert ask(cloud.oauth, refreshing(application, chain.access_token)).error == "invalid_grant"


def test_without_payment_nothing_is_renewed_and_nothing_is_lost(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    portal.end_payment()
    reply = ask(cloud.oauth, refreshing(application, chain.refresh_token))
    assert (reply.status, reply.json) == (
        401, {"error": "PAYMENT_REQUIRED", "error_description": "Payment required"},
    )  # fmt: skip
    reply = use(portal, chain.access_token)
    assert (reply.error, reply.json["error_description"]) == (
        "ACCESS_DENIED", "REST is available only on commercial plans.",
    )  # fmt: skip
    cloud.oauth.switches.payment_error = "ERROR_OAUTH"
    cloud.oauth.switches.payment_text = "Subscription has been ended"
    reply = facts(cloud.oauth, chain.access_token)
    assert reply.json == {"error": "ERROR_OAUTH", "error_description": "Subscription has been ended"}
    portal.pay()
    assert ask(cloud.oauth, refreshing(application, chain.refresh_token)).status == 200


@pytest.mark.parametrize("error", ["NOT_INSTALLED", "ERROR_OAUTH", "invalid_grant"])
def test_a_removed_application_has_no_tokens(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain, error: str
) -> None:
    cloud.oauth.switches.uninstalled_error = error
    portal.uninstall(application)
    assert ask(cloud.oauth, refreshing(application, chain.refresh_token)).error == error
    assert facts(cloud.oauth, chain.access_token).error == error
    assert use(portal, chain.access_token).error == "NOT_INSTALLED"


def test_a_deleted_portal_is_unknown(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    portal.delete()
    reply = ask(cloud.oauth, refreshing(application, chain.refresh_token))
    assert (reply.status, reply.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert use(portal, chain.access_token).error == "PORTAL_DELETED"


def test_the_facts_about_a_token(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    for server in (cloud.oauth, cloud.twin):
        found = facts(server, chain.access_token).json
        assert found["result"] == {
            "client_id": application.client_id,
            "scope": "crm,user_basic,department,userfieldconfig",
            "expires": "2026-09-21T15:13:20+00:00",
            "user_id": 1,
            "install": {
                "installed": True,
                "version": 1,
                "status": "L",
                "scope": "crm,user_basic,department,userfieldconfig",
                "domain": portal.domain,
                "uri": f"http://{portal.domain}",
                "client_endpoint": f"http://{portal.domain}/rest/",
                "member_id": portal.member_id,
                "member_type": "0",
            },
        }
        assert set(found["time"]) == {"start", "finish"}


@pytest.mark.parametrize(
    ("token", "error"), [("", "NO_AUTH_FOUND"), ("f" * 70, "invalid_token"), ("garbled", "invalid_token")]
)
def test_no_facts_about_unknown_tokens(cloud: SimulatedCloud, token: str, error: str) -> None:
    reply = facts(cloud.oauth, token)
    assert (reply.status, reply.error) == (401, error)


def test_one_server_may_not_know_what_the_other_knows(
    cloud: SimulatedCloud, application: Application, chain: Chain
) -> None:
    cloud.twin.switches.ignorant = True
    assert facts(cloud.twin, chain.access_token).error == "invalid_token"
    assert ask(cloud.twin, refreshing(application, chain.refresh_token)).error == "invalid_grant"
    assert facts(cloud.oauth, chain.access_token).status == 200
    assert ask(cloud.oauth, refreshing(application, chain.refresh_token)).status == 200


def test_a_code_is_exchanged_once(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    code = portal.authorization_code(application, user="employee")
    reply = ask(cloud.oauth, exchanging(application, code))
    assert reply.json["user_id"] == portal.callers.user_id("employee")
    assert "expires" not in reply.json
    assert use(portal, reply.json["access_token"]).status == 200
    assert reply.json["refresh_token"] != chain.refresh_token
    cloud.oauth.switches.bad_code_error = "bad_verification_code"
    assert ask(cloud.oauth, exchanging(application, code)).error == "bad_verification_code"


@pytest.mark.usefixtures("chain")
def test_a_code_lives_for_half_a_minute(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, clock: Clock
) -> None:
    code = portal.authorization_code(application)
    clock.pass_by(30)
    assert ask(cloud.oauth, exchanging(application, code)).error == "invalid_grant"


def test_the_server_tells_what_happened(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    token = chain.refresh_token
    ask(cloud.oauth, refreshing(application, token))
    ask(cloud.oauth, refreshing(application, token))
    for url in (f"{cloud.oauth.url}/_oauth", f"{portal.base_url}_oauth"):
        told = request("GET", url).json
        assert told["counted"] == {"token": 1, "invalid_grant": 1}
        (shown,) = told["chains"]
        assert (shown["member_id"], shown["refreshes"], shown["invalid_grants"]) == (portal.member_id, 1, 1)
        assert shown["refresh_token"] == chain.refresh_token
    assert request("GET", f"{cloud.twin.url}/_oauth").json["counted"] == {}


@pytest.mark.parametrize("path", ["/", "/oauth/", "/oauth/token/more", "/rest/profile"])
def test_nothing_else_is_there(cloud: SimulatedCloud, path: str) -> None:
    assert request("GET", cloud.oauth.url + path).status == 404
