"""Every fault of a whole answer does on the wire what its name says, and then the portal is well again."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.tools.simulator.client import Reply, call, request
from tests.waiting import HELD_MS, WITHIN_S, until
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.faults import WHOLE_ANSWER
from tools.simulator.portal import SimulatedPortal

METHOD = "crm.status.list"


def page(status: int) -> Callable[[Reply], bool]:
    return lambda reply: reply.status == status and reply.body.startswith(b"<!doctype html>")


def error(status: int, code: str) -> Callable[[Reply], bool]:
    return lambda reply: (reply.status, reply.error) == (status, code)


def body(expected: bytes) -> Callable[[Reply], bool]:
    return lambda reply: reply.status == 200 and reply.body == expected


def contains(part: bytes) -> Callable[[Reply], bool]:
    return lambda reply: reply.status == 200 and part in reply.body


def no_json(reply: Reply) -> bool:
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(reply.body)
        return False
    return True


READABLE: dict[str, Callable[[Reply], bool]] = {
    "html_200": page(200),
    "html_401": page(401),
    "html_403": page(403),
    "html_404": page(404),
    "html_502": page(502),
    "html_503": page(503),
    "redirect_html": page(302),
    "query_limit_503": error(503, "QUERY_LIMIT_EXCEEDED"),
    "operation_limit_429": error(429, "OPERATION_TIME_LIMIT"),
    "error_500": error(500, "INTERNAL_SERVER_ERROR"),
    "error_200": error(200, "ERROR_CORE"),
    "refused": error(401, "expired_token"),
    "empty_body": body(b""),
    "json_null": body(b"null"),
    "json_list": body(b"[]"),
    "json_string": body(b'"x"'),
    "json_number": body(b"123"),
    "deep_brackets": no_json,
    "truncated_json": no_json,
    "json_and_garbage": no_json,
    "json_among_messages": lambda reply: reply.body.startswith(b"<br />") and no_json(reply),
    "bom": lambda reply: reply.body.startswith(b"\xef\xbb\xbf{"),
    "utf16": lambda reply: "Звонок" in reply.body.decode("utf-16"),
    "windows_1251": lambda reply: "Звонок" in reply.body.decode("cp1251"),
    "lone_surrogate": lambda reply: "\ud800" in json.loads(reply.body)["result"][0]["NAME"],
    "nul": lambda reply: "\0" in json.loads(reply.body)["result"][0]["NAME"],
    "nan": contains(b":NaN"),
    "huge_exponent": contains(b":1e999"),
    "huge_number": contains(b"9" * 5_000),
    "key_twice": lambda reply: reply.body.count(b'"result":') == 2 and reply.result == [],
    "error_and_result": lambda reply: {"error", "result"} <= set(reply.json),
    "redirect_host": lambda reply: (
        reply.status == 302 and reply.headers["Location"].startswith("https://renamed.invalid/rest/1/")
    ),
    "double_gzip": lambda reply: "time" in json.loads(gzip.decompress(gzip.decompress(reply.body))),
    "gzip_bomb": lambda reply: len(zlib.decompress(reply.body, 47)) > 2_000_000 > 100 * len(reply.body),
    "huge_body": lambda reply: len(reply.body) > 2_000_000 and bool(reply.result),
    "length_too_small": no_json,
}
BROKEN = {"length_too_large", "closed_at_byte", "reset", "reset_at_byte", "late", "silence", "byte_by_byte"}
OPTIONS: dict[str, dict[str, Any]] = {"gzip_bomb": {"mib": 2}, "huge_body": {"mib": 2}}


def test_every_fault_is_tested() -> None:
    assert set(READABLE) | BROKEN == set(WHOLE_ANSWER)


@pytest.mark.parametrize("name", list(READABLE))
def test_the_answer_is_spoiled_once(portal: SimulatedPortal, name: str) -> None:
    portal.faults.add(name, **OPTIONS.get(name, {}))
    assert READABLE[name](call(portal.webhook_url, METHOD)), WHOLE_ANSWER[name].meaning
    assert call(portal.webhook_url, METHOD).status == 200
    assert [entry.fault for entry in portal.log.requests] == [name, None]


def connected(portal: SimulatedPortal) -> socket.socket:
    """A connection on which a request has been sent."""
    url = urlsplit(portal.webhook_url)
    connection = socket.create_connection((url.hostname or "", url.port or 0), timeout=WITHIN_S)
    connection.sendall(f"GET {url.path}server.time HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
    return connection


def received(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_a_length_above_the_truth_leaves_the_client_waiting_for_more(portal: SimulatedPortal) -> None:
    portal.faults.add("length_too_large")
    with pytest.raises(http.client.IncompleteRead):
        call(portal.webhook_url, METHOD)


def test_a_connection_is_closed_at_a_byte(portal: SimulatedPortal) -> None:
    portal.faults.add("closed_at_byte", byte=7)
    with connected(portal) as connection:
        head, _, rest = received(connection).partition(b"\r\n\r\n")
    assert rest == b'{"resul'
    assert b"Content-Length: 7\r\n" not in head


def test_a_connection_is_reset(portal: SimulatedPortal) -> None:
    portal.faults.add("reset")
    with connected(portal) as connection, pytest.raises(ConnectionResetError):
        received(connection)


def test_a_connection_is_reset_at_a_byte(portal: SimulatedPortal) -> None:
    portal.faults.add("reset_at_byte", byte=7)
    with connected(portal) as connection:
        assert connection.recv(65536).endswith(b'{"resul')
        with pytest.raises(ConnectionResetError):
            received(connection)


def test_an_answer_comes_late(portal: SimulatedPortal) -> None:
    portal.faults.add("late", seconds=0.06)
    started = time.monotonic()
    assert call(portal.webhook_url, "profile").status == 200
    assert time.monotonic() - started > 0.06


def test_silence_lasts_until_the_client_leaves(portal: SimulatedPortal) -> None:
    portal.faults.add("silence")
    with pytest.raises(TimeoutError):
        request("GET", portal.webhook_url + "profile", timeout=0.1)
    until(lambda: portal.log.requests, what="it was heard, though the client may have left before")
    assert call(portal.webhook_url, "profile").status == 200


def test_silence_ends_with_the_server(portal: SimulatedPortal, cloud: SimulatedCloud) -> None:
    portal.faults.add("silence")
    with connected(portal) as connection:
        until(lambda: portal.log.requests)
        cloud.close()
        assert received(connection) == b""


def test_bytes_come_one_by_one(portal: SimulatedPortal) -> None:
    portal.faults.add("byte_by_byte", pause_s=0.2)
    with connected(portal) as connection:
        begun = b"".join(connection.recv(65536) for _ in range(3))
    # A byte at a time, or a few for a client that was kept from reading; the whole has hundreds.
    assert begun[:9] == b"HTTP/1.1 "[: len(begun)]
    assert len(begun) < 100


def test_a_pause_between_bytes_makes_an_answer_slow(portal: SimulatedPortal) -> None:
    portal.faults.add("byte_by_byte", pause_s=30.0)
    with pytest.raises(TimeoutError):
        request("GET", portal.webhook_url + "profile", timeout=0.1)


def test_latency_is_added_to_every_request(portal: SimulatedPortal) -> None:
    portal.switches.latency_ms = 60
    started = time.monotonic()
    call(portal.webhook_url, "profile")
    assert time.monotonic() - started > 0.06


def test_a_latency_that_is_lowered_ends_for_those_who_wait(portal: SimulatedPortal) -> None:
    portal.switches.latency_ms = HELD_MS
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(call, portal.webhook_url, "profile")
        until(lambda: portal.log.requests)
        portal.switches.latency_ms = 0
        assert waiting.result().status == 200


def test_a_fault_waits_for_the_method_it_is_meant_for(portal: SimulatedPortal) -> None:
    portal.faults.add("html_502", method="CRM.Status.List", times=2)
    url = portal.webhook_url
    assert call(url, "profile").status == 200
    assert call(url, "batch", {"cmd": {"me": "profile"}}).status == 200
    assert call(url, "batch", {"cmd": {"me": "profile", "st": "crm.status.list"}}).status == 502
    assert call(url, "crm.status.list").status == 502
    assert call(url, "crm.status.list").status == 200


def test_a_fault_may_spare_the_first_and_last_for_ever(portal: SimulatedPortal) -> None:
    portal.faults.add("html_503", times=None, after=1)
    assert [call(portal.webhook_url, "profile").status for _ in range(4)] == [200, 503, 503, 503]
    portal.faults.clear()
    assert call(portal.webhook_url, "profile").status == 200


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("html_999", {}, "no fault 'html_999', there are: html_200"),
        ("closed_at_byte", {"bytes": 1}, "no option bytes; its options: byte"),
        ("closed_at_byte", {"byte": "x"}, "byte is of type int"),
        ("html_200", {"command": "st"}, "takes no command"),
    ],
)
def test_faults_that_do_not_exist_are_refused_in_a_sentence(
    portal: SimulatedPortal, name: str, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match="fault") as refused:
        portal.faults.add(name, **settings)
    assert sentence in str(refused.value)
