"""The application as somebody sees it who opens it in his portal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Frame, FrameLocator, Locator, Page, expect

from tests.stories.browser.plant import Plant
from tools.simulator.portal import SimulatedPortal

SAVE_AS_FILE = "СОХРАНИТЬ В TXT ФАЙЛ"


@dataclass(frozen=True)
class InPortal:
    """A page of the portal with the application's frame in it."""

    page: Page
    plant: Plant
    portal: SimulatedPortal

    @property
    def frame(self) -> FrameLocator:
        """What the application shows, whatever page it is on by now."""
        return self.page.frame_locator("#app")

    @property
    def framed(self) -> Frame:
        """The frame as it is now, for asking it things."""
        (found,) = (frame for frame in self.page.frames if frame.url.startswith(self.plant.url))
        return found

    @property
    def messages(self) -> list[list[str]]:
        """What portal and application have said to each other."""
        found: list[list[str]] = self.page.evaluate("window.log")
        return found

    def address(self, who: int | str = "admin", language: str = "ru", **more: str) -> str:
        installation = self.portal.installation(self.plant.application)
        query = urlencode({"as": who, "lang": language, **more})
        return f"{self.portal.base_url}marketplace/app/{installation.row_id}/?{query}"

    def open(self, who: int | str = "admin", language: str = "ru", **more: str) -> None:
        """The application is opened by this user of the portal; ``more`` goes into the portal's address."""
        self.page.goto(self.address(who, language, **more))

    def open_read(self, who: int | str = "admin", language: str = "ru", **more: str) -> None:
        """The same, until the data of the portal are there and no further read will change them.

        And the scripts: without them buttons lead to pages.
        """
        self.open(who, language, **more)
        expect(self.row(0)).to_be_visible()
        self.framed.wait_for_load_state("domcontentloaded")
        self.plant.until_at_rest(self.portal)
        expect(self.frame.locator("[data-refresh]")).to_have_count(0)

    def until_greeted(self) -> None:
        """The portal's script has the tokens of this opening: it has had the portal's first answer.

        One question and no polling: Playwright polls by ``eval``, which our own policy refuses in this frame.
        """
        self.framed.wait_for_load_state()
        self.framed.evaluate("() => new Promise((done) => BX24.init(() => done()))")

    def install(self) -> None:
        """An administrator installs the application from its card, as far as its first page."""
        self.page.goto(f"{self.portal.base_url}marketplace/detail/{self.plant.application.client_id}/")
        self.page.locator("form button.main").click()

    def button(self, name: str) -> Locator:
        return self.frame.get_by_role("button", name=name)

    def tab(self, title: str) -> None:
        """This tab is shown."""
        button = self.frame.locator("nav.tabs").get_by_role("button", name=re.compile(f"^{title}"))
        button.click()
        expect(button).to_have_attribute("aria-current", "page")

    def row(self, place: int) -> Locator:
        return self.frame.locator("[data-row]").nth(place)

    def everything(self) -> str:
        """The text of the current tab, of all its entities."""
        shown = []
        chips = self.frame.locator("nav.chips button")
        for place in range(max(1, chips.count())):
            if chips.count():
                chips.nth(place).click()
                expect(chips.nth(place)).to_have_attribute("aria-current", "true")
            shown.append(self.frame.locator("main").inner_text())
        return "\n".join(shown)

    def saved_file(self, name: str = SAVE_AS_FILE) -> bytes:
        """What lands in the folder of downloads."""
        with self.page.expect_download() as download:
            self.button(name).click()
        return Path(download.value.path()).read_bytes()


def in_portal(
    context: BrowserContext, plant: Plant, portal: SimulatedPortal, *, is_installed: bool = True
) -> InPortal:
    """A new page at this portal."""
    if is_installed and plant.application.client_id not in portal.installations:
        portal.install(plant.application)
        portal.finish_install(plant.application)
    return InPortal(context.new_page(), plant, portal)
