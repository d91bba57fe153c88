"""A small portal to be cruel to, how cruel, and the dice."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", "showcase")]) as cloud:
        yield cloud.portal("romashka")


@pytest.fixture(scope="session")
def times(pytestconfig: pytest.Config) -> int:
    """How many times larger than usual a fault is."""
    return int(pytestconfig.getoption("times"))


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> Random:
    """The same for the same test in a run with the same seed."""
    return Random(f"{request.config.getoption('seed')}/{request.node.nodeid}")
