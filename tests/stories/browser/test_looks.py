"""Every page at the widths of screens, tablets and phones: nothing sticks out, and nobody is kept out."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page

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
from tests.stories.browser.looking import looks
from tests.stories.browser.plant import LARGE, Plant
from tests.stories.browser.watching import Complaints

# The large portal takes its time, so it is for pictures only.
SIZES = ("showcase", "L") if os.environ.get("CRMAP_SCREENSHOTS") else ("showcase",)
PUBLIC = ("/sign-in", "/sign-up")


@pytest.fixture(scope="module")
def nothing(plant: Plant) -> Estate:
    return empty(plant)


@pytest.fixture(scope="module", params=SIZES)
def estate(plant: Plant, request: pytest.FixtureRequest) -> Estate:
    size = str(request.param)
    portal = plant.portal() if size == "showcase" else plant.cloud.portal(LARGE)
    return furnished(plant, portal, plant.portal(), name=size)


def test_every_page_is_looked_at() -> None:
    assert set(routes()) - NO_PAGES <= set(PAGES)


@pytest.mark.parametrize("route", ANYWHERE)
def test_an_empty_cabinet_looks_well(
    browsers: Opening, complaints: Complaints, nothing: Estate, route: str
) -> None:
    if route == "nowhere":
        complaints.expect("status of 404")
    page = browsers(None if route in PUBLIC else nothing.person).new_page()
    assert looked_at(page, nothing, route) == []


@pytest.mark.parametrize("route", sorted(set(PAGES) - set(PUBLIC)))
def test_a_furnished_cabinet_looks_well(
    browsers: Opening, complaints: Complaints, estate: Estate, route: str
) -> None:
    if route == "nowhere":
        complaints.expect("status of 404")
    assert looked_at(browsers(estate.person).new_page(), estate, route) == []


def looked_at(page: Page, estate: Estate, route: str) -> list[str]:
    page.goto(PAGES[route](estate))
    name = re.sub(r"[^a-z_]+", "-", re.sub(r"\{.*?\}", "", route)).strip("-") or "home"
    return looks(page, f"{estate.name}-{name}")
