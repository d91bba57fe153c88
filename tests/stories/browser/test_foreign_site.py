"""The portal's frame is a foreign site: nothing of the browser's own is kept there, and nobody else may frame it."""

from __future__ import annotations

from html import escape

import pytest
from playwright.sync_api import Frame

from tests.stories.browser.conftest import Opening
from tests.stories.browser.in_portal import in_portal
from tests.stories.browser.plant import Person, Plant
from tests.stories.browser.watching import Complaints
from tools.simulator.opening import opening
from tools.simulator.portal import SimulatedPortal

_KEPT = """() => {
  const found = {};
  document.cookie = "crmap-test=1; SameSite=None; Secure";
  found.cookie = document.cookie;
  try { localStorage.setItem("crmap", "1"); found.storage = "kept"; } catch (error) { found.storage = error.name; }
  return found;
}"""


def test_the_browser_keeps_nothing_for_the_frame(
    browsers: Opening, plant: Plant, person: Person, portal: SimulatedPortal
) -> None:
    """The other stories mean something only if it is so."""
    inside = in_portal(browsers(person), plant, portal)
    inside.open_read()
    assert inside.framed.evaluate(_KEPT) == {"cookie": "", "storage": "SecurityError"}


# A page of another portal that has got hold of an opening or a session, and posts it into a frame of its own.
_AROUND = """<!doctype html><meta charset="utf-8"><iframe name="inside"></iframe>
<form method="{method}" target="inside" action="{action}">{fields}</form><script>document.forms[0].submit()</script>"""


@pytest.mark.parametrize("address", ["/portal/", "/bitrix24/app", "/accounts"])
def test_another_portal_that_frames_a_page_of_ours_shows_nothing(
    browsers: Opening,
    plant: Plant,
    person: Person,
    portal: SimulatedPortal,
    complaints: Complaints,
    address: str,
) -> None:
    complaints.expect("frame-ancestors|X-Frame-Options|Failed to load resource|chrome-error:")
    plant.linked(portal, person)
    context = browsers(person, permissions=["local-network-access"])
    page, stranger = context.new_page(), f"{plant.portal().base_url}stranger/"
    around = stolen(plant, portal, address)
    page.route(stranger, lambda route: route.fulfill(body=around, content_type="text/html"))
    with page.expect_event("framenavigated", _refused):
        page.goto(stranger)
    assert complaints.seen("frame-ancestors|X-Frame-Options")


def _refused(frame: Frame) -> bool:
    """The browser stands where our page would be, once its answer has forbidden to show it."""
    return frame.parent_frame is not None and frame.url.startswith("chrome-error:")


def stolen(plant: Plant, portal: SimulatedPortal, address: str) -> str:
    """The other portal's page around this address."""
    visit = portal.open_app(plant.application, page=False)
    made = opening(portal, visit.installation, visit.chain, installer=False)
    action, form = made.url, dict(made.form)
    if address != "/bitrix24/app":
        action, form = f"{plant.url}{address}", {"session": plant.frame_session(portal)}
    fields = "".join(f'<input name="{escape(name)}" value="{escape(value)}">' for name, value in form.items())
    return _AROUND.format(
        method="get" if address == "/accounts" else "post", action=escape(action), fields=fields
    )
