"""One plant for all stories; each has people, portals and browsers of its own, and fails on what a browser says."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.servers import Databases
from tests.stories.browser.in_portal import InPortal, in_portal
from tests.stories.browser.plant import Person, Plant
from tests.stories.browser.plant import plant as planted
from tests.stories.browser.watching import Complaints, watched
from tools.simulator.portal import SimulatedPortal
from tools.standalone.valkey import valkey

Opening = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def plant(
    chromium: Browser,  # noqa: ARG001 - where there is no browser nothing has to be started
    postgres_server: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("browser")
    with valkey(folder / "broker") as broker, planted(folder, postgres_server.fresh(), broker.url) as found:
        yield found


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What browsers complained about; a story that says nothing about it fails on anything."""
    found = Complaints()
    yield found
    assert found.found() == []


@pytest.fixture
def browsers(chromium: Browser, plant: Plant, complaints: Complaints) -> Iterator[Opening]:
    """Opens a browser: ``browsers(person)`` is signed in, ``browsers()`` a stranger's."""
    with ExitStack() as stack:

        def opened(person: Person | None = None, **options: Any) -> BrowserContext:
            context = stack.enter_context(watched(chromium, complaints, base_url=plant.url, **options))
            if person is not None:
                plant.sign_in(context, person)
            return context

        yield opened


@pytest.fixture
def person(plant: Plant) -> Person:
    return plant.person()


@pytest.fixture
def portal(plant: Plant) -> SimulatedPortal:
    return plant.portal()


@pytest.fixture
def page(browsers: Opening, person: Person) -> Page:
    """A page of the person's browser, in which he is signed in."""
    return browsers(person).new_page()


@pytest.fixture
def inside(browsers: Opening, person: Person, plant: Plant, portal: SimulatedPortal) -> InPortal:
    """A page of a portal in which the application is installed and not opened yet, in a browser with a clipboard."""
    context = browsers(person)
    for site in (plant.url, portal.base_url):
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    return in_portal(context, plant, portal)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed story shows what every process said, and what stood in the portal's frame."""
    report = yield
    if not report.failed or call.when != "call":
        return report
    found, seen = item.funcargs.get("plant"), item.funcargs.get("inside")
    if isinstance(found, Plant):
        report.sections += [(f"log of {name}", tail) for name, tail in found.logs()]
    if isinstance(seen, InPortal):
        report.sections += [(f"frame {frame.url}", frame.content()) for frame in seen.page.frames[1:]]
    return report
