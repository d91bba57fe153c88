"""What goes wrong with an authorization server: lost, late and odd answers."""

from __future__ import annotations

import http.client

import pytest

from tests.tools.simulator.client import Json
from tests.tools.simulator.oauth_client import ask, facts, refreshing, use
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.oauth.chains import Chain
from tools.simulator.portal import SimulatedPortal


@pytest.mark.parametrize(
    ("fault", "options"), [("reset", {}), ("reset_at_byte", {"byte": 10}), ("closed_at_byte", {"byte": 10})]
)
def test_a_lost_answer_spends_the_token_all_the_same(
    cloud: SimulatedCloud, application: Application, chain: Chain, fault: str, options: dict[str, Json]
) -> None:
    token = chain.refresh_token
    cloud.oauth.faults.add(fault, **options)
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(cloud.oauth, refreshing(application, token))
    assert ask(cloud.oauth, refreshing(application, token)).error == "invalid_grant"
    assert chain.refreshes == 1


SPOILED: list[tuple[str, dict[str, Json], dict[str, Json]]] = [
    ("text_expires_in", {}, {"expires_in": "3600"}),
    ("foreign_member_id", {}, {"member_id": "f" * 32}),
    ("foreign_member_id", {"member_id": "a" * 32}, {"member_id": "a" * 32}),
    ("fewer_scopes", {}, {"scope": "user_basic"}),
]


@pytest.mark.parametrize(("fault", "options", "expected"), SPOILED)
def test_an_answer_with_something_odd_in_it(
    cloud: SimulatedCloud, application: Application, chain: Chain, fault: str, options: Json, expected: Json
) -> None:
    cloud.oauth.faults.add(fault, **options)
    assert facts(cloud.oauth, chain.access_token).status == 200, "app.info is none of its business"
    spoiled = ask(cloud.oauth, refreshing(application, chain.refresh_token)).json
    assert spoiled == spoiled | expected
    sound = ask(cloud.oauth, refreshing(application, chain.refresh_token)).json
    assert sound != sound | expected


def test_an_answer_without_a_refresh_token_leaves_the_old_one_in_force(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, chain: Chain
) -> None:
    token = chain.refresh_token
    cloud.oauth.faults.add("no_refresh_token")
    reply = ask(cloud.oauth, refreshing(application, token))
    assert "refresh_token" not in reply.json
    assert use(portal, reply.json["access_token"]).status == 200
    cloud.oauth.faults.add("no_rotation")
    assert ask(cloud.oauth, refreshing(application, token)).json["refresh_token"] == token
    assert ask(cloud.oauth, refreshing(application, token)).json["refresh_token"] != token


@pytest.mark.parametrize("fault", ["html_502", "error_500", "html_200"])
def test_an_outage_passes(cloud: SimulatedCloud, chain: Chain, fault: str) -> None:
    cloud.oauth.faults.add(fault, method="app.info")
    assert not facts(cloud.oauth, chain.access_token).body.startswith(b'{"result"')
    assert facts(cloud.oauth, chain.access_token).status == 200


def test_verification_needed_can_be_ordered(
    cloud: SimulatedCloud, application: Application, chain: Chain
) -> None:
    cloud.oauth.faults.add("refused", status=400, code="verification_needed", text="")
    reply = ask(cloud.oauth, refreshing(application, chain.refresh_token))
    assert reply.json == {"error": "verification_needed", "error_description": ""}
