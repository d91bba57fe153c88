"""How long and how often a portal is asked before it is given up."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24, Patience
from shared.bitrix24.commands import Command, Key
from shared.domain.coverage import ReasonCode, State
from shared.domain.errors import (
    AccessLost,
    BadAnswer,
    CrmapError,
    MethodPaused,
    PortalBlocked,
    RateLimited,
    RequestRejected,
    SubscriptionEnded,
    Unreachable,
)
from tests.faults.raw_server import RawServer, Reply, http
from tests.shared.bitrix24.reading import QUICK, gaps, opened, read
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal

ME = [Command(Key("me"), "profile")]
# For the clock below: a request is given forty looks, of which one that is answered at once needs about ten.
# What drips stands for what is silent here, so it is not given up for its slowness.
FORTY_LOOKS = Patience(
    connect_s=30, idle_s=30, total_s=400, slow_s=10_000, silence_s=10_000, pauses_s=(0, 0, 0)
)
# An answer that never ends. Unlike silence it is looked at again and again, so no limit in real seconds is needed.
DRIPPING: tuple[str, dict[str, Any]] = ("byte_by_byte", {"pause_s": 0.01})


def ten_seconds_a_look() -> Callable[[], float]:
    """A clock by which ten seconds pass from look to look, however long that took this machine."""
    looks = itertools.count()
    return lambda: 10.0 * next(looks)


def slept_until_given_up(portal: SimulatedPortal, **patience: Any) -> tuple[list[float], CrmapError]:
    slept: list[float] = []
    usual = Patience(**patience)
    with (
        opened(portal.webhook_url, patience=usual, sleep=slept.append) as line,
        pytest.raises(CrmapError) as up,
    ):
        line.batch(ME)
    return slept, up.value


def close_to(seconds: list[float], expected: tuple[float, ...]) -> bool:
    """True when each wait is the expected one, give or take half of it."""
    return len(seconds) == len(expected) and all(
        wanted / 2 <= found <= wanted * 1.5 for found, wanted in zip(seconds, expected, strict=True)
    )


def sizes(portal: SimulatedPortal) -> list[int]:
    """How many commands each request carried."""
    carried = Counter(command.request for command in portal.log.commands if command.method != "batch")
    return [carried[request.number] for request in portal.log.requests]


def test_too_many_requests_twice_and_then_fine_is_fine(portal: SimulatedPortal) -> None:
    portal.faults.add("query_limit_503", times=2)
    assert gaps(read(portal.webhook_url)) == {}
    assert [request.status for request in portal.log.requests] == [503, 503, 200]


def test_too_many_requests_are_answered_with_growing_waits(portal: SimulatedPortal) -> None:
    portal.faults.add("query_limit_503", times=None)
    slept, error = slept_until_given_up(portal)
    assert isinstance(error, RateLimited)
    assert close_to(slept, (1, 2, 4, 8, 16))


@pytest.mark.parametrize(
    "fault", ["error_500", "html_502", "html_503", "empty_body", "reset", "truncated_json"]
)
def test_a_stumble_is_forgiven_three_times(fault: str, portal: SimulatedPortal) -> None:
    portal.faults.add("html_502", times=3)
    with opened(portal.webhook_url) as line:
        assert line.batch(ME)[Key("me")].ok
        portal.faults.add(fault, times=4)
        with pytest.raises(CrmapError):
            line.batch(ME)


def test_stumbles_are_answered_with_growing_waits(portal: SimulatedPortal) -> None:
    portal.faults.add("html_502", times=None)
    slept, error = slept_until_given_up(portal)
    assert isinstance(error, BadAnswer)
    assert close_to(slept, (2, 8, 30))


def test_no_wait_reaches_beyond_the_time_a_silent_portal_is_given(portal: SimulatedPortal) -> None:
    portal.faults.add("html_502", times=None)
    slept, _ = slept_until_given_up(portal, silence_s=12, pauses_s=(2, 2, 100))
    assert close_to(slept, (2, 2))


def test_a_page_with_status_200_is_tried_three_times(portal: SimulatedPortal) -> None:
    portal.faults.add("html_200", times=None)
    with pytest.raises(BadAnswer) as caught:
        read(portal.webhook_url)
    assert caught.value.facts["what"] == "page"
    assert len(portal.log.requests) == 3


FINAL: dict[str, tuple[str, dict[str, Any], type[CrmapError]]] = {
    "a request called wrong": ("error_200", {}, RequestRejected),
    "a refusal with status 400": ("error_500", {"status": 400, "code": "ERROR_CORE"}, RequestRejected),
    "an unknown webhook": ("refused", {"code": "INVALID_CREDENTIALS"}, AccessLost),
    "a token that expired": ("refused", {}, AccessLost),
    "a paused method": ("operation_limit_429", {}, MethodPaused),
    "a portal closed by the vendor": ("query_limit_503", {"code": "OVERLOAD_LIMIT"}, PortalBlocked),
    "a redirect": ("redirect_html", {}, BadAnswer),
}


@pytest.mark.parametrize(("fault", "options", "expected"), FINAL.values(), ids=FINAL)
def test_what_no_second_try_can_change_is_asked_once(
    fault: str, options: dict[str, Any], expected: type[CrmapError], portal: SimulatedPortal
) -> None:
    portal.faults.add(fault, times=None, **options)
    with pytest.raises(expected):
        read(portal.webhook_url)
    assert len(portal.log.requests) == 1


def test_an_address_where_nobody_answers_is_not_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    slept: list[float] = []
    url = f"http://127.0.0.1:{port}/rest/1/secretcode123/"
    with opened(url, sleep=slept.append) as line, pytest.raises(Unreachable) as caught:
        line.batch(ME)
    assert (caught.value.facts["what"], slept) == ("refused", [])


def test_a_portal_that_was_heard_before_is_given_time_to_come_back() -> None:
    slept: list[float] = []
    with RawServer(http(b'{"result": {"result": {"me": {"ID": "1"}}}}')) as server:
        line = opened(server.url.removesuffix("batch"), patience=Patience(), sleep=slept.append)
        assert line.batch(ME)[Key("me")].ok
    with line, pytest.raises(Unreachable):
        line.batch(ME)
    assert close_to(slept, (2, 8, 30))


@pytest.mark.parametrize(
    ("fault", "idle_s"), [(("silence", {}), 0.05), (DRIPPING, 30)], ids=["silent", "dripping"]
)
def test_a_portal_that_does_not_come_to_the_point_is_given_up_in_time(
    fault: tuple[str, dict[str, Any]], idle_s: float, portal: SimulatedPortal
) -> None:
    portal.faults.add(fault[0], times=None, **fault[1])
    patience, clock = replace(FORTY_LOOKS, idle_s=idle_s, silence_s=2_000), ten_seconds_a_look()
    with pytest.raises(Unreachable) as caught:
        read(portal.webhook_url, patience=patience, clock=clock)
    assert caught.value.facts["what"] == "silent"
    assert clock() < patience.silence_s + patience.total_s
    # A request that was given up may be noticed later, even after the next.
    until(lambda: sorted(sizes(portal), reverse=True)[:3] == [50, 25, 25], what=lambda: f"{sizes(portal)}")


def test_a_portal_whose_answer_drips_in_is_asked_once() -> None:
    """Less at a time would not come any faster."""

    def drip(wire: socket.socket, _request: bytes) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\n")
        now[0] += 5
        while True:
            wire.sendall(b"X")
            now[0] += 5
            time.sleep(0.01)

    now = [0.0]
    with RawServer(drip) as server:
        patience = Patience(total_s=3600, silence_s=3600)
        line = opened(server.url.removesuffix("batch"), patience=patience, clock=lambda: now[0])
        with line, pytest.raises(Unreachable) as caught:
            line.batch([Command(Key("me", number), "profile") for number in range(50)])
        assert (caught.value.facts["what"], len(server.heard)) == ("slow", 1)


def test_a_portal_that_fell_silent_after_a_bad_answer_is_told_by_the_answer() -> None:
    def answer(wire: socket.socket, _request: bytes) -> None:
        if len(server.heard) == 1:
            wire.sendall(http(b"<h1>Bad Gateway</h1>", status="502 Bad Gateway"))
            return
        wire.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            now[0] += 10
            wire.sendall(b"X")
            time.sleep(0.01)

    now = [0.0]
    with RawServer(answer) as server:
        patience = Patience(silence_s=20, slow_s=1_000, pauses_s=(1, 1))
        line = opened(server.url.removesuffix("batch"), patience=patience, clock=lambda: now[0])
        with line, pytest.raises(BadAnswer) as caught:
            line.batch(ME)
    assert (caught.value.facts["status"], len(server.heard)) == ("502", 2)


def test_a_batch_that_is_too_much_at_once_is_read_in_parts(portal: SimulatedPortal) -> None:
    portal.faults.add(DRIPPING[0], times=1, **DRIPPING[1])
    assert gaps(read(portal.webhook_url, patience=FORTY_LOOKS, clock=ten_seconds_a_look())) == {}
    assert sizes(portal)[:3] == [50, 25, 25]


def test_one_command_that_never_answers_costs_nobody_else_anything(portal: SimulatedPortal) -> None:
    portal.faults.add(DRIPPING[0], times=None, method="crm.quote.userfield.list", **DRIPPING[1])
    found = read(portal.webhook_url, patience=FORTY_LOOKS, clock=ten_seconds_a_look())
    assert gaps(found) == {("user_fields", "quote"): (State.FAILED, ReasonCode.NOT_ANSWERED)}


def test_a_line_that_waited_for_its_use_has_all_its_time(portal: SimulatedPortal) -> None:
    hours = itertools.count(0, 3600)
    with opened(portal.webhook_url, clock=lambda: float(next(hours)), patience=QUICK_IN_HOURS) as line:
        assert [answers[Key("me")].ok for answers in line.batches(ME)] == [True]


QUICK_IN_HOURS = Patience(connect_s=1e6, idle_s=1e6, total_s=1e6, silence_s=50_000)


def refusing(token: str) -> Reply:
    """Answers every command of a batch with its own key, unless the token is this one."""

    def answer(wire: socket.socket, request: bytes) -> None:
        call = json.loads(request.partition(b"\r\n\r\n")[2])
        if call["auth"] == token:
            wire.sendall(
                http(b'{"error": "expired_token", "error_description": ""}', status="401 Unauthorized")
            )
        else:
            wire.sendall(http(json.dumps({"result": {"result": {key: key for key in call["cmd"]}}}).encode()))

    return answer


def test_an_expired_token_is_renewed_once_however_many_requests_notice() -> None:
    """github.com/bitrix24/b24jssdk/issues/182"""
    renewed: list[str | None] = []
    commands = [Command(Key("me", number), "profile") for number in range(400)]
    with RawServer(refusing("AT-1")) as server:
        stale = Access(server.url.removesuffix("batch"), "portal.test", token="AT-1")

        def renew(expired: Access) -> Access:
            renewed.append(expired.token)
            return replace(expired, token="AT-2")

        with Bitrix24(stale, allow_private=True, patience=QUICK, renew=renew) as line:
            answers = {key: answer.value for part in line.batches(commands) for key, answer in part.items()}
    assert answers == {command.key: command.key.text for command in commands}
    assert renewed == ["AT-1"]


def test_when_one_request_fails_for_good_those_not_yet_sent_never_are() -> None:
    def answer(wire: socket.socket, _request: bytes) -> None:
        # Those under way beside the first are answered when its failure has long been noticed.
        if len(server.heard) > 1:
            time.sleep(0.5)
        wire.sendall(http(b'{"error": "PAYMENT_REQUIRED"}', status="401 Unauthorized"))

    commands = [Command(Key("me", number), "profile") for number in range(5000)]
    with RawServer(answer) as server, opened(server.url.removesuffix("batch")) as line:
        with pytest.raises(SubscriptionEnded):
            list(line.batches(commands))
        assert len(server.heard) < 50


def test_a_renewed_token_that_is_refused_as_well_is_final(portal: SimulatedPortal) -> None:
    portal.faults.add("refused", times=None)
    renewed: list[str | None] = []

    def renew(expired: Access) -> Access:
        renewed.append(expired.token)
        return replace(expired, token="AT-2")

    with opened(portal.webhook_url, renew=renew) as line, pytest.raises(AccessLost):
        line.batch(ME)
    assert len(renewed) == 1
