"""An application in a portal's page in a real browser: what the person sees, what the two sides said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Frame, Page

from tools.simulator.installation import Installation
from tools.simulator.portal import SimulatedPortal

PAGE = "<!doctype html><title>Application</title><p>Hello</p><script src='{script}'></script>"


@dataclass(frozen=True, slots=True)
class Framed:
    """The portal's page and the frame in it."""

    page: Page

    @property
    def app(self) -> Frame:
        element = self.page.wait_for_selector("#app")
        assert element is not None
        frame = element.content_frame()
        assert frame is not None
        frame.wait_for_url(re.compile(r"^http://localhost:"))
        frame.wait_for_load_state()
        return frame

    def ready(self) -> Frame:
        """The frame, once BX24 has had its first answer."""
        frame = self.app
        frame.evaluate("() => new Promise((done) => BX24.init(done))")
        return frame

    def asked(self, call: str) -> Any:
        """What a function of BX24 calls back with: ``BX24.setTitle('x', done)``."""
        return self.ready().evaluate(f"() => new Promise((done) => {{ {call} }})")

    def tell(self, message: Any) -> None:
        """A message of the application, written by hand."""
        self.app.evaluate("(message) => parent.postMessage(message, '*')", message)

    def wait_for(self, entry: list[Any]) -> None:
        """The portal's page has this in its log."""
        self.page.wait_for_function("(entry) => log.some((one) => '' + one === '' + entry)", arg=entry)

    @property
    def commands(self) -> list[str]:
        """What the application asked, in its order."""
        return [str(text).partition(":")[0] for kind, text in self.page.evaluate("log") if kind == "in"]

    @property
    def sid(self) -> str:
        return str(self.app.evaluate("window.name")).split("|")[2]


def address(portal: SimulatedPortal, installation: Installation, query: str = "") -> str:
    """Where the portal shows the application."""
    return f"{portal.base_url}marketplace/app/{installation.row_id}/{query}"
