"""How a request is read: verbs, encodings, names, credentials; and the envelope it gets."""

from __future__ import annotations

import pytest

from tests.tools.simulator.client import call, request
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.portal import SimulatedPortal

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_success_has_a_time_block_and_an_error_has_none(portal: SimulatedPortal) -> None:
    good, bad = call(portal.webhook_url, "profile"), call(portal.webhook_url, "crm.category.list")
    assert set(good.json["time"]) == {
        "start", "finish", "duration", "processing", "date_start", "date_finish", "operating_reset_at", "operating",
    }  # fmt: skip
    assert good.json["time"]["date_start"].endswith("+03:00")
    assert (bad.status, set(bad.json)) == (400, {"error", "error_description"})
    assert good.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "name", ["crm.deal.userfield.list", "CRM.Deal.UserField.List", "crm.deal.userfield.list.json"]
)
def test_method_names_know_no_case_and_may_end_in_json(portal: SimulatedPortal, name: str) -> None:
    assert call(portal.webhook_url, name).json["total"] == 17


@pytest.mark.parametrize("spelling", ["filter", "FILTER", "Filter"])
def test_classic_parameters_know_no_case(portal: SimulatedPortal, spelling: str) -> None:
    rows = call(portal.webhook_url, "crm.status.list", {spelling: {"ENTITY_ID": "SOURCE"}}).result
    assert {row["ENTITY_ID"] for row in rows} == {"SOURCE"}


def test_controllers_want_their_parameters_spelt_exactly(portal: SimulatedPortal) -> None:
    reply = call(portal.webhook_url, "crm.category.list", {"entitytypeid": 2})
    assert (reply.status, reply.error) == (400, "100")


@pytest.mark.parametrize(
    ("verb", "query", "body", "headers"),
    [
        ("GET", "?filter[ENTITY_ID]=SOURCE", b"", {}),
        ("GET", "?filter%5BENTITY_ID%5D=SOURCE", b"", {}),
        ("POST", "", b"filter[ENTITY_ID]=SOURCE", FORM),
        ("POST", "", b"filter[ENTITY_ID]=SOURCE", {"Content-Type": "text/plain"}),
        (
            "POST",
            "",
            b'{"filter": {"ENTITY_ID": "SOURCE"}}',
            {"Content-Type": "Application/JSON; charset=utf-8"},
        ),
        ("POST", "", b'{"filter": {"ENTITY_ID": "SOURCE"}}', {"Content-Type": "application/vnd.api+json"}),
        (
            "POST",
            "?filter[ENTITY_ID]=STATUS",
            b'{"filter": {"ENTITY_ID": "SOURCE"}}',
            {"Content-Type": "application/json"},
        ),
    ],
)
def test_every_encoding_asks_the_same(
    portal: SimulatedPortal, verb: str, query: str, body: bytes, headers: dict[str, str]
) -> None:
    reply = request(verb, portal.webhook_url + "crm.status.list" + query, body, headers)
    assert {row["ENTITY_ID"] for row in reply.result} == {"SOURCE"}


@pytest.mark.parametrize(
    "body", [b'{"filter": {"ENTITY_ID": NaN}}', b"{", b'"SOURCE"', b'{"filter": "\xff"}']
)
def test_a_body_that_is_no_json_object_counts_as_empty(portal: SimulatedPortal, body: bytes) -> None:
    reply = request(
        "POST", portal.webhook_url + "crm.status.list", body, {"Content-Type": "application/json"}
    )
    assert len({row["ENTITY_ID"] for row in reply.result}) > 10


def test_an_unknown_method_is_not_found_even_without_credentials(portal: SimulatedPortal) -> None:
    reply = call(portal.base_url + "rest/", "no.such.method")
    assert (reply.status, reply.error) == (404, "ERROR_METHOD_NOT_FOUND")


def test_a_method_may_be_missing_on_an_old_portal(portal: SimulatedPortal) -> None:
    portal.switches.missing_methods = {"crm.type.list"}
    assert call(portal.webhook_url, "crm.type.list").status == 404


def test_no_credentials_are_refused(portal: SimulatedPortal) -> None:
    reply = call(portal.base_url + "rest/", "profile")
    assert (reply.status, reply.error) == (401, "NO_AUTH_FOUND")


@pytest.mark.parametrize("status", [401, 403])
def test_a_revoked_webhook_is_unknown(portal: SimulatedPortal, status: int) -> None:
    url = portal.webhook_url
    portal.switches.auth_status = status
    portal.revoke(url)
    reply = call(url, "profile")
    assert (reply.status, reply.error) == (status, "INVALID_CREDENTIALS")
    assert call(portal.webhook_url, "profile").status == 200, "a new one is made when asked for"


def test_a_webhook_of_a_dismissed_user_is_unknown(portal: SimulatedPortal) -> None:
    url = portal.webhook("employee")
    portal.edit("dismiss_user", user_id=3)
    assert call(url, "profile").error == "INVALID_CREDENTIALS"


@pytest.mark.parametrize("status", [401, 403])
def test_a_plan_without_rest_refuses_everything(portal: SimulatedPortal, status: int) -> None:
    portal.switches.rest_available = False
    portal.switches.auth_status = status
    reply = call(portal.webhook_url, "profile")
    assert (reply.status, reply.error) == (status, "ACCESS_DENIED")
    assert reply.json["error_description"] == "REST is available only on commercial plans."


@pytest.mark.parametrize("status", [500, 403, 410])
def test_a_deleted_portal(portal: SimulatedPortal, status: int) -> None:
    portal.switches.portal_deleted = True
    portal.switches.portal_deleted_status = status
    reply = call(portal.webhook_url, "profile")
    assert (reply.status, reply.error) == (status, "PORTAL_DELETED")


def test_https_can_be_required(portal: SimulatedPortal) -> None:
    portal.switches.https_required = True
    reply = call(portal.webhook_url, "profile")
    assert (reply.status, reply.error) == (400, "INVALID_REQUEST")


def test_app_info_of_a_webhook_is_short(portal: SimulatedPortal) -> None:
    assert set(call(portal.webhook_url, "app.info").result) == {"SCOPE", "LICENSE"}
    portal.switches.app_info_refusal = 403
    reply = call(portal.webhook_url, "app.info")
    assert (reply.status, reply.error) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize("place", ["auth", "access_token", "header"])
def test_app_info_of_an_application_is_full(
    cloud: SimulatedCloud, portal: SimulatedPortal, place: str
) -> None:
    application = cloud.register_application(handler_url="http://127.0.0.1:9/", kind="local")
    token = portal.install(application, page=False).chain.access_token
    headers = {"Authorization": f"Bearer {token}"} if place == "header" else {}
    query = "" if place == "header" else f"?{place}={token}"
    found = request("GET", f"{portal.base_url}rest/app.info{query}", headers=headers).result
    assert (found["CODE"], found["STATUS"]) == (application.client_id, "L")
    assert (found["VERSION"], found["INSTALLED"], found["LANGUAGE_ID"]) == (1, True, "ru")


def test_the_log_proves_that_nothing_was_written(portal: SimulatedPortal) -> None:
    call(portal.webhook_url, "crm.status.list")
    call(portal.webhook_url, "batch", {"cmd": {"a": "profile"}})
    assert portal.log.writes == []
    call(portal.webhook_url, "batch", {"cmd": {"w": "crm.deal.userfield.add?fields[FIELD_NAME]=A"}})
    call(portal.webhook_url, "crm.status.delete", {"id": 1})
    assert [command.method for command in portal.log.writes] == [
        "crm.deal.userfield.add",
        "crm.status.delete",
    ]
    assert all(command.error == "ERROR_METHOD_NOT_FOUND" for command in portal.log.writes)


def test_the_log_counts_requests_and_commands(portal: SimulatedPortal) -> None:
    call(portal.webhook_url, "batch", {"cmd": {"a": "profile", "b": "scope"}})
    assert [entry.method for entry in portal.log.requests] == ["batch"]
    assert portal.log.methods() == ["profile", "scope", "batch"]
