"""Somebody who opens CRMAP in a portal, and somebody else who listens where he should not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway_room import Canary, GatewayRoom, canary
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def bird() -> Iterator[Canary]:
    with canary() as found:
        yield found


@pytest.fixture
def session(room: GatewayRoom, portal: SimulatedPortal) -> str:
    """The frame session of an administrator of ``portal``."""
    room.installed(portal)
    return room.frame(portal)
