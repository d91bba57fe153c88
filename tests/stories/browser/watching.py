"""A person's browser that keeps whatever it complains about: on the console, in scripts, about policies, in dialogs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, ViewportSize, WebError

from tests.browser import PATIENCE_MS

VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 900}
# Chromium says most of it on the console as well, but not which of our rules it was.
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} of ${event.blockedURI}, ${event.sourceFile}:${event.lineNumber}`));
"""


class Complaints:
    """What a browser has complained about, but for what the test has expected."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """Complaints that contain this are part of the story."""
        self._expected.append(re.compile(pattern))

    def seen(self, pattern: str) -> bool:
        """True when there was one that contains this, expected or not."""
        return any(re.search(pattern, text) for text in self._found)

    def found(self) -> list[str]:
        return [text for text in self._found if not any(known.search(text) for known in self._expected)]

    @contextlib.contextmanager
    def of(self, context: BrowserContext) -> Iterator[None]:
        """Whatever happens in this browser during the block is noted."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)
        try:
            yield
        finally:
            context.remove_listener("console", self._console)
            context.remove_listener("weberror", self._error)
            context.remove_listener("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._found.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self._found.append(f"script: {error.error}")

    def _dialog(self, dialog: Dialog) -> None:
        self._found.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextlib.contextmanager
def personal(opened: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A browser with nothing kept in it, Russian unless told otherwise; ``options`` are those of Playwright."""
    usual = {"locale": "ru-RU", "viewport": VIEWPORT, "accept_downloads": True}
    context = opened.new_context(**{**usual, **options})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(_TELL_VIOLATIONS)
    try:
        yield context
    finally:
        context.close()


@contextlib.contextmanager
def watched(opened: Browser, complaints: Complaints, **options: Any) -> Iterator[BrowserContext]:
    """The same, and whatever it complains about until it is closed is noted."""
    with contextlib.ExitStack() as stack:
        # Ends last: a browser that is being closed may still complain.
        noting = stack.enter_context(contextlib.ExitStack())
        context = stack.enter_context(personal(opened, **options))
        noting.enter_context(complaints.of(context))
        yield context
