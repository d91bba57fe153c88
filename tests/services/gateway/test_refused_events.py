"""Events that are refused change nothing, whatever they are, and no event makes the gateway call anybody."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from services.gateway.php_form import LONGEST_BODY
from tests.gateway_room import FORM, Canary, GatewayRoom, said
from tools.simulator.portal import SimulatedPortal

MULTIPART = "multipart/form-data"
FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n'
STRANGER = "f" * 32


# Rows of the table of bad inputs whose answer does not depend on who is known.
@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        pytest.param(b"", {}, (400, "empty_body"), id="empty"),
        pytest.param(b"event=A", {"Content-Type": ""}, (415, "unsupported_media_type"), id="no type"),
        pytest.param(b"event=A", {"Content-Type": "text/plain"}, (415, "unsupported_media_type"), id="text"),
        pytest.param(b"{}", {"Content-Type": "application/json"}, (415, "unsupported_media_type"), id="json"),
        pytest.param(b"--x", {"Content-Type": MULTIPART}, (415, "unsupported_media_type"), id="no boundary"),
        pytest.param(
            FILE, {"Content-Type": f"{MULTIPART}; boundary=x"}, (415, "unsupported_media_type"), id="file"
        ),
        pytest.param(b"a=1", {"Content-Encoding": "gzip"}, (415, "unsupported_encoding"), id="packed"),
        pytest.param(
            b"&".join(b"a%d=1" % n for n in range(65)), {}, (400, "too_many_fields"), id="65 fields"
        ),
        pytest.param(b"data[x]=" + b"a" * 17_408, {}, (400, "field_too_large"), id="17 kB"),
        pytest.param(b"a;" * 80_000, {}, (413, "body_too_large"), id="semicolons"),
        pytest.param(b"x=1;auth[member_id]=" + b"a" * 32, {}, (400, "missing_field"), id="smuggled"),
        pytest.param(b"auth" + b"[a]" * 40 + b"=1", {}, (400, "bad_shape"), id="deep"),
        pytest.param(b"auth[=1", {}, (400, "bad_shape"), id="open bracket"),
        pytest.param(b"auth]x[=1", {}, (400, "bad_shape"), id="turned brackets"),
        pytest.param(b"auth=x&auth[member_id]=a", {}, (400, "bad_shape"), id="text and map"),
        pytest.param(b"event=A&event=B", {}, (400, "duplicate_field"), id="twice"),
        pytest.param(b"event=A&auth[member_id]=a%00", {}, (400, "bad_characters"), id="nul"),
    ],
)
def test_a_body_that_is_no_event_is_refused_by_its_code(
    room: GatewayRoom, body: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    before = room.contents()
    assert said(room.send(body, **headers)) == expected
    assert room.contents() == before


# Rows that start from a valid event of a known portal.
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"auth__member_id": STRANGER}, (401, "invalid_application_token")),
        ({"auth__member_id": "not hexadecimal"}, (401, "invalid_application_token")),
        ({"auth__application_token": "0" * 32}, (401, "invalid_application_token")),
        ({"auth__application_token": ""}, (401, "invalid_application_token")),
        ({"auth__application_token": None}, (401, "invalid_application_token")),
        ({"auth__application_token": "ключ"}, (401, "invalid_application_token")),
        ({"auth__application_token": "0" * 32, "event": "ONAPPPAYMENT"}, (401, "invalid_application_token")),
        ({"auth__application_token": None, "event": "ONAPPUNINSTALL"}, (401, "invalid_application_token")),
        ({"auth__member_id": "a223c6b3710f85df22e9377d6c4f7553\0"}, (400, "bad_characters")),
        ({"auth__server_endpoint": "https://evil.test/rest/"}, (400, "bad_endpoint")),
        ({"auth__domain": "p1.bitrix24.ru@evil.test"}, (400, "bad_domain")),
        ({"auth__domain": "another.bitrix24.ru"}, (400, "bad_domain")),
        ({"event": " ONAPPINSTALL "}, (400, "bad_value")),
        ({"event": "ONAPPUNINSTALL", "data__CLEAN": "2"}, (400, "bad_value")),
        ({"event": "ONAPPUNINSTALL", "data__CLEAN": "abc"}, (400, "bad_value")),
        ({"event": "ONAPPINSTALL"}, (400, "missing_field")),
        ({"event": "ONAPPINSTALL", "auth__access_token": "AT-1"}, (400, "missing_field")),
    ],
)
def test_an_event_that_proves_nothing_changes_nothing(
    room: GatewayRoom,
    portal: SimulatedPortal,
    changed: dict[str, str | None],
    expected: tuple[int, str],
) -> None:
    room.installed(portal)
    before = room.contents()
    answer = room.send(room.event(portal, **changed))
    assert said(answer) == expected
    assert answer.json() == {"status": "error", "error": expected[1]}
    assert room.contents() == before


def test_the_token_of_one_portal_opens_nothing_of_another(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal, caplog: pytest.LogCaptureFixture
) -> None:
    room.installed(portal)
    room.installed(other)
    before = room.contents()
    token = portal.installation(room.application).application_token
    for name in ("ONCRMDEALUSERFIELDADD", "ONAPPUNINSTALL", "ONAPPPAYMENT", "ONFOOBAR"):
        answer = room.send(room.event(other, event=name, auth__application_token=token))
        assert said(answer) == (401, "invalid_application_token")
    assert room.contents() == before
    assert [record.getMessage() for record in caplog.records].count("event.cross_tenant") == 4
    assert token not in caplog.text


def test_a_portal_whose_token_is_not_known_yet_proves_nothing_with_an_empty_one(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.open_page(portal, page="install", APPLICATION_TOKEN=None)
    assert room.rows("select token_hash from installation") == [(None,)]
    for token in ("", None, "None", "null"):
        answer = room.send(room.event(portal, auth__application_token=token))
        assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_events_can_only_be_posted(room: GatewayRoom, method: str) -> None:
    answer = room.client.request(method, "/bitrix24/events")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST, HEAD"


def test_the_console_may_ask_whether_the_address_exists(room: GatewayRoom) -> None:
    assert room.client.head("/bitrix24/events").status_code == 200
    assert room.client.head("/bitrix24/events/").status_code == 200


# What it must never do.


def test_no_event_makes_the_gateway_call_anybody(
    room: GatewayRoom, portal: SimulatedPortal, bird: Canary
) -> None:
    room.installed(portal)
    visit = room.visit(portal)
    portal.log.clear()
    asked = dict(room.cloud.oauth.counted)
    named = {"auth__domain": bird.host, "auth__client_endpoint": f"http://{bird.host}/rest/"}
    for name in ("ONCRMDEALUSERFIELDADD", "ONAPPUNINSTALL", "ONAPPPAYMENT", "ONAPPTEST"):
        room.send(room.event(portal, event=name, **named))
        room.send(room.event(portal, event=name, auth__server_endpoint=f"http://{bird.host}/rest/"))
    for name in ("ONAPPINSTALL", "ONAPPUPDATE"):
        room.send(room.install_event(portal, visit, event=name, **named))
        room.send(room.install_event(portal, visit, event=name, auth__server_endpoint=f"http://{bird.host}/"))
    assert bird.visits == 0
    assert portal.log.as_dict()["requests"] == []
    assert room.cloud.oauth.counted == asked


def test_a_body_of_any_length_is_left_unread_at_the_limit(room: GatewayRoom) -> None:
    def endless() -> Any:
        for _ in range(100):
            yield b"x" * LONGEST_BODY

    answer = room.client.post("/bitrix24/events", content=endless(), headers={"Content-Type": FORM})
    assert said(answer) == (413, "body_too_large")


def test_what_was_refused_is_counted_and_logged_without_repeating_it(
    room: GatewayRoom, portal: SimulatedPortal, caplog: pytest.LogCaptureFixture
) -> None:
    room.installed(portal)
    room.send(room.event(portal, auth__application_token="1234567890abcdef" * 2))
    assert "event.refused" in caplog.text
    assert "1234567890abcdef" not in caplog.text
    # Who asks is on this machine, as far as a server can tell.
    watcher = TestClient(room.client.app, base_url="http://localhost", client=("127.0.0.1", 1))
    assert 'crmap_gateway_refusals_total{code="invalid_application_token"}' in watcher.get("/metrics").text
    room.send(room.event(portal))
    assert 'crmap_gateway_events_total{verdict="done"}' in watcher.get("/metrics").text
