"""What proves that the application was removed from a portal, and what a wrong proof costs."""

from __future__ import annotations

from typing import Any

import pytest

from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom, said
from tests.working import work
from tools.simulator.portal import SimulatedPortal


def claim_removal(room: GatewayRoom, portal: SimulatedPortal, **changed: Any) -> None:
    """Somebody of the portal's staff, who can see the application token, says that the application is removed."""
    event = room.event(portal, event="ONAPPUNINSTALL", data__FIELDS__ID=None, data__CLEAN="1", **changed)
    assert said(room.send(event)) == (202, "accepted")


def end_every_chain(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.cloud.authority.chains.end(room.application.client_id, portal.member_id)


def state(room: GatewayRoom) -> list[Any]:
    return room.rows("select state, round(extract(epoch from purge_at - now()) / 3600)::int from portal")


def verdicts(room: GatewayRoom) -> list[str]:
    return [verdict for (verdict,) in room.rows("select verdict from inbox order by id")]


@pytest.mark.parametrize("chain", ["fresh", "expired"])
def test_an_installation_nobody_finished_is_no_removed_one(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, chain: str
) -> None:
    assert room.open_page(portal, page="install").status_code == 200
    work(worker)
    if chain == "expired":
        for one in room.cloud.authority.chains:
            one.access_expires_at = 0
    claim_removal(room, portal)
    work(worker)
    assert (state(room), verdicts(room)) == ([("active", None)], ["rejected"])
    assert room.rows("select count(*) from audit where action = 'uninstall.not_confirmed'") == [(1,)]
    assert room.rows("select count(*) from chain where state = 'active'") == [(1,)]


@pytest.mark.parametrize(
    ("error", "hours"),
    [
        ("NOT_INSTALLED", 1),
        ("APPLICATION_NOT_FOUND", 1),
        ("ERROR_OAUTH", 1),
        ("invalid_grant", 23),
    ],
)
def test_every_word_of_the_server_for_removed_suffices(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, error: str, hours: int
) -> None:
    room.installed(portal)
    work(worker)
    claim_removal(room, portal)
    portal.uninstall(room.application, event=False)
    for server in (room.cloud.oauth, room.cloud.twin):
        server.switches.uninstalled_error = error
    work(worker)
    assert (state(room), verdicts(room)) == ([("removed", hours)], ["done"])
    assert room.rows("select count(*) from chain") == [(0,)]


@pytest.mark.parametrize("trouble", ["unpaid", "unpaid in other words", "wrong secret", "one good chain"])
def test_nothing_else_does(room: GatewayRoom, worker: Worker, portal: SimulatedPortal, trouble: str) -> None:
    room.installed(portal)
    work(worker)
    match trouble:
        case "wrong secret":
            for one in room.cloud.authority.chains:
                one.access_expires_at = 0
            room.cloud.authority.applications.change(room.application, secret="changed at the vendor's")
        case "one good chain":
            end_every_chain(room, portal)
            assert room.open_page(portal).status_code == 200
        case _:
            portal.installation(room.application).payment_expired = True
            if trouble == "unpaid in other words":
                for server in (room.cloud.oauth, room.cloud.twin):
                    server.switches.payment_error = "ERROR_OAUTH"
    claim_removal(room, portal)
    work(worker)
    assert state(room) == [("active", None)]
    assert verdicts(room) == (["rejected"] if trouble == "one good chain" else ["new"])


@pytest.mark.parametrize("application_token", ["sent", "not sent"])
def test_a_wrong_removal_is_undone_by_the_next_opening(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, application_token: str
) -> None:
    portal_id = room.installed(portal)
    work(worker)
    session, (_, token) = room.frame(portal), room.cabinet()
    preview = room.call("link/preview", session, token=token).json()["preview"]
    assert room.call("link", session, token=token, preview=preview).status_code == 200
    work(worker)
    kept = {table: room.rows(f"select * from {table}") for table in ("link", "snapshot", "part", "coverage")}  # noqa: S608
    end_every_chain(room, portal)
    claim_removal(room, portal)
    work(worker)
    assert state(room) == [("removed", 23)]
    assert said(room.send(room.event(portal)))[0] == 401
    changed: dict[str, Any] = {"APPLICATION_TOKEN": None} if application_token == "not sent" else {}
    assert room.open_page(portal, **changed).status_code == 200
    work(worker)
    assert (room.portal_id(portal), state(room)) == (portal_id, [("active", None)])
    for table in ("link", "snapshot", "part"):
        assert room.rows(f"select * from {table}") == kept[table]  # noqa: S608
    assert said(room.send(room.event(portal))) == (200, "ok")
