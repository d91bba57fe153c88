"""The addresses beside REST: truth, log, control and the page of a portal."""

from __future__ import annotations

import json

import pytest

from tests.tools.simulator.client import Json, Reply, call, request
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.portal import SimulatedPortal


def order(portal: SimulatedPortal, **orders: Json) -> Reply:
    return request("POST", f"{portal.base_url}_control/{portal.name}", json.dumps(orders).encode())


def test_the_truth_answers_on_the_port_of_every_portal(cloud: SimulatedCloud) -> None:
    for portal in cloud.portals:
        reply = request("GET", f"{portal.base_url}_truth/romashka")
        assert reply.json == cloud.portal("romashka").truth()


def test_the_log_is_shown_and_emptied(portal: SimulatedPortal) -> None:
    call(portal.webhook_url, "batch", {"cmd": {"a": "profile"}})
    url = f"{portal.base_url}_log/romashka"
    shown = request("GET", url).json
    assert [entry["method"] for entry in shown["requests"]] == ["batch"]
    assert [entry["method"] for entry in shown["commands"]] == ["profile", "batch"]
    assert shown["writes"] == []
    assert request("DELETE", url).json == {"requests": [], "commands": [], "writes": []}
    assert portal.log.requests == []


def test_a_fault_is_ordered_and_taken_back(portal: SimulatedPortal) -> None:
    reply = order(portal, fault={"closed_at_byte": {"byte": 5, "times": 2}, "html_502": {}})
    assert [fault["name"] for fault in reply.json["fault"]] == ["closed_at_byte", "html_502"]
    assert order(portal, fault=None).json == {"fault": []}
    assert call(portal.webhook_url, "profile").status == 200


def test_a_switch_is_set(portal: SimulatedPortal) -> None:
    assert order(portal, switch={"rest_available": False, "missing_methods": ["profile"]}).status == 200
    assert call(portal.webhook_url, "scope").error == "ACCESS_DENIED"
    assert call(portal.webhook_url, "profile").status == 404


def test_a_webhook_is_made_and_revoked(portal: SimulatedPortal) -> None:
    url = order(portal, webhook={"user": "employee", "scopes": ["crm"]}).json["webhook"]
    assert call(url, "scope").result == ["crm"]
    order(portal, revoke=url)
    assert call(url, "scope").error == "INVALID_CREDENTIALS"


def test_an_edit_answers_with_its_change(portal: SimulatedPortal) -> None:
    reply = order(portal, edit={"rename_pipeline": {"entity_type_id": 2, "pipeline_id": 3, "to": "Магазины"}})
    (change,) = reply.json["edit"]
    assert (change["attribute"], change["before"], change["after"]) == ("name", "Розница", "Магазины")
    assert change["words"] == "pipelines deal 3 «Магазины»: name 'Розница' → 'Магазины'"
    assert "Магазины" in [pipeline["name"] for pipeline in portal.truth()["pipelines"]]


@pytest.mark.parametrize(
    ("orders", "sentence"),
    [
        ({"faults": {}}, "unknown: faults; known: fault, switch, webhook, revoke, edit"),
        ({"fault": {"no_such": {}}}, "no fault 'no_such', there are: html_200"),
        ({"fault": {"html_200": {"times": "x"}}}, "html_200: times is of type int | None"),
        ({"fault": {"html_200": {"method": 3}}}, "html_200: method is of type"),
        ({"fault": "html_200"}, "fault is no JSON object"),
        ({"fault": {"html_200": 3}}, "html_200 is no JSON object"),
        ({"switch": {"light": True}}, "no switch 'light', there are: auth_status"),
        ({"switch": {"references": 0}}, "switch 'references' is of type bool"),
        ({"switch": {"rate_per_s": "2"}}, "switch 'rate_per_s' is of type float | None"),
        ({"webhook": {"role": "admin"}}, "webhook has no role; known: user, scopes"),
        ({"webhook": {"scopes": "crm"}}, "webhook: scopes is a list"),
        ({"webhook": {"user": "boss"}}, "no role 'boss'"),
        ({"webhook": {"user": 4242}}, "no user 4242"),
        ({"revoke": "http://127.0.0.1/rest/1/none/"}, "this portal made no such webhook"),
        ({"edit": {"sell": {}}}, "no edit 'sell', there are: rename_stage"),
        ({"edit": {"rename_stage": {"row_id": 1}}}, "takes: row_id"),
    ],
)
def test_orders_that_make_no_sense_get_a_sentence(
    portal: SimulatedPortal, orders: Json, sentence: str
) -> None:
    reply = order(portal, **orders)
    assert reply.status == 400
    assert sentence in reply.error


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_gets_a_sentence(portal: SimulatedPortal, body: bytes) -> None:
    reply = request("POST", f"{portal.base_url}_control/romashka", body)
    assert reply.status == 400
    assert reply.error.startswith("the body is no JSON")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "_truth/nobody", 404),
        ("GET", "_other/romashka", 404),
        ("GET", "favicon.ico", 404),
        ("POST", "_truth/romashka", 405),
        ("GET", "_control/romashka", 405),
        ("PUT", "_log/romashka", 405),
    ],
)
def test_wrong_addresses(portal: SimulatedPortal, verb: str, path: str, status: int) -> None:
    reply = request(verb, portal.base_url + path)
    assert reply.status == status
    assert reply.error


def test_the_page_says_what_this_portal_is(portal: SimulatedPortal) -> None:
    page = request("GET", portal.base_url).body.decode()
    assert "Ромашка Опт" in page
    assert "имитация портала" in page


def test_looking_at_truth_and_log_is_not_logged(portal: SimulatedPortal) -> None:
    request("GET", f"{portal.base_url}_truth/romashka")
    request("GET", portal.base_url)
    assert portal.log.requests == []
