"""Erasing: an administrator of a portal wants everything of it gone, and it is."""

from __future__ import annotations

from tests.gateway_room import GatewayRoom, code_of
from tools.simulator.portal import SimulatedPortal


def test_nothing_of_an_erased_portal_is_left_and_the_other_portal_stays(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal, session: str
) -> None:
    room.send(room.event(portal))
    erased, kept = room.portal_id(portal), room.installed(other)
    answer = room.call("erase", session, confirmed="1")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert room.rows("select id from portal") == [(kept,)]
    for table in ("installation", "chain", "job", "link", "inbox"):
        found = room.rows(f"select count(*) from {table} where portal_id = %s", erased)  # noqa: S608
        assert found == [(0,)], table
    assert room.rows("select actor from audit where action = 'portal.erased'") == [("portal user 1",)]
    assert code_of(room.call("erase", session, confirmed="1")) == (409, "portal_removed")


def test_an_erased_portal_is_new_when_somebody_opens_the_application(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    erased = room.portal_id(portal)
    room.call("erase", session, confirmed="1")
    assert room.open_page(portal).status_code == 200
    assert room.portal_id(portal) != erased
    assert room.rows("select state, admins_only, read_at from portal") == [("active", False, None)]
    assert room.rows("select state from job") == [("queued",)]
    # Its events are believed again, by the application token of the new opening.
    assert room.send(room.event(portal)).status_code == 200


def test_an_erasure_has_to_be_meant(room: GatewayRoom, session: str) -> None:
    before = room.contents()
    for confirmed in ({}, {"confirmed": ""}, {"confirmed": "yes"}):
        assert code_of(room.call("erase", session, **confirmed)) == (400, "bad_value")
    assert room.contents() == before
