from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.simulator.listener import Listener, listening
from tools.simulator.applications import Application
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.installing import Visit
from tools.simulator.oauth.chains import Chain
from tools.simulator.portal import SimulatedPortal


class Clock:
    """Now, until a test says otherwise."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(clock: Clock) -> Iterator[SimulatedCloud]:
    with SimulatedCloud(
        [PortalSpec("romashka", "showcase"), PortalSpec("fresh", "empty")], clock=clock
    ) as cloud:
        yield cloud


@pytest.fixture
def portal(cloud: SimulatedCloud) -> SimulatedPortal:
    """«Ромашка Опт», made anew for every test."""
    return cloud.portal("romashka")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def application(cloud: SimulatedCloud, listener: Listener) -> Application:
    """A local application without an installer."""
    return cloud.register_application(
        handler_url=f"{listener.url}app?from=portal", events_url=f"{listener.url}events", kind="local"
    )


@pytest.fixture
def chain(portal: SimulatedPortal, application: Application) -> Chain:
    return portal.install(application, page=False, event=False).chain


@pytest.fixture
def visit(portal: SimulatedPortal, application: Application) -> Visit:
    return portal.install(application, page=False, event=False)
