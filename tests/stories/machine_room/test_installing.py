"""Installing the application: by page, by event, in any order and any number, it is one portal, active and read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.stories.machine_room.frame import Frame, installed
from tests.waiting import until
from tools.simulator.applications import Application
from tools.simulator.portal import SimulatedPortal

Way = Callable[[SimulatedPortal, Application], object]


def page_only(portal: SimulatedPortal, application: Application) -> None:
    portal.install(application)
    portal.finish_install(application, event=False)


def event_only(portal: SimulatedPortal, application: Application) -> None:
    portal.install(application, page=False)
    portal.finish_install(application)


def page_then_event(portal: SimulatedPortal, application: Application) -> None:
    portal.install(application)
    portal.finish_install(application)


def event_then_page(portal: SimulatedPortal, application: Application) -> None:
    event_only(portal, application)
    portal.events.drain()
    portal.open_app(application)


def everything_twice(portal: SimulatedPortal, application: Application) -> None:
    portal.switches.event_duplication = 1.0
    portal.install(application)
    portal.install(application)
    portal.finish_install(application)
    portal.open_app(application)
    portal.open_app(application)


WAYS: list[Way] = [page_only, event_only, page_then_event, event_then_page, everything_twice]


def known(room: MachineRoom, portal: SimulatedPortal) -> list[tuple[str, bool, int, int]]:
    """State, whether it was read, installations and versions of what is known under the portal's member_id."""
    return [
        tuple(row)
        for row in room.rows(
            "select p.state, p.read_at is not null,"
            " (select count(*) from installation i where i.portal_id = p.id),"
            " (select count(*) from snapshot s where s.portal_id = p.id)"
            " from portal p where p.member_id = %s",
            portal.member_id,
        )
    ]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.__name__))
def test_however_it_is_installed_it_is_one_portal_active_and_read(
    room: MachineRoom, portal: SimulatedPortal, way: Way
) -> None:
    way(portal, room.application)
    until(lambda: known(room, portal) == [("active", True, 1, 1)], what="one portal, active and read")
    portal.events.drain()
    assert {delivery.status for delivery in portal.events.delivered} <= {200, 202}
    ((waiting,),) = room.rows(
        "select count(*) from inbox where member_id = %s and verdict <> 'done'", portal.member_id
    )
    until(lambda: not waiting, what="every event has its verdict")
    assert known(room, portal) == [("active", True, 1, 1)]


def test_after_the_first_read_the_portal_sends_its_events(room: MachineRoom, portal: SimulatedPortal) -> None:
    installed(room, portal)

    def bound() -> set[str]:
        return {handler.event for handler in portal.installation(room.application).handlers}

    until(lambda: {"ONCRMDEALUSERFIELDADD", "ONCRMTYPEUPDATE", "ONUSERADD"} <= bound())
    assert {handler.url for handler in portal.installation(room.application).handlers} == {
        f"{room.url('gateway')}/bitrix24/events"
    }
    assert set(portal.log.methods()) & {"event.bind"}
    assert {command.method for command in portal.log.writes} <= {"event.bind"}


def test_a_token_pasted_in_the_frame_links_the_portal_at_once(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    frame = installed(room, portal)
    linked = frame.link(cabinet.link_token())
    assert [account["id"] for account in cabinet.accounts()] == [linked["id"]]
    account = cabinet.until_state(linked["id"], "fresh")
    assert (account["kind"], account["domain"]) == ("app", portal.domain)
    assert account["counts"]["stages"] == len(portal.truth()["stages"])
    again = frame.link(cabinet.link_token())
    assert (again["id"], again["is_new"]) == (linked["id"], False)
    (link,) = frame.ask("links").json()["items"]
    assert frame.ask(f"links/{link['id']}/cut").status_code == 200
    assert cabinet.accounts() == []
    assert known(room, portal)[0][0] == "active", "the portal itself goes on"


def test_an_employee_cannot_link_the_portal(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    installed(room, portal)
    frame = Frame(room, portal.open_app(room.application, "employee"))
    assert frame.ask("link/preview", token=cabinet.link_token()).status_code == 403
    assert cabinet.accounts() == []


def test_two_applications_in_one_portal_are_one_portal_that_outlives_either(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    gateway = room.url("gateway")
    local = room.cloud.register_application(
        handler_url=f"{gateway}/bitrix24/app", events_url=f"{gateway}/bitrix24/events", kind="local"
    )
    secret = room.folder / "secret.txt"
    secret.write_text(local.secret)
    added = room.command("app", "add", local.client_id, "--secret-file", str(secret))
    assert added.returncode == 0, added.stderr
    account_id = installed(room, portal).link(cabinet.link_token())["id"]
    portal.install(local)
    until(lambda: known(room, portal)[0][2] == 2, what="both applications are known")
    cabinet.until_state(account_id, "fresh")
    portal.uninstall(room.application)
    until(
        lambda: room.rows(
            "select 1 from installation where removed_at is not null and portal_id = %s",
            room.portal_id(portal),
        ),
        what="the first application is gone",
    )
    assert cabinet.refreshed(account_id)["state"] == "done"
    cabinet.until_state(account_id, "fresh")
    portal.uninstall(local)
    cabinet.until_state(account_id, "removed")
