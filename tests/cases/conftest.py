"""A small portal for reports about calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", "showcase")]) as cloud:
        yield cloud.portal("romashka")
