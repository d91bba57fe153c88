"""Web services whose neighbours mean them harm, from addresses of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cabinet_api import CabinetApi
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
