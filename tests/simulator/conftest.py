from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec("romashka", "showcase"), PortalSpec("fresh", "empty")]) as cloud:
        yield cloud


@pytest.fixture
def portal(cloud: SimulatedCloud) -> SimulatedPortal:
    """«Ромашка Опт», made anew for every test."""
    return cloud.portal("romashka")
