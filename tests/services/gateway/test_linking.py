"""Linking a portal to a cabinet: shown first, confirmed, counted, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from shared.db import link_tokens
from shared.domain import link_token
from tests.gateway_room import GatewayRoom, code_of
from tools.simulator.portal import SimulatedPortal


def previewed(room: GatewayRoom, session: str, token: str) -> str:
    answer = room.call("link/preview", session, token=token)
    assert answer.status_code == 200, answer.text
    nonce: str = answer.json()["preview"]
    return nonce


def linked(room: GatewayRoom, session: str, token: str) -> Any:
    return room.call("link", session, token=token, preview=previewed(room, session, token))


def test_a_preview_says_whose_cabinet_it_is_and_links_nothing(room: GatewayRoom, session: str) -> None:
    room.rows("delete from audit")
    _, token = room.cabinet("anna@agency.example", title="Агентство")
    answer = room.call("link/preview", session, token=token)
    found = answer.json()
    assert found["cabinet"].pop("created_at").endswith(("Z", "+00:00"))
    assert found["cabinet"] == {"title": "Агентство", "owner": "a•••@agency.example", "accounts": 0}
    assert found["expires_in"] == 600
    assert room.rows("select * from link") == []


def test_a_cabinet_that_is_called_by_an_address_does_not_give_it_away(
    room: GatewayRoom, session: str
) -> None:
    _, token = room.cabinet("anna@agency.example")
    answer = room.call("link/preview", session, token=token)
    assert "anna@" not in answer.text
    assert answer.json()["cabinet"]["title"] == "a•••@agency.example"


def test_a_confirmed_link_is_an_account_that_is_read_at_once(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    cabinet_id, token = room.cabinet()
    room.rows("delete from job")
    answer = linked(room, session, token)
    assert answer.status_code == 200
    made = answer.json()
    portal_id = room.portal_id(portal)
    assert made["is_new"] is True
    assert [
        (str(row[0]), *row[1:]) for row in room.rows("select id, cabinet_id, portal_id, linked_by from link")
    ] == [(made["id"], cabinet_id, portal_id, 1)]
    assert [(str(job), lane, state) for job, lane, state in room.rows("select id, lane, state from job")] == [
        (made["refresh"], 0, "queued")
    ]
    assert room.rows("select actor, cabinet_id, portal_id from audit where action = 'account.linked'") == [
        ("portal user 1", cabinet_id, portal_id)
    ]


@pytest.mark.parametrize("around", [" {} ", "{}\n", "\t{}\r\n", "\u00a0{}", "{} "])
@pytest.mark.parametrize("folded", [True, False])
def test_a_token_may_be_pasted_with_what_stood_around_it(
    room: GatewayRoom,
    session: str,
    around: str,
    folded: bool,  # noqa: FBT001
) -> None:
    _, token = room.cabinet()
    typed = around.format(token.lower() if folded else token)
    assert room.call("link/preview", session, token=typed).status_code == 200


def wrong_tokens(room: GatewayRoom) -> Iterator[str]:
    cabinet_id, token = room.cabinet("first@example.com")
    yield token[:-1] + ("2" if token[-1] != "2" else "3")
    yield link_token.issue()
    with room.db.session() as session:
        link_tokens.replace(session, room.db.keyring, cabinet_id, actor="test")
    yield token
    gone, of_gone = room.cabinet("second@example.com")
    room.rows("delete from cabinet where id = %s", gone)
    yield of_gone
    yield "٣" * 30
    yield ""
    yield "x" * 10_000
    yield "' or 1=1 --"


@pytest.mark.parametrize("path", ["link/preview", "link"])
def test_every_wrong_token_is_answered_alike_and_counted(room: GatewayRoom, session: str, path: str) -> None:
    for token in wrong_tokens(room):
        room.rows("delete from attempt")
        answer = room.call(path, session, token=token)
        assert code_of(answer) == (404, "link_token_unknown")
        assert room.rows("select count(*) from attempt where count = 1") == [(4,)]
    assert room.rows("select * from link") == []


def test_after_five_wrong_tokens_a_person_has_to_wait_for_the_right_one_too(
    room: GatewayRoom, other: SimulatedPortal, session: str
) -> None:
    _, token = room.cabinet()
    for _ in range(5):
        assert room.call("link/preview", session, token=link_token.issue()).status_code == 404
    refused = room.call("link/preview", session, token=token)
    assert code_of(refused) == (429, "too_many_tries")
    assert 480 < int(refused.headers["retry-after"]) <= 600
    room.installed(other)
    assert linked(room, room.frame(other), token).status_code == 200
    # Another administrator of the same portal is another person.
    room.rows("update attempt set bucket = bucket || '0' where bucket like '%% 1'")
    assert linked(room, session, token).status_code == 200


def counted(room: GatewayRoom, bucket: str, count: int) -> None:
    """So many wrong tokens stand in this bucket and in no other."""
    room.rows("delete from attempt")
    room.rows("insert into attempt values (%s, now() - interval '20 min', %s)", bucket, count)


def test_one_portal_has_thirty_wrong_tokens_in_an_hour(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    _, token = room.cabinet()
    for count, status in ((29, 200), (30, 429)):
        counted(room, f"link token {room.portal_id(portal)}", count)
        assert room.call("link/preview", session, token=token).status_code == status


def bucket_of_place(room: GatewayRoom, session: str) -> str:
    """The bucket of the place the tests call from."""
    room.call("link/preview", session, token=link_token.issue())
    ((bucket,),) = room.rows("select bucket from attempt where bucket like 'link tokens of place %%'")
    assert "testclient" not in bucket
    return str(bucket)


@pytest.mark.parametrize(("is_of_all", "most"), [(True, 300), (False, 60)], ids=["everybody", "a place"])
def test_wrong_tokens_of_others_keep_out_only_who_typed_one_himself(
    room: GatewayRoom,
    session: str,
    caplog: pytest.LogCaptureFixture,
    is_of_all: bool,  # noqa: FBT001 - a row of a table
    most: int,
) -> None:
    _, token = room.cabinet()
    bucket = "link tokens" if is_of_all else bucket_of_place(room, session)
    counted(room, bucket, most)
    assert linked(room, session, token).status_code == 200
    assert "limits.shared_is_full" in caplog.text
    assert room.call("link/preview", session, token=link_token.issue()).status_code == 404
    refused = room.call("link/preview", session, token=token)
    assert code_of(refused) == (429, "too_many_tries")
    assert 2000 < int(refused.headers["retry-after"]) <= 2401
    counted(room, bucket, most - 1)
    assert room.call("link/preview", session, token=token).status_code == 200


def test_no_more_than_five_wrong_tokens_slip_through_at_once(room: GatewayRoom, session: str) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(
            threads.map(lambda _: room.call("link/preview", session, token=link_token.issue()), range(30))
        )
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(404), statuses.count(429)) == (5, 25)


def test_nothing_is_linked_without_the_preview_of_this_token_portal_and_person(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal, session: str
) -> None:
    _, token = room.cabinet("anna@example.com")
    _, another = room.cabinet("boris@example.com")
    nonce = previewed(room, session, token)
    room.installed(other)
    until, _, code = nonce.partition(".")
    forged = [
        "",
        "x",
        until,
        f"{until}.",
        f"{int(until) + 1}.{code}",
        f"{until}.{code[:-1]}",
        f"{until}.ключ",
        "9" * 13 + f".{code}",
        f"1.{code}",
        previewed(room, session, another),
        previewed(room, room.frame(other), token),
    ]
    for preview in forged:
        assert code_of(room.call("link", session, token=token, preview=preview)) == (409, "preview_required")
    assert code_of(room.call("link", session, token=another, preview=nonce)) == (409, "preview_required")
    portal.edit("add_user", name="Второй", last_name="Админ")
    portal.crm.users[-1].admin = True
    of_another = room.call("link", room.frame(portal, portal.crm.users[-1].id), token=token, preview=nonce)
    assert code_of(of_another) == (409, "preview_required")
    assert room.rows("select * from link") == []
    assert room.call("link", session, token=token, preview=nonce).status_code == 200


def test_a_preview_is_forgotten_after_ten_minutes(
    room: GatewayRoom, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = room.cabinet()
    monkeypatch.setattr("services.gateway.linking.PREVIEW_LIVES", timedelta(seconds=-1))
    nonce = previewed(room, session, token)
    assert code_of(room.call("link", session, token=token, preview=nonce)) == (409, "preview_required")


def test_fifty_uses_of_one_token_at_once_are_one_link(room: GatewayRoom, session: str) -> None:
    _, token = room.cabinet()
    nonce = previewed(room, session, token)

    def until_answered(_: int) -> Response:
        """Who comes while too many are being asked about is told to try again, and does."""
        tries = (room.call("link", session, token=token, preview=nonce) for _ in range(100))
        return next(answer for answer in tries if answer.status_code != 503)

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(until_answered, range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.json()["is_new"] for answer in answers].count(True) == 1
    assert room.rows("select count(*) from link") == [(1,)]
    assert room.rows("select count(*) from job where state = 'queued'") == [(1,)]
    assert room.rows("select count(*) from audit where action = 'account.linked'") == [(1,)]


def test_any_number_of_cabinets_see_a_portal_and_none_changes_another(
    room: GatewayRoom, session: str
) -> None:
    made = []
    for name in ("anna", "boris", "vera"):
        _, token = room.cabinet(f"{name}@example.com")
        made.append(linked(room, session, token).json()["id"])
    before = room.rows("select * from link order by linked_at")
    assert [str(row[0]) for row in before] == made
    _, token = room.cabinet("gleb@example.com")
    linked(room, session, token)
    assert room.rows("select * from link order by linked_at")[:3] == before


def test_a_token_that_was_replaced_links_nothing_even_with_its_preview(
    room: GatewayRoom, session: str
) -> None:
    cabinet_id, token = room.cabinet()
    nonce = previewed(room, session, token)
    with room.db.session() as transaction:
        link_tokens.replace(transaction, room.db.keyring, cabinet_id, actor="test")
    assert code_of(room.call("link", session, token=token, preview=nonce)) == (404, "link_token_unknown")
    assert room.rows("select * from link") == []


def test_neither_the_token_nor_the_preview_stands_in_a_log_or_in_the_database(
    room: GatewayRoom, session: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = room.cabinet()
    nonce = previewed(room, session, token)
    room.call("link", session, token=token, preview=nonce)
    room.call("link", session, token=link_token.issue(), preview=nonce)
    for secret in (token, nonce, session):
        assert secret not in caplog.text
        assert secret not in repr(room.contents()) + repr(room.rows("select * from attempt"))


def test_a_cabinet_that_is_full_is_linked_with_no_further_portal(
    room: GatewayRoom, other: SimulatedPortal, session: str
) -> None:
    _, token = room.cabinet()
    with room.another(accounts_per_cabinet=1) as gateway:
        room.client, first = gateway, room.client
        try:
            assert linked(room, session, token).status_code == 200
            room.installed(other)
            refused = linked(room, room.frame(other), token)
            assert code_of(refused) == (409, "too_many_accounts")
            assert linked(room, session, token).status_code == 200, "it is there already"
        finally:
            room.client = first
    assert room.rows("select count(*) from link") == [(1,)]
