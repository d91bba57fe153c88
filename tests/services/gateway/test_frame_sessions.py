"""Frame sessions: who may ask for what, and how a page comes to a fresh one."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import frame
from shared.db.sealed import Keyring
from shared.frame import FrameSession
from tests.gateway_room import KEY, GatewayRoom, code_of
from tools.simulator.portal import SimulatedPortal

ADMINISTRATORS = [
    "link/preview",
    "link",
    "links",
    "links/00000000-0000-4000-8000-000000000000/cut",
    "settings",
    "erase",
]
EVERYBODY = ["refresh"]


def issued(room: GatewayRoom, portal_id: UUID, *, chain_id: UUID, key: str = KEY, **changed: Any) -> str:
    ((now,),) = room.rows("select now()")
    at = now - changed.pop("before", timedelta(0))
    claims: dict[str, Any] = {"user_id": 1, "is_admin": True, "language": "ru", **changed}
    return frame.issue(Keyring([key]), FrameSession(portal_id, chain_id, **claims), now=at)


# Who may ask.


@pytest.mark.parametrize("path", [*ADMINISTRATORS, *EVERYBODY])
def test_nobody_asks_without_a_session(room: GatewayRoom, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}):
        answer = room.client.post(f"/bitrix24/{path}", headers=headers)
        assert code_of(answer) == (401, "frame_session_invalid")


@pytest.mark.parametrize("path", [*ADMINISTRATORS, *EVERYBODY])
def test_a_session_that_is_forged_or_over_opens_nothing(
    room: GatewayRoom, portal: SimulatedPortal, session: str, path: str
) -> None:
    portal_id = room.portal_id(portal)
    ((chain_id,),) = room.rows("select id from chain where state = 'active'")
    body, _, signature = session.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    raised = base64.urlsafe_b64encode(json.dumps({**claims, "until": 9**12}).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    before = room.contents()
    for forged in (
        "x",
        f"{body}.",
        f"{body}.{signature[:-2]}",
        f"{raised}.{signature}",
        f"{unsigned}.{body}.",
        issued(room, portal_id, chain_id=chain_id, key="another key than ours"),
        issued(room, portal_id, chain_id=chain_id, before=timedelta(minutes=10)),
        "crmap_" + "a" * 40,
    ):
        assert code_of(room.call(path, forged)) == (401, "frame_session_invalid")
    json_type = {"Content-Type": "application/json"}
    odd = room.client.post(f"/bitrix24/{path}", content=rb'{"session": "\ud800"}', headers=json_type)
    assert odd.status_code == 400
    assert room.contents() == before


def test_a_session_may_come_in_a_form_too(room: GatewayRoom, session: str) -> None:
    assert room.client.post("/bitrix24/refresh", data={"session": session}).status_code == 202
    assert room.client.post("/bitrix24/refresh", json={"session": session}).status_code == 202


@pytest.mark.parametrize("path", ADMINISTRATORS)
def test_an_employee_changes_nothing(
    room: GatewayRoom, portal: SimulatedPortal, session: str, path: str
) -> None:
    assert session
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    employee = room.frame(portal, "employee")
    assert code_of(room.call(path, employee)) == (403, "not_portal_admin")
    room.rows("delete from chain where not is_admin")
    assert code_of(room.call(path, employee)) == (403, "not_portal_admin")
    assert room.call("refresh", employee).status_code == 202


@pytest.mark.parametrize("path", ADMINISTRATORS)
def test_rights_that_ended_after_the_opening_count_at_once(
    room: GatewayRoom, portal: SimulatedPortal, session: str, path: str
) -> None:
    portal.crm.user(1).admin = False
    assert code_of(room.call(path, session)) == (403, "not_portal_admin")


def test_the_portal_is_asked_with_the_person_s_own_access(room: GatewayRoom, portal: SimulatedPortal) -> None:
    portal_id = room.installed(portal)
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    room.frame(portal, "employee")
    ((own,),) = room.rows("select id from chain where is_admin limit 1")
    # A session that names an administrator's chain, but is somebody else's.
    stolen = issued(room, portal_id, chain_id=own, user_id=77)
    assert code_of(room.call("links", stolen)) == (401, "session_expired")


def test_a_chain_of_another_portal_proves_nothing_here(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal
) -> None:
    portal_id, _ = room.installed(portal), room.installed(other)
    ((chain_id,),) = room.rows(
        "select c.id from chain c join portal p on p.id = c.portal_id where p.member_id = %s", other.member_id
    )
    assert code_of(room.call("links", issued(room, portal_id, chain_id=chain_id))) == (401, "session_expired")


@pytest.mark.parametrize(
    "ending",
    [
        "update chain set access_expires_at = now()",
        "update chain set state = 'dead'",
        "delete from chain",
    ],
)
def test_a_session_whose_access_is_over_asks_for_a_fresh_one(
    room: GatewayRoom, session: str, ending: str
) -> None:
    room.rows(ending)
    assert code_of(room.call("links", session)) == (401, "session_expired")


def test_an_access_the_portal_does_not_accept_asks_for_a_fresh_one(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    for chain in portal.authority.chains.all:
        chain.access_expires_at = 0.0
    assert code_of(room.call("links", session)) == (401, "session_expired")


def test_a_portal_that_is_away_is_a_reason_to_come_back(room: GatewayRoom, session: str) -> None:
    room.cloud.close()
    answer = room.call("links", session)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


def test_a_removed_portal_links_nothing(room: GatewayRoom, session: str) -> None:
    room.rows("update portal set state = 'removed'")
    assert code_of(room.call("links", session)) == (409, "portal_removed")
    assert code_of(room.call("refresh", session)) == (409, "portal_removed")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"token": {"a": 1}}', "application/json", 400),
        (b'{"token": "\\u0000"}', "application/json", 400),
        (b"[" * 20_000, "application/json", 400),
        (b"token=a&token=b", "application/x-www-form-urlencoded", 400),
        (b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"token", "text/plain", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    room: GatewayRoom, session: str, content: bytes, kind: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {session}", "Content-Type": kind}
    assert room.client.post("/bitrix24/link/preview", content=content, headers=headers).status_code == status


def test_refusals_speak_the_language_that_is_asked_for(room: GatewayRoom) -> None:
    said = {
        language: room.client.post("/bitrix24/links", headers={"Accept-Language": language}).json()["detail"]
        for language in ("ru", "en-GB,en;q=0.9", "de")
    }
    assert said["ru"] == said["de"] != said["en-GB,en;q=0.9"]


# A fresh session.


def test_a_fresh_access_token_is_a_fresh_session(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    room.rows("update chain set access_expires_at = now()")
    assert code_of(room.call("links", session)) == (401, "session_expired")
    visit = room.visit(portal)
    fields = {"AUTH_ID": visit.chain.access_token, "REFRESH_ID": visit.chain.refresh_token}
    for body in ({"data": fields}, {"json": fields}):
        answer = room.client.post("/bitrix24/session", **body)  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert (answer.json()["expires_in"], answer.json()["is_admin"]) == (600, True)
        assert room.call("links", answer.json()["session"]).status_code == 200


def test_an_access_token_alone_is_a_fresh_session_for_somebody_who_was_here_before(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    first = room.visit(portal)
    alone = {"AUTH_ID": first.chain.access_token}
    assert code_of(room.client.post("/bitrix24/session", data=alone)) == (403, "not_verified")
    assert room.rows("select * from portal") == []
    room.client.post("/bitrix24/app", data=room.opening(portal, first))
    room.rows("update chain set access_expires_at = now()")
    answer = room.client.post("/bitrix24/session", data={"AUTH_ID": room.visit(portal).chain.access_token})
    assert answer.status_code == 200
    assert room.rows("select count(*) from chain") == [(1,)]
    assert room.call("links", answer.json()["session"]).status_code == 200


@pytest.mark.parametrize("auth_id", ["", "x", "0" * 40, "<script>"])
def test_without_a_good_access_token_there_is_no_session(room: GatewayRoom, auth_id: str) -> None:
    answer = room.client.post("/bitrix24/session", data={"AUTH_ID": auth_id, "REFRESH_ID": "r" * 20})
    assert code_of(answer) == (403, "not_verified")
