"""A portal that suddenly shows next to nothing: believed after a second look, and after no look with fewer rights."""

from __future__ import annotations

import json
from typing import Any

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.waiting import until
from tools.simulator.ledger import Crm
from tools.simulator.portal import SimulatedPortal


def receipt(cabinet: CabinetApi, account_id: str, kind: str) -> Any:
    """What the specification says of this kind, and how many of it are in it."""
    document = json.loads(cabinet.specification(account_id, format="json"))
    (line,) = (line for line in document["coverage"] if line["kind"] == kind)
    return line, len(document[kind])


def a_minute_passes(room: MachineRoom, portal: SimulatedPortal) -> None:
    """The second look, and what is doubted, are a minute older."""
    portal_id = room.portal_id(portal)
    aged = "jsonb_set(doubt, '{since}', to_jsonb(cast(doubt->>'since' as timestamptz) - interval '61 s'))"
    room.rows(
        f"update coverage set doubt = {aged} where portal_id = %s and doubt <> '{{}}'",  # noqa: S608 - a literal
        portal_id,
    )
    room.rows("update job set run_after = now() where state = 'queued' and portal_id = %s", portal_id)


def second_look(room: MachineRoom, portal: SimulatedPortal) -> list[Any]:
    """In how many seconds the portal is read again because of a doubt."""
    return room.rows(
        "select extract(epoch from run_after - now()) from job where state = 'queued' and portal_id = %s",
        room.portal_id(portal),
    )


def leave_one_person(crm: Crm) -> None:
    crm.users[:] = [user for user in crm.users if user.admin][:1]


def test_a_portal_that_lost_its_people_is_read_again_before_they_are_gone(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    line, people = receipt(cabinet, account_id, "users")
    leave_one_person(portal.crm)
    assert cabinet.refreshed(account_id)["state"] == "done"
    assert cabinet.changes(account_id, since="1") == []
    doubtful, shown = receipt(cabinet, account_id, "users")
    assert shown == people
    assert (doubtful["state"], doubtful["items"], doubtful["read_at"]) == ("partial", people, line["read_at"])
    assert "ещё раз проверяется" in cabinet.specification(account_id, format="txt", lang="ru").decode(
        "utf-8-sig"
    )
    ((seconds,),) = second_look(room, portal)
    assert 30 < seconds <= 62
    a_minute_passes(room, portal)
    changes = cabinet.until_changes(account_id, people - 1, since=1)
    assert {(change["kind"], change["op"]) for change in changes} == {("users", "removed")}
    assert receipt(cabinet, account_id, "users")[0]["state"] == "complete"
    assert second_look(room, portal) == []


def test_people_who_are_back_at_the_second_look_were_never_gone(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    everybody = list(portal.crm.users)
    leave_one_person(portal.crm)
    cabinet.refreshed(account_id)
    portal.crm.users[:] = everybody
    a_minute_passes(room, portal)
    until(lambda: receipt(cabinet, account_id, "users")[0]["state"] == "complete", what="it was read again")
    assert cabinet.changes(account_id, since="1") == []
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]


def test_an_administrator_who_is_one_no_more_deletes_nothing(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    _, people = receipt(cabinet, account_id, "users")
    admin = next(user for user in portal.crm.users if user.id == portal.callers.user_id("admin"))
    admin.admin = False
    for _ in range(2):
        assert cabinet.refreshed(account_id)["state"] == "done"
        a_minute_passes(room, portal)
    assert cabinet.changes(account_id, since="1") == []
    line, shown = receipt(cabinet, account_id, "users")
    assert (line["state"], shown) == ("partial", people)
