"""A cloud of two portals that nobody else uses, and a gateway that knows them, over a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway_room import GatewayRoom
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec("one", "empty", 0), PortalSpec("two", "empty", 1)]) as found:
        yield found


@pytest.fixture
def portal(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("one")


@pytest.fixture
def other(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("two")


@pytest.fixture
def room(database_url: str, cloud: SimulatedCloud) -> Iterator[GatewayRoom]:
    found = GatewayRoom(database_url, cloud)
    yield found
    found.close()
