"""Web services whose neighbours mean them harm, from addresses of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.cabinet_api import CabinetApi
from tests.faults.neighbours.watch import MOST_MB, Watch
from tests.long_runs import SEEN
from tests.machine_room import MachineRoom
from tests.servers import Databases, emptied
from tools.simulator.cloud import PortalSpec, SimulatedCloud

CONNECTIONS_PER_ADDRESS = 30


@pytest.fixture(scope="module")
def room(
    postgres_server: Databases, valkey_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MachineRoom]:
    url = postgres_server.fresh()
    own = {"CONNECTIONS_PER_ADDRESS": str(CONNECTIONS_PER_ADDRESS)}
    names = ("romashka", "hanging", "newcomer")
    with SimulatedCloud([PortalSpec(name, "tiny", seed) for seed, name in enumerate(names)]) as cloud:
        found = MachineRoom(tmp_path_factory.mktemp("neighbours"), url, emptied(valkey_server), cloud, own)
        try:
            found.start("gateway", "cabinet")
            yield found
        finally:
            found.close()
            postgres_server.drop(url)


@pytest.fixture
def victim(room: MachineRoom) -> Iterator[CabinetApi]:
    found = room.cabinet()
    yield found
    found.close()


@pytest.fixture(autouse=True)
def watch(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Iterator[Watch]:
    """What the victim sees becomes a line of the table at the end of the run; no process may take too much memory."""
    room = request.node.funcargs.get("room")

    def around() -> dict[str, int]:
        processes = room.processes.values() if isinstance(room, MachineRoom) else ()
        return {process.name: process.pid for process in processes if process.is_alive}

    found = Watch(around)
    yield found
    if found.waited_s:
        scenario = request.node.nodeid.rpartition("/")[2].removeprefix("test_")
        record_property(SEEN, found.seen(scenario.replace(".py::test_", ": ")).as_dict())
    assert {name: peak for name, peak in found.peaks_mb().items() if peak > MOST_MB} == {}
