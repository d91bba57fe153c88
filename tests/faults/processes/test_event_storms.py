"""Many events at once: copies, forgeries and the storm of one portal cost one row each, one job, and nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from tests.faults.processes.sending import an_event, inbox, send, send_all
from tests.faults.processes.servers import Servers
from tests.machine_room import MachineRoom, Process
from tests.stories.machine_room.frame import installed
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal
from tools.standalone.serving import free_port


@pytest.fixture
def gateways(room: MachineRoom) -> Iterator[list[str]]:
    """The addresses of two gateways over one database."""
    listen = f"127.0.0.1:{free_port()}"
    second = Process("gateway-2", room.folder, {**room.environment, "CRMAP_GATEWAY_LISTEN": listen})
    second.start()
    until(lambda: send(f"http://{listen}", {}) is not None, what="the second gateway answers")
    yield [room.url("gateway"), f"http://{listen}"]
    second.close()


@pytest.fixture
def portals(room: MachineRoom) -> list[SimulatedPortal]:
    """Two portals that are installed, read, and wanted by nobody at the moment."""
    found = [room.portal() for _ in range(2)]
    for portal in found:
        installed(room, portal)
        until(lambda: read(room, portal), what="it is read")  # noqa: B023
    return found


def read(room: MachineRoom, portal: SimulatedPortal) -> bool:
    room.hurry(portal)
    return room.rows(
        "select count(*) from portal p where member_id = %s and read_at is not null and dirty_since is null"
        " and not exists (select 1 from job where portal_id = p.id and state in ('queued', 'running'))",
        portal.member_id,
    ) == [(1,)]


def jobs(room: MachineRoom, portal: SimulatedPortal) -> int:
    """How many reads of the portal are wanted or under way."""
    ((count,),) = room.rows(
        "select count(*) from job where portal_id = %s and state in ('queued', 'running')",
        room.portal_id(portal),
    )
    return int(count)


def test_copies_that_reach_two_gateways_at_once_are_one_event(
    room: MachineRoom, gateways: list[str], portals: list[SimulatedPortal], dice: Random, times: int
) -> None:
    events = [an_event(room, dice.choice(portals), number) for number in range(40 * times)]
    copies = events * 5
    dice.shuffle(copies)
    assert Counter(send_all(gateways, copies)) == {200: len(copies)}
    assert sorted(number for _, number in inbox(room, portals)) == list(range(len(events)))
    assert max(jobs(room, portal) for portal in portals) <= 1


def test_forgeries_among_events_are_refused_and_cost_no_call(
    room: MachineRoom, gateways: list[str], portals: list[SimulatedPortal], dice: Random, times: int
) -> None:
    ours, theirs = portals
    token = theirs.installation(room.application).application_token
    forged: list[dict[str, str]] = [
        {"application_token": "0" * 32},
        {"application_token": "ключ"},
        {"application_token": token},
        {"member_id": "f" * 32},
    ]
    events = [
        *(an_event(room, ours, number) for number in range(20 * times)),
        *(an_event(room, ours, 10**6 + n, **forged[n % len(forged)]) for n in range(100 * times)),
    ]
    dice.shuffle(events)
    asked = Counter(room.cloud.oauth.counted)
    answers = Counter(send_all(gateways, events))
    assert answers == {200: 20 * times, 401: 100 * times}
    assert sorted(number for _, number in inbox(room, portals)) == list(range(20 * times))
    assert Counter(room.cloud.oauth.counted) == asked


def test_a_storm_of_one_portal_is_one_read_and_others_are_heard(
    room: MachineRoom, gateways: list[str], portals: list[SimulatedPortal], dice: Random, times: int
) -> None:
    loud, quiet = portals
    storm = [an_event(room, loud, number) for number in range(300 * times)]
    events = storm + [an_event(room, quiet, number) for number in range(10)]
    dice.shuffle(events)
    assert Counter(send_all(gateways, events)) == {200: len(events)}
    assert (jobs(room, loud), jobs(room, quiet)) <= (1, 1)
    assert len(inbox(room, [quiet])) == 10


def test_a_frozen_broker_keeps_no_event_waiting(
    room: MachineRoom, plant: Servers, portals: list[SimulatedPortal], times: int
) -> None:
    events = [an_event(room, portals[number % 2], number) for number in range(50 * times)]
    with plant.frozen_broker():
        assert Counter(send_all([room.url("gateway")], events)) == {200: len(events)}
    assert len(inbox(room, portals)) == len(events)
    for portal in portals:
        until(lambda: jobs(room, portal) <= 1)  # noqa: B023
