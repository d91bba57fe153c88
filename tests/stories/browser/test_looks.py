"""Every page at the widths of screens, tablets and phones: nothing sticks out, and nobody is kept out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.stories.browser.conftest import Opening
from tests.stories.browser.every_page import (
    ANYWHERE,
    NO_PAGES,
    PAGES,
    Estate,
    empty,
    furnished,
    routes,
)
from tests.stories.browser.in_portal import in_portal
from tests.stories.browser.looking import looks
from tests.stories.browser.plant import LARGE, Person, Plant
from tests.stories.browser.watching import VIEWPORT, Complaints, personal

# The large portal takes its time, so it is for pictures only.
SIZES = ("showcase", "L") if os.environ.get("CRMAP_SCREENSHOTS") else ("showcase",)
TABS = {
    "ВОРОНКИ": "pipelines",
    "СТАТУСЫ ВОРОНОК": "stages",
    "ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ": "fields",
    "ПОЛЬЗОВАТЕЛИ": "users",
}
PUBLIC = ("/sign-in", "/sign-up")
Showing = Callable[[Estate, str], Page]


@pytest.fixture(scope="module")
def nothing(plant: Plant) -> Estate:
    return empty(plant)


@pytest.fixture(scope="module", params=SIZES)
def estate(plant: Plant, request: pytest.FixtureRequest) -> Estate:
    size = str(request.param)
    portal = plant.portal() if size == "showcase" else plant.cloud.portal(LARGE)
    return furnished(plant, portal, plant.portal(), name=size)


@pytest.fixture(scope="module")
def pages(chromium: Browser, plant: Plant) -> Iterator[Callable[[Person | None], Page]]:
    """The one page of each person, and the stranger's: a browser of its own for every address costs half the time."""
    with ExitStack() as stack:

        @cache
        def page_of(person: Person | None) -> Page:
            context = stack.enter_context(personal(chromium, base_url=plant.url))
            if person is not None:
                plant.sign_in(context, person)
            context.route("**/refreshes/*", _standing)
            return context.new_page()

        yield page_of


def _standing(route: Route) -> None:
    """The page of a read that is under way comes anew every two seconds; it is to be looked at for longer."""
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=kept)


@pytest.fixture
def shown(pages: Callable[[Person | None], Page], complaints: Complaints) -> Iterator[Showing]:
    """Goes to this estate's page at a route. What it complains about is this test's."""
    with ExitStack() as stack:

        def page_at(estate: Estate, route: str) -> Page:
            page = pages(None if route in PUBLIC else estate.person)
            stack.enter_context(complaints.of(page.context))
            # As the browser was opened, whatever the test before has left.
            page.set_viewport_size(VIEWPORT)
            page.goto(PAGES[route](estate))
            return page

        yield page_at


def test_every_page_is_looked_at() -> None:
    assert set(routes()) - NO_PAGES <= set(PAGES)


@pytest.mark.parametrize("route", ANYWHERE)
def test_an_empty_cabinet_looks_well(
    shown: Showing, complaints: Complaints, nothing: Estate, route: str
) -> None:
    if route == "nowhere":
        complaints.expect("status of 404")
    assert looked_at(shown(nothing, route), nothing, route) == []


@pytest.mark.parametrize("route", sorted(set(PAGES) - set(PUBLIC)))
def test_a_furnished_cabinet_looks_well(
    shown: Showing, complaints: Complaints, estate: Estate, route: str
) -> None:
    if route == "nowhere":
        complaints.expect("status of 404")
    assert looked_at(shown(estate, route), estate, route) == []


@pytest.mark.parametrize("title", TABS)
def test_a_tab_in_the_portal_looks_well(browsers: Opening, plant: Plant, estate: Estate, title: str) -> None:
    assert estate.portal is not None
    inside = in_portal(browsers(), plant, estate.portal)
    inside.open_read()
    inside.tab(title)
    assert looks(inside.page, f"{estate.name}-portal-{TABS[title]}", inside.framed) == []


def test_the_settings_in_the_portal_look_well(browsers: Opening, plant: Plant, estate: Estate) -> None:
    assert estate.portal is not None
    inside = in_portal(browsers(), plant, estate.portal)
    inside.open_read()
    inside.button("НАСТРОЙКИ").click()
    dialog = inside.frame.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").first).to_be_visible()
    dialog.get_by_label("Токен подключения CRMAP").fill(estate.person.token)
    expect(dialog.locator(".whose")).to_be_visible()
    assert looks(inside.page, f"{estate.name}-portal-settings", inside.framed) == []


@pytest.mark.parametrize("ever_read", [True, False], ids=["read before", "never read"])
def test_an_account_whose_portal_says_it_is_closed_looks_well(
    browsers: Opening,
    plant: Plant,
    ever_read: bool,  # noqa: FBT001
) -> None:
    portal, person = plant.portal(), plant.person()
    portal.switches.portal_deleted = not ever_read
    account = person.api.connect(portal.webhook())
    if ever_read:
        person.api.until_state(account, "fresh")
        portal.switches.portal_deleted = True
        person.api.refresh(account)
    person.api.until_state(account, "access_lost")
    name = f"closed-{'after' if ever_read else 'before'}-a-read"
    page = browsers(person).new_page()
    page.goto(f"/accounts/{account}")
    expect(page.get_by_text("Последний раз так было")).to_be_visible()
    assert looks(page, f"{name}-account") == []
    page.goto("/accounts")
    assert looks(page, f"{name}-accounts") == []


def test_a_portal_that_is_being_read_looks_well(browsers: Opening, plant: Plant) -> None:
    portal = plant.portal()
    # The gateway asks the portal too before it shows the page, and waits for less than 8 s.
    portal.switches.latency_ms = 5_000
    inside = in_portal(browsers(), plant, portal)
    inside.open()
    expect(inside.frame.get_by_role("progressbar")).to_be_visible()
    assert looks(inside.page, "portal-first-read", inside.framed) == []
    portal.switches.latency_ms = 0


def looked_at(page: Page, estate: Estate, route: str) -> list[str]:
    name = re.sub(r"[^a-z_]+", "-", route.replace("_id", "")).strip("-")
    return looks(page, f"{estate.name}-{name}")
