"""One machine room for all stories; each has portals and a cabinet of its own in it."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom, machine_room
from tests.servers import Databases
from tools.simulator.portal import SimulatedPortal
from tools.standalone.valkey import valkey


@pytest.fixture(scope="session")
def room(postgres_server: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MachineRoom]:
    folder = tmp_path_factory.mktemp("machine-room")
    with (
        valkey(folder / "broker") as broker,
        machine_room(folder, postgres_server.fresh(), broker.url) as found,
    ):
        yield found


@pytest.fixture
def portal(room: MachineRoom) -> SimulatedPortal:
    return room.portal()


@pytest.fixture
def cabinet(room: MachineRoom) -> Iterator[CabinetApi]:
    found = room.cabinet()
    yield found
    found.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed story shows what every process said."""
    report = yield
    room = item.funcargs.get("room")
    if report.failed and call.when == "call" and isinstance(room, MachineRoom):
        report.sections += [(f"log of {name}", tail) for name, tail in room.logs()]
    return report
