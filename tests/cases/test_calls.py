"""Reports about calling: paging, errors, limits, pages instead of answers, secrets."""

from __future__ import annotations

import logging
import socket
import traceback
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.errors import Fault, portal_error
from shared.bitrix24.people import USERS
from shared.bitrix24.read_portal import first_commands, read_portal
from shared.bitrix24.verdicts import of_reading
from shared.domain.coverage import ReasonCode, State
from shared.domain.errors import BadAnswer, CrmapError, MethodPaused, PortalMoved, RequestRejected
from tests.builders import READ_AT
from tests.faults.raw_server import RawServer, http
from tests.shared.bitrix24.answering import answered, snapshot
from tests.shared.bitrix24.reading import gaps, opened, read
from tools.simulator.portal import SimulatedPortal


def test_metadata_is_read_without_the_switch_that_also_changes_which_fields_come() -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/263"""
    assert [command.text for command in first_commands("ru") if "useOriginalUfNames" in command.text] == []


def users(first: int, count: int = 50) -> list[dict[str, Any]]:
    return [{"ID": str(number), "ACTIVE": True} for number in range(first, first + count)]


def test_a_page_that_repeats_rows_adds_none_and_is_a_gap() -> None:
    """github.com/bitrix24/b24phpsdk/issues/53, /issues/246"""
    answers = {
        Key("users"): Answer("user.get", users(1)),
        Key("users", offset=50): Answer("user.get", users(2)),
    }
    shifted = USERS.read(answers)
    assert [row["ID"] for row in shifted.rows] == [str(number) for number in range(1, 52)]
    assert of_reading(shifted).state is State.PARTIAL
    same = {
        Key("users"): Answer("user.get", users(1), None, 50),
        Key("users", offset=50): Answer("user.get", users(1), None, 50),
    }
    assert {command.key.again for command in USERS.rest(same)} == {True}
    again = {replace(key, again=True): answer for key, answer in same.items()}
    assert USERS.rest(same | again) == []
    assert len(USERS.read(same).rows) == 50
    assert of_reading(USERS.read(same)).state is State.PARTIAL, "the page that was promised never came"


def test_an_error_without_a_timing_block_reaches_the_receipt() -> None:
    """github.com/leshchenko1979/fast_bitrix24/pull/269"""
    error = portal_error("ACCESS_ERROR", "no access", method="crm.category.list")
    found = snapshot(answered({Key("pipelines", 2): Answer("crm.category.list", error=error)}))
    assert gaps(found) == {("pipelines", None): (State.PARTIAL, ReasonCode.NO_RIGHTS)}


PAGE = b"<html><head><title>503</title></head><body>Service <b>unavailable</b>" + b" x" * 500


@pytest.mark.parametrize(("status", "tries"), [("503 Service Unavailable", 4), ("200 OK", 3)])
def test_a_page_instead_of_an_answer_is_told_with_its_status_and_beginning(status: str, tries: int) -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/216"""
    with RawServer(http(PAGE, "Content-Type: text/html", status=status)) as server:
        with opened(server.url.removesuffix("batch")) as line, pytest.raises(BadAnswer) as caught:
            line.batch(first_commands("ru"))
        assert len(server.heard) == tries
    facts = caught.value.facts
    assert (facts["what"], facts["status"]) == ("page", status[:3])
    assert facts["start"].startswith("503 Service unavailable x x")
    assert len(facts["start"]) <= 200


def test_a_method_that_used_up_its_time_pauses_and_the_others_go_on(portal: SimulatedPortal) -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/220, /issues/187"""
    portal.switches.operating_limit_s = 480
    portal.switches.durations_s = {"user.get": 500}
    found = read(portal.webhook_url)
    assert gaps(found).keys() <= {("users", None)}
    assert gaps(read(portal.webhook_url)) == {("users", None): (State.FAILED, ReasonCode.METHOD_PAUSED)}


# Of 480 s that a method may take in ten minutes (Bitrix24 REST documentation, limits), on a slow portal.
TENTH_S = 48
SLOW_CALL_S = 0.5


@pytest.mark.parametrize("full", [False, True])
def test_a_read_takes_less_than_a_tenth_of_the_limit_whosever_budget_a_batch_spends(
    portal: SimulatedPortal,
    full: bool,  # noqa: FBT001
) -> None:
    """github.com/bitrix24/b24jssdk/pull/539: sub-calls spend a budget of their own, or all of them that of the batch"""
    with opened(portal.webhook_url) as line:
        read_portal(line, language="ru", now=lambda: READ_AT, full=full)
    calls = Counter(command.method for command in portal.log.commands if command.method != "batch")
    assert max(calls.values()) * SLOW_CALL_S < TENTH_S
    assert calls.total() * SLOW_CALL_S < TENTH_S


def test_a_batch_that_used_up_its_own_time_is_not_asked_for_again(portal: SimulatedPortal) -> None:
    """github.com/bitrix24/b24jssdk/pull/539"""
    portal.faults.add("operation_limit_429", times=None)
    with pytest.raises(MethodPaused) as caught:
        read(portal.webhook_url)
    assert caught.value.facts["method"] == "batch"
    assert len(portal.log.requests) == 1


def test_a_refusal_that_will_not_change_is_not_asked_for_again() -> None:
    """github.com/bitrix24/b24jssdk CHANGELOG.md, 1.2.0"""
    body = b'{"error": "ENTITY_TYPE_NOT_SUPPORTED", "error_description": "Entity type LEAD is not supported"}'
    with RawServer(http(body, status="400 Bad Request")) as server:
        with opened(server.url.removesuffix("batch")) as line, pytest.raises(RequestRejected):
            line.batch(first_commands("ru"))
        assert len(server.heard) == 1


STATUSES = {
    **dict.fromkeys(("400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"), 1),
    **dict.fromkeys(("408 Request Timeout", "429 Too Many Requests", "500 Error", "502 Bad Gateway"), 4),
}


@pytest.mark.parametrize("body", [b"<html>No</html>", b"", b"no", b"[]"])
@pytest.mark.parametrize(("status", "tries"), STATUSES.items())
def test_only_what_may_pass_is_asked_for_again(body: bytes, status: str, tries: int) -> None:
    """github.com/bitrix24/b24jssdk CHANGELOG.md, 1.2.0"""
    with RawServer(http(body, status=status)) as server:
        with opened(server.url.removesuffix("batch")) as line, pytest.raises(BadAnswer):
            line.batch(first_commands("ru"))
        assert len(server.heard) == tries


def test_leads_have_no_pipelines_and_are_not_asked_for_any(portal: SimulatedPortal) -> None:
    """github.com/bitrix24/b24jssdk CHANGELOG.md, 1.2.0"""
    found = read(portal.webhook_url)
    assert {row.pipeline_id for row in found.stages if row.entity_type == "lead"} == {None}
    asked = [command.params for command in portal.log.commands if command.method == "crm.category.list"]
    assert {params["entityTypeId"] for params in asked} == {"2", "31"}
    assert portal_error("ENTITY_TYPE_NOT_SUPPORTED", "").fault is Fault.NO_OBJECT


def test_a_portal_that_moved_is_told_and_its_new_address_gets_no_byte() -> None:
    """github.com/mesilov/bitrix24-php-sdk/pull/252"""
    with RawServer(http(b"{}")) as new_address:
        target = f"Location: http://127.0.0.1:{new_address.port}/rest/crm.type.list"
        with RawServer(http(b"", target, status="302 Found")) as old_address:
            with opened(old_address.url.removesuffix("batch")) as line, pytest.raises(PortalMoved) as caught:
                line.batch(first_commands("ru"))
            assert [request.partition(b" ")[0] for request in old_address.heard] == [b"POST"]
        assert caught.value.facts == {"host": f"127.0.0.1:{new_address.port}"}
        assert new_address.connections == 0


def test_a_connection_that_fails_leaves_the_secret_in_no_log_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """github.com/bitrix24/b24jssdk/issues/39, /pull/240"""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore.connection", "httpcore.http11"):
        caplog.set_level(logging.DEBUG, name)
    secret = "0123456789abcdef"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(CrmapError) as caught:
        read(f"http://127.0.0.1:{port}/rest/1/{secret}/crm.type.list")
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value.facts)
    assert secret not in told + caplog.text
