"""The application as somebody sees it who opens it in his portal."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Frame, FrameLocator, Page

from tests.stories.browser.plant import Plant
from tools.simulator.portal import SimulatedPortal


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

    def address(self, who: int | str = "admin", language: str = "ru", **more: str) -> str:
        installation = self.portal.installation(self.plant.application)
        query = urlencode({"as": who, "lang": language, **more})
        return f"{self.portal.base_url}marketplace/app/{installation.row_id}/?{query}"

    def open(self, who: int | str = "admin", language: str = "ru", **more: str) -> None:
        """The application is opened by this user of the portal; ``more`` goes into the portal's address."""
        self.page.goto(self.address(who, language, **more))

    def install(self) -> None:
        """An administrator installs the application from its card, as far as its first page."""
        self.page.goto(f"{self.portal.base_url}marketplace/detail/{self.plant.application.client_id}/")
        self.page.locator("form button.main").click()


def in_portal(
    context: BrowserContext, plant: Plant, portal: SimulatedPortal, *, is_installed: bool = True
) -> InPortal:
    """A new page at this portal."""
    if is_installed and plant.application.client_id not in portal.installations:
        portal.install(plant.application)
        portal.finish_install(plant.application)
    return InPortal(context.new_page(), plant, portal)
