"""The gateway killed and stopped at any moment: what it has answered is stored, and no installation is lost."""

from __future__ import annotations

import itertools
import signal
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.faults.processes.sending import inbox, stream
from tests.faults.processes.servers import Servers
from tests.machine_room import MachineRoom
from tests.stories.machine_room.frame import installed
from tests.stories.machine_room.test_installing import known
from tests.waiting import until
from tools.simulator.applications import Application
from tools.simulator.portal import SimulatedPortal


@pytest.mark.parametrize("how", ["killed", "told to stop"])
def test_every_event_that_was_answered_is_stored_once(
    room: MachineRoom, dice: Random, times: int, how: str
) -> None:
    portals = [room.portal() for _ in range(3)]
    for portal in portals:
        installed(room, portal)
    gateway = room.processes["gateway"]
    with stream(room, portals) as events:
        for _ in range(2 * times):
            enough = events.answered + dice.randrange(10, 60)
            until(lambda: events.answered >= enough, what="it answers")  # noqa: B023
            if how == "killed":
                gateway.kill()
            else:
                gateway.ask_to_stop()
                assert gateway.ended() == 0
            room.start("gateway")
    stored = inbox(room, portals)
    assert len(stored) == len(set(stored)), "each once"
    assert set(events.kept) - set(stored) == set()


def test_no_installation_is_lost_whatever_happens_meanwhile(
    room: MachineRoom, plant: Servers, dice: Random, times: int
) -> None:
    portals = [room.portal() for _ in range(6 * times)]
    with ThreadPoolExecutor(1) as somebody:
        for portal, trouble in zip(portals, itertools.cycle(TROUBLES), strict=False):
            page, event = dice.choice(WAYS)
            told = somebody.submit(install, portal, room.application, page=page, event=event)
            trouble(room, plant)
            if not told.result():
                # Whoever sees an error, or nothing at all, tries again.
                assert install(portal, room.application, page=True, event=event)
    for portal in portals:
        until(
            lambda: known(room, portal) == [("active", True, 1, 1)],  # noqa: B023
            what=lambda: f"one portal, active and read: {known(room, portal)}",  # noqa: B023
        )


def install(portal: SimulatedPortal, application: Application, *, page: bool, event: bool) -> bool:
    """True when whoever installs it has seen no error, and the gateway has answered what was sent to it."""
    visit = portal.install(application, page=page)
    if page and (visit.page is None or visit.page.status != 200):
        return False
    portal.events.clear()
    portal.finish_install(application, event=event)
    portal.events.drain(60)
    return page or [delivery.status for delivery in portal.events.delivered] == [202]


def gateway_killed(room: MachineRoom, _plant: Servers) -> None:
    room.processes["gateway"].kill()
    room.start("gateway")


def worker_killed(room: MachineRoom, _plant: Servers) -> None:
    room.processes["worker-1"].kill()
    room.start("worker-1")


def database_restarted(_room: MachineRoom, plant: Servers) -> None:
    plant.stop_database(signal.SIGINT)
    plant.start_database()


def database_crashed(_room: MachineRoom, plant: Servers) -> None:
    plant.stop_database(signal.SIGQUIT)
    plant.start_database()


def broker_emptied(_room: MachineRoom, plant: Servers) -> None:
    plant.flush_broker()


TROUBLES = (gateway_killed, database_restarted, broker_emptied, database_crashed, worker_killed)
# The browser posts the installer's page, the portal sends its event.
WAYS = ((True, False), (False, True), (True, True))
