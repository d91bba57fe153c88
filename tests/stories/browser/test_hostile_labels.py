"""Names that somebody chose to do harm with: no page runs, follows or is bent by any of them."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Frame

from tests.stories.browser.conftest import Opening
from tests.stories.browser.every_page import ANYWHERE, PAGES, Estate, furnished
from tests.stories.browser.in_portal import SAVE_AS_FILE, in_portal
from tests.stories.browser.looking import sticks_out
from tests.stories.browser.plant import Plant
from tests.stories.browser.watching import Complaints
from tools.simulator.ledger import DEAL
from tools.simulator.portal import SimulatedPortal

LABELS: Final = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '" onmouseover=alert(1) x="',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "{{7*7}}",
    "${7*7}",
    "%s%n%(title)s",
    '=HYPERLINK("http://e/?"&A1,"x")',
    "+1+1",
    "@SUM(1)",
    "\t=1",
    "|---|",
    "[x](javascript:alert(1))",
    "![](https://e/b.png)",
    "# h",
    "one\r\ntwo\nthree\u2028four",
    "\u202egnp.exe",
    "\u2066left\u2069 to right",
    "a\u200bb\ufeffc",
    "\x1b[2J\x07",
    "👩\u200d👩\u200d👧\u200d👦 семья",
    "й й",
    "../../etc/passwd",
    "CON",
    "[Архив]",
    "Продажи/2025",
    "ПРОДАЖИ/2025",
    "<!--",
    "&lt;b&gt;&amp;",
    "</textarea><template><style>*{display:none}",
    "W" * 300,
    "слово " * 400,
)
HUGE: Final = "я" * 40_000
# What the labels would have become, had any of them been taken for more than text.
_INTRUDERS = """() => [
  ...document.querySelectorAll("img, iframe, object, embed, style, base, [style]"),
  ...document.querySelectorAll("[onmouseover], [onerror], [onfocus], [onload], a[href^='javascript' i]"),
  ...document.querySelectorAll("template:not(#settings template)"),
  ...document.querySelectorAll("script:not([src]):not([type='application/json'])"),
  ...[...document.querySelectorAll("[src], [href], [action]")].filter((one) => {
    const address = one.getAttribute("src") ?? one.getAttribute("href") ?? one.getAttribute("action");
    return !/^(data:|#)/.test(address) && new URL(address, location.href).origin !== location.origin;
  }),
].map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def estate(plant: Plant) -> Estate:
    portal = plant.portal()
    bewitch(portal)
    return furnished(plant, portal, plant.portal(), name="hostile", title='<b onclick="alert(1)">«Группа»')


def bewitch(portal: SimulatedPortal) -> None:
    """Everything in the portal that people give names to has every one of these names."""
    portal.crm.settings.title = LABELS[0]
    portal.edit("rename_smart_process", entity_type_id=1040, to=LABELS[1])
    portal.edit("add_user_field", owner="CRM_DEAL", kind="enumeration", label="Список", values=LABELS)
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=HUGE)
    for label in LABELS:
        portal.edit("add_pipeline", entity_type_id=DEAL, name=label)
        portal.edit("add_stage", directory="DEAL_STAGE", name=label)
        portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=label)
        portal.edit("add_user", name=label, last_name=label, position=label)
        portal.edit("add_department", name=label)


@pytest.mark.parametrize("route", [*sorted(set(PAGES) - set(ANYWHERE)), "/accounts"])
def test_a_page_shows_them_and_nothing_comes_of_it(
    browsers: Opening, complaints: Complaints, estate: Estate, route: str
) -> None:
    page = browsers(estate.person).new_page()
    page.goto(PAGES[route](estate))
    assert intruders(page.main_frame) == []
    assert sticks_out(page.main_frame) == ""
    page.set_viewport_size({"width": 360, "height": 800})
    assert sticks_out(page.main_frame) == ""
    assert complaints.found() == []


def test_the_tabs_in_the_portal_show_them_and_nothing_comes_of_it(
    browsers: Opening, plant: Plant, estate: Estate
) -> None:
    assert estate.portal is not None
    inside = in_portal(browsers(), plant, estate.portal)
    inside.open_read()
    for width in (1280, 400):
        inside.page.set_viewport_size({"width": width, "height": 900})
        for title in ("ВОРОНКИ", "СТАТУСЫ ВОРОНОК", "ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ", "ПОЛЬЗОВАТЕЛИ"):
            inside.tab(title)
            inside.everything()
            # The portal's script is the one thing of another site that belongs there.
            assert [one for one in intruders(inside.framed) if 'id="bx24"' not in one] == []
            assert sticks_out(inside.framed) == ""
    with inside.page.expect_download():
        inside.button(SAVE_AS_FILE).click()


def intruders(frame: Frame) -> list[str]:
    found: list[str] = frame.evaluate(_INTRUDERS)
    return found
