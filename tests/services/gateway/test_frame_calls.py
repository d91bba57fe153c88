"""What an administrator's page may do: see and cut links, choose settings; and a refresh, which anybody may ask."""

from __future__ import annotations

from tests.gateway_room import GatewayRoom, code_of
from tools.simulator.portal import SimulatedPortal


def linked(room: GatewayRoom, session: str, email: str = "anna@example.com") -> str:
    _, token = room.cabinet(email)
    nonce = room.call("link/preview", session, token=token).json()["preview"]
    made: str = room.call("link", session, token=token, preview=nonce).json()["id"]
    return made


def test_an_administrator_sees_who_sees_the_portal_and_cuts_any_of_them(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    first, second = linked(room, session), linked(room, session, "boris@example.com")
    shown = room.call("links", session).json()
    assert shown["next"] is None
    assert [(row["id"], row["owner"], row["linked_by"]) for row in shown["items"]] == [
        (first, "a•••@example.com", 1),
        (second, "b•••@example.com", 1),
    ]
    assert room.call(f"links/{first}/cut", session).status_code == 200
    assert code_of(room.call(f"links/{first}/cut", session)) == (404, "not_found")
    assert [row["id"] for row in room.call("links", session).json()["items"]] == [second]
    ((actor, cabinet_id, portal_id),) = room.rows(
        "select actor, cabinet_id, portal_id from audit where action = 'account.cut'"
    )
    assert (actor, portal_id) == ("portal user 1", room.portal_id(portal))
    assert room.rows(
        "select email from person p join membership m on m.person_id = p.id where cabinet_id = %s", cabinet_id
    ) == [("anna@example.com",)]


def test_nobody_cuts_a_link_of_another_portal(
    room: GatewayRoom, other: SimulatedPortal, session: str
) -> None:
    made = linked(room, session)
    room.installed(other)
    assert code_of(room.call(f"links/{made}/cut", room.frame(other))) == (404, "not_found")
    assert room.rows("select count(*) from link") == [(1,)]


def test_links_outlive_a_removal_and_a_new_installation(
    room: GatewayRoom, portal: SimulatedPortal, session: str
) -> None:
    made = linked(room, session)
    room.rows("update portal set state = 'removed'")
    portal.uninstall(room.application, event=False)
    again = portal.install(room.application, page=False, event=False)
    assert room.client.post("/bitrix24/install", data=room.opening(portal, again)).status_code == 200
    assert [str(row[0]) for row in room.rows("select id from link")] == [made]
    assert room.rows("select state from portal") == [("active",)]


def test_settings_are_shown_and_changed(room: GatewayRoom, session: str) -> None:
    assert room.call("settings", session).json() == {"admins_only": False}
    assert room.call("settings", session, admins_only=True).json() == {"admins_only": True}
    assert room.call("settings", session).json() == {"admins_only": True}
    assert code_of(room.call("settings", session, admins_only="perhaps")) == (400, "bad_value")
    room.client.post("/bitrix24/settings", data={"session": session, "admins_only": "0"})
    assert room.rows("select admins_only from portal") == [(False,)]
    assert room.rows(
        "select actor, facts from audit where action = 'portal.settings_changed' order by id"
    ) == [
        ("portal user 1", {"admins_only": True}),
        ("portal user 1", {"admins_only": False}),
    ]


def test_a_refresh_is_a_job_that_is_joined_while_it_runs(room: GatewayRoom, session: str) -> None:
    first = room.call("refresh", session)
    assert first.status_code == 202
    assert room.call("refresh", session).json() == first.json()
    assert room.rows("select lane, state from job") == [(0, "queued")]
    room.rows("update job set state = 'running'")
    assert room.call("refresh", session).json() == first.json()
    room.rows("update job set state = 'done'")
    assert room.call("refresh", session).json() != first.json()


def test_a_portal_that_was_asked_a_lot_just_now_is_left_in_peace_for_a_moment(
    room: GatewayRoom, session: str
) -> None:
    room.rows("delete from job")
    room.rows("update portal set rested_at = now() + interval '1 hour'")
    room.call("refresh", session)
    assert room.rows("select run_after > created_at, run_after < created_at + interval '1 s' from job") == [
        (True, True)
    ]
