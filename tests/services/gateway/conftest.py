"""A gateway with a database of its own for each test, and a cloud whose portals nobody else uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway_room import Canary, GatewayRoom, canary
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud(
        [PortalSpec(name, "empty", seed) for seed, name in enumerate(("one", "two"))]
    ) as found:
        yield found


@pytest.fixture
def room(database_url: str, cloud: SimulatedCloud) -> Iterator[GatewayRoom]:
    found = GatewayRoom(database_url, cloud)
    yield found
    found.close()


@pytest.fixture
def portal(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("one")


@pytest.fixture
def other(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("two")


@pytest.fixture
def bird() -> Iterator[Canary]:
    with canary() as found:
        yield found


@pytest.fixture
def session(room: GatewayRoom, portal: SimulatedPortal) -> str:
    """The frame session of an administrator of ``portal``."""
    room.installed(portal)
    return room.frame(portal)
