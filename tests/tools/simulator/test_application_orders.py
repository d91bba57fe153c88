"""Installs, payments and clocks steered over HTTP, the way stories in other processes do it."""

from __future__ import annotations

import json

import pytest

from tests.tools.simulator.client import Json, call, request
from tests.tools.simulator.listener import Listener
from tests.tools.simulator.oauth_client import ask, facts, refreshing, use
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.oauth.chains import Chain
from tools.simulator.portal import SimulatedPortal


def order(portal: SimulatedPortal, **orders: Json) -> Json:
    reply = request("POST", f"{portal.base_url}_control/{portal.name}", json.dumps(orders).encode())
    assert reply.status == 200, reply.body
    return reply.json


def test_the_whole_life_over_http(cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener) -> None:
    card = request(
        "POST",
        f"{portal.base_url}_applications",
        json.dumps({"handler_url": f"{listener.url}app", "installer_url": f"{listener.url}install",
                    "events_url": f"{listener.url}events", "kind": "local"}).encode(),
    ).json  # fmt: skip
    assert set(card) == {"application", "title", "kind", "client_id", "client_secret"}
    assert request("GET", f"{cloud.oauth.url}/_applications").json == [card]
    client_id = card["client_id"]
    installed = order(portal, install={"application": client_id})["install"]
    assert installed["page"]["status"] == 200
    assert installed["finished"] is False
    assert order(portal, finish_install={})["finish_install"]["finished"] is True
    opened = order(portal, open={"user": "employee", "language": "en"})["open"]
    assert opened["user_id"] == portal.callers.user_id("employee")
    assert call(portal.endpoint, "profile", {"auth": opened["access_token"]}).status == 200
    assert order(portal, update={})["update"]["version"] == 2
    assert order(portal, end_payment=True)["end_payment"][0]["payment_expired"] is True
    assert order(portal, pay={"application": client_id})["pay"][0]["payment_expired"] is False
    assert order(portal, pay=True)["pay"][0]["payment_expired"] is False
    assert len(order(portal, authorize={"user": 1})["authorize"]) == 48
    assert order(portal, dismiss="employee")["dismiss"] == opened["user_id"]
    assert order(portal, uninstall={"clean": False})["uninstall"]["active"] is False
    order(portal, drain=5)
    shown = request("GET", f"{portal.base_url}_events/{portal.name}").json
    assert sorted(delivery["event"] for delivery in shown["delivered"]) == sorted(listener.events)
    assert set(listener.events) == {"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPPAYMENT", "ONAPPUNINSTALL"}
    assert order(portal, delete=True) == {"delete": True}


@pytest.mark.parametrize(
    ("orders", "sentence"),
    [
        ({"install": {}}, "install: no application None, there are: none"),
        ({"install": {"application": "x"}}, "install: no application 'x', there are: none"),
        ({"install": {"page": 1}}, "install: page is of type bool"),
        ({"open": {"user": True}}, "open: user is of type int | str"),
        ({"open": {"who": 1}}, "open has no who; known: application, user, placement"),
        ({"rename": {"host": 3}}, "rename: host is of type str"),
        ({"dismiss": None}, "dismiss: name a user by id or role"),
        ({"delete": False}, "delete: true is all there is to say"),
        ({"drain": "x"}, "drain: say how many seconds"),
    ],
)
def test_orders_that_make_no_sense_get_a_sentence(
    portal: SimulatedPortal, orders: Json, sentence: str
) -> None:
    url = f"{portal.base_url}_control/{portal.name}"
    reply = request("POST", url, json.dumps(orders).encode())
    assert (reply.status, reply.error.startswith(sentence)) == (400, True), reply.error


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("_applications", {}, 400),
        ("_applications", {"handler_url": "http://a.example/", "kind": "foreign"}, 400),
        ("_applications", {"handler_url": 1}, 400),
        ("_applications/x", {}, 404),
        ("_oauth", {"edit": {}}, 400),
        ("_oauth", {"fault": {"crm": {}}}, 400),
        ("_oauth", {"switch": {"ignorant": "yes"}}, 400),
        ("_oauth/third", {}, 404),
        ("_oauth/twin", {"switch": {"ignorant": True}, "fault": {"no_rotation": {"times": None}}}, 200),
    ],
)
def test_orders_for_the_cloud(cloud: SimulatedCloud, path: str, body: Json, status: int) -> None:
    reply = request("POST", f"{cloud.portals[0].base_url}{path}", json.dumps(body).encode())
    assert reply.status == status, reply.body
    assert cloud.twin.switches.ignorant is (status == 200)


def test_time_passes_over_http(cloud: SimulatedCloud, portal: SimulatedPortal, chain: Chain) -> None:
    url = f"{portal.base_url}_clock"
    before = request("GET", url).json["now"]
    assert request("POST", url, b'{"pass_by": 3600}').json == {"now": before + 3600, "ahead_s": 3600}
    assert use(portal, chain.access_token).error == "expired_token"
    assert facts(cloud.twin, chain.access_token).error == "expired_token"
    assert request("POST", url, b'{"pass_by": "x"}').status == 400
    assert request("GET", f"{url}/romashka").status == 404


def test_lifetimes_are_set_over_http(cloud: SimulatedCloud, application: Application, chain: Chain) -> None:
    order = json.dumps({"lifetimes": {"access_s": 5, "refresh_s": 60}}).encode()
    assert request("POST", f"{cloud.twin.url}/_oauth", order).status == 200
    renewed = ask(cloud.oauth, refreshing(application, chain.refresh_token)).json
    assert renewed["expires_in"] == 5
    cloud.clock.pass_by(60)
    assert ask(cloud.oauth, refreshing(application, renewed["refresh_token"])).error == "invalid_grant"


def test_access_is_closed_over_http(portal: SimulatedPortal, chain: Chain) -> None:
    assert order(portal, forbid={"user": chain.user_id}) == {"forbid": chain.user_id}
    assert use(portal, chain.access_token).error == "user_access_error"
    assert order(portal, installations={})["installations"][0]["finished"] is True
