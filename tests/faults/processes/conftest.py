"""A machine room to be cruel to. After every test it has to be whole again, and so has what it knows."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.cabinet_api import CabinetApi
from tests.faults.processes.servers import Servers, servers
from tests.machine_room import MachineRoom, machine_room
from tests.servers import or_skipped
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal

# Enough for all tests here together, each of which takes new ones; some take more in a larger run.
PORTALS, FOR_EACH_TIME = 150, 30


@pytest.fixture(scope="session")
def plant() -> Iterator[Servers]:
    with or_skipped(), servers() as found:
        yield found


@pytest.fixture(scope="session")
def room(plant: Servers, tmp_path_factory: pytest.TempPathFactory, times: int) -> Iterator[MachineRoom]:
    folder = tmp_path_factory.mktemp("cruel-room")
    with machine_room(
        # As short as a test is patient.
        folder,
        plant.postgres.url(),
        plant.valkey.url,
        portals=PORTALS + FOR_EACH_TIME * times,
        WORKER_LEASE="4s",
        WORKER_GRACE="3s",
    ) as found:
        yield found


@pytest.fixture
def cabinet(room: MachineRoom) -> Iterator[CabinetApi]:
    found = room.cabinet()
    yield found
    found.close()


@pytest.fixture
def portal(room: MachineRoom) -> SimulatedPortal:
    return room.portal()


@pytest.fixture(autouse=True)
def whole_again(room: MachineRoom) -> Iterator[None]:
    """Nothing is lost, doubled or half: once every fault has ended, all is quiet and every history is without a gap."""
    yield
    for portal in room.cloud.portals:
        portal.switches.latency_ms = 0
        portal.faults.clear()
    room.cloud.oauth.switches.latency_ms = 0
    room.mend()
    until(lambda: active_jobs(room) == [], what="quiet")
    assert [numbers for numbers in histories(room) if numbers != list(range(1, len(numbers) + 1))] == []
    assert half_snapshots(room) == []


def active_jobs(room: MachineRoom) -> list[tuple[str, str, str]]:
    """Jobs that run or could, with their portals."""
    return room.rows(
        "select p.domain, j.state, j.lease_owner from job j join portal p on p.id = j.portal_id"
        " where j.state = 'running' or (j.state = 'queued' and j.run_after <= now())"
    )


def histories(room: MachineRoom) -> list[list[int]]:
    """The numbers of each portal's versions."""
    rows = room.rows("select array_agg(number order by number) from snapshot group by portal_id")
    return [numbers for (numbers,) in rows]


def half_snapshots(room: MachineRoom) -> list[tuple[str, int]]:
    """Versions that lack a part for a kind which was read completely."""
    return room.rows(
        "select s.portal_id, s.number from snapshot s cross join lateral jsonb_array_elements(s.coverage) line"
        " where line->>'state' = 'complete' and line->>'kind' <> 'portal' and not exists"
        " (select 1 from snapshot_part p where p.portal_id = s.portal_id and p.number = s.number"
        " and p.kind = line->>'kind' and p.entity_type = coalesce(line->>'entity_type', ''))"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what every process said."""
    report = yield
    room = item.funcargs.get("room")
    if report.failed and call.when != "setup" and isinstance(room, MachineRoom):
        report.sections += [(f"log of {name}", tail) for name, tail in room.logs()]
    return report
