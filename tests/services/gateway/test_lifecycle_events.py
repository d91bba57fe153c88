"""Events in the life of an installation: nothing of them is believed before a worker has verified it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.gateway_room import GatewayRoom, said
from tools.simulator.portal import SimulatedPortal


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


@pytest.mark.parametrize("age_s", [0, 25 * 3600])
def test_a_payment_without_a_token_tells_nobody_which_portals_are_known(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal, age_s: int
) -> None:
    room.installed(portal)
    room.installed(other)
    room.rows("update portal set state = 'removed' where id = %s", room.portal_id(other))
    answers = set()
    for member_id in (portal.member_id, other.member_id, "f" * 32):
        answer = room.send(
            room.event(
                portal,
                event="ONAPPPAYMENT",
                ts=str(int(time.time()) - age_s),
                auth__member_id=member_id,
                auth__application_token=None,
            )
        )
        answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert room.rows("select count(*) from inbox where member_id = %s", "f" * 32) == [(0,)]
