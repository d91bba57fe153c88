"""A worker in this process beside a gateway, over one database; in the portals there is something to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.sync_worker.app import create_worker
from services.sync_worker.worker import Worker
from shared.settings import Settings
from tests.gateway_room import KEY, GatewayRoom
from tools.simulator.cloud import PortalSpec, SimulatedCloud

PUBLIC_URL = "https://crmap.example"


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec("one", "tiny", 1), PortalSpec("two", "tiny", 2)]) as found:
        yield found


@contextmanager
def running_worker(room: GatewayRoom, broker_url: str) -> Iterator[Worker]:
    """A worker over the room's database, whose bells go to this broker."""
    settings: dict[str, Any] = {
        "database_url": room.url,
        "broker_url": broker_url,
        "secret_keys": KEY,
        "allow_private_portals": True,
        "bitrix24_oauth_servers": f"{room.cloud.oauth.url},{room.cloud.twin.url}",
        "public_url": PUBLIC_URL,
    }
    found = create_worker(Settings(**settings))
    with found.http:
        yield found
    found.db.close()
    found.celery.close()


@pytest.fixture
def worker(room: GatewayRoom) -> Iterator[Worker]:
    with running_worker(room, room.broker_url) as found:
        yield found
