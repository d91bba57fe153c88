"""Events: what is taken, what is refused, and what each of them changes."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.gateway.php_form import LONGEST_BODY
from tests.gateway_room import FORM, Canary, GatewayRoom
from tools.simulator.portal import SimulatedPortal

MULTIPART = "multipart/form-data"
FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n'
STRANGER = "f" * 32


def said(answer: Any) -> tuple[int, str | None]:
    body = answer.json()
    return answer.status_code, body.get("error") or body["status"]


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


def test_an_event_is_stored_and_its_portal_is_read_soon(room: GatewayRoom, portal: SimulatedPortal) -> None:
    portal_id = room.installed(portal)
    room.rows("delete from job")
    assert said(room.send(room.event(portal))) == (200, "ok")
    ((event, verdict, owner, body, secrets),) = room.rows(
        "select event, verdict, portal_id, body, secrets from inbox"
    )
    assert (event, verdict, owner, secrets) == ("ONCRMDEALUSERFIELDADD", "done", portal_id, None)
    assert body["fields"] == {"ID": "7405"}
    assert room.rows("select portal_id, lane, state from job") == [(portal_id, 2, "queued")]
    assert room.rows("select dirty_since is not null from portal") == [(True,)]


def test_the_name_of_an_event_is_taken_in_any_case(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    assert said(room.send(room.event(portal, event="onCrmDealUserFieldAdd"))) == (200, "ok")


def test_an_address_with_a_slash_at_its_end_takes_events_too(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    assert room.client.post("/bitrix24/events/", data=room.event(portal)).status_code == 200


def test_an_unknown_event_is_stored_and_starts_nothing(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    room.rows("delete from job")
    assert said(room.send(room.event(portal, event="ONFOOBAR"))) == (200, "ignored")
    assert room.rows("select event, verdict from inbox") == [("ONFOOBAR", "ignored")]
    assert room.rows("select * from job") == []


def test_copies_of_an_event_are_one_row_and_one_job(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    room.rows("delete from job")
    events = [room.event(portal, data__FIELDS__ID=str(number)) for number in range(20)] * 5
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(room.send, events))
    assert {answer.status_code for answer in answers} == {200}
    assert room.rows("select count(*), count(distinct dedupe) from inbox") == [(20, 20)]
    assert room.rows("select count(*) from job") == [(1,)]


def test_a_copy_that_came_yesterday_is_a_copy(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    event = room.event(portal)
    room.send(event)
    room.rows("update inbox set received_on = received_on - 1")
    room.rows("delete from job")
    assert said(room.send(event)) == (200, "ok")
    assert room.rows("select count(*) from inbox") == [(1,)]
    assert room.rows("select * from job") == []


def test_events_of_a_portal_that_tells_no_time_are_not_taken_for_copies(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    event = room.event(portal, ts=None)
    room.send(event)
    room.rows("update inbox set dedupe = 'of another minute'")
    assert said(room.send(event)) == (200, "ok")
    assert room.rows("select count(*) from inbox") == [(2,)]


def test_late_events_are_stored_and_read_for_once_in_ten_minutes(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    two_days_ago = str(int(time.time()) - 2 * 24 * 3600)
    for number in range(3):
        room.rows("delete from job")
        late = room.event(portal, ts=two_days_ago, data__FIELDS__ID=str(number))
        assert said(room.send(late)) == (200, "late")
        assert room.rows("select count(*) from job") == [(1 if number == 0 else 0,)]
    assert room.rows("select distinct verdict from inbox") == [("late",)]


def test_an_event_of_a_removed_portal_brings_it_back_to_nobody(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    room.rows("delete from job")
    room.rows("update portal set state = 'removed'")
    assert said(room.send(room.event(portal))) == (200, "ignored")
    assert room.rows("select * from job") == []
    assert room.rows("select state, dirty_since from portal") == [("removed", None)]


def test_the_former_token_is_accepted_for_ten_minutes_after_a_change(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    old = room.event(portal, data__FIELDS__ID="1")
    portal.installation(room.application).application_token = "c" * 32
    assert room.open_page(portal).status_code == 200
    assert room.send(old).status_code == 200
    room.rows("update installation set token_changed_at = now() - interval '11 min'")
    assert (
        room.send(room.event(portal, auth__application_token=old["auth[application_token]"])).status_code
        == 401
    )
    assert room.send(room.event(portal)).status_code == 200


# Lifecycle events.


def test_an_installation_waits_with_its_tokens_sealed(room: GatewayRoom, portal: SimulatedPortal) -> None:
    visit = room.visit(portal)
    assert said(room.send(room.install_event(portal, visit))) == (202, "accepted")
    ((event, verdict, owner, body, secrets),) = room.rows(
        "select event, verdict, portal_id, body, secrets from inbox"
    )
    assert (event, verdict, owner) == ("ONAPPINSTALL", "new", None)
    assert (body["version"], body["language"], body["expires_in"]) == ("1", "ru", 3600)
    stored = repr(room.contents())
    for token in (
        visit.chain.access_token,
        visit.chain.refresh_token,
        visit.installation.application_token,
    ):
        assert token not in stored
    assert secrets is not None
    assert room.rows("select * from portal") == []


def test_an_installation_that_is_no_portal_s_is_refused(room: GatewayRoom, portal: SimulatedPortal) -> None:
    event = room.install_event(portal, room.visit(portal), auth__member_id="m1")
    assert said(room.send(event)) == (400, "bad_value")


def test_a_forged_installation_does_not_make_the_genuine_one_a_copy(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    genuine = room.install_event(portal, room.visit(portal))
    forged = {**genuine, "auth[access_token]": "9" * 40, "auth[application_token]": "e" * 32}
    assert room.send(forged).status_code == 202
    assert room.send(genuine).status_code == 202
    assert room.send(genuine).status_code == 202
    assert room.rows("select count(*) from inbox") == [(2,)]


def test_every_unverified_installation_is_stored(room: GatewayRoom, portal: SimulatedPortal) -> None:
    event = room.install_event(portal, room.visit(portal))
    for number in range(70):
        assert room.send({**event, "auth[access_token]": f"{number:040}"}).status_code == 202
    assert room.rows("select count(*), count(secrets) from inbox where verdict = 'new'") == [(70, 70)]


@pytest.mark.parametrize(("clean", "erases"), [("1", True), ("0", False), ("", False), (None, False)])
def test_a_removal_waits_for_the_authorization_server_s_word(
    room: GatewayRoom,
    portal: SimulatedPortal,
    clean: str | None,
    erases: bool,  # noqa: FBT001
) -> None:
    portal_id = room.installed(portal)
    event = room.event(portal, event="ONAPPUNINSTALL", data__FIELDS__ID=None, data__CLEAN=clean)
    assert said(room.send(event)) == (202, "accepted")
    assert said(room.send(event)) == (202, "accepted")
    ((installation_id,),) = room.rows("select id from installation")
    ((verdict, owner, body),) = room.rows("select verdict, portal_id, body from inbox")
    assert (verdict, owner) == ("new", portal_id)
    assert (body["installation_id"], body["clean"]) == (str(installation_id), erases)
    assert room.rows("select state from portal") == [("active",)]


def test_a_removal_of_a_portal_that_is_erased_already_is_refused(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    room.rows("delete from portal")
    assert said(room.send(room.event(portal, event="ONAPPUNINSTALL"))) == (401, "invalid_application_token")


def payments(room: GatewayRoom, portal: SimulatedPortal, **changed: Any) -> list[int]:
    """After each of three payments, how many reads are wanted."""
    wanted = []
    for number in range(3):
        room.rows("delete from job")
        ts = str(int(time.time()) + number)
        assert said(room.send(room.event(portal, event="ONAPPPAYMENT", ts=ts, **changed))) == (200, "ok")
        wanted += [count for (count,) in room.rows("select count(*) from job")]
    return wanted


def test_a_payment_is_a_reason_to_look(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    room.rows("update portal set state = 'subscription_ended'")
    assert payments(room, portal) == [1, 1, 1]
    assert room.rows("select state from portal") == [("subscription_ended",)]


def test_a_payment_anybody_could_have_sent_is_one_in_ten_minutes(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    assert payments(room, portal, auth__application_token=None) == [1, 0, 0]
    assert room.rows("select count(*) from inbox") == [(3,)]


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
    metrics = room.client.get("/metrics").text
    assert 'crmap_gateway_refusals_total{code="invalid_application_token"}' in metrics
    room.send(room.event(portal))
    assert 'crmap_gateway_events_total{verdict="done"}' in room.client.get("/metrics").text
