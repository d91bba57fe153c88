"""A real Chromium for the tests: the one the environment names, else the one on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

_PLACES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
#: No sandbox, because containers and continuous integration run as root; the rest keeps it from calling home.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Ends a test that would hang, in place of the five seconds Playwright gives what is expected.
PATIENCE_MS = 60_000


class BrowserMissing(Exception):
    """There is no Chromium to be had; the text says what to do."""


def chromium_program() -> Path:
    """Where Chromium is: CRMAP_TEST_CHROMIUM, the usual place, or PATH. Raises BrowserMissing."""
    named = os.environ.get("CRMAP_TEST_CHROMIUM")
    for place in (named,) if named else _PLACES:
        if found := shutil.which(place):
            return Path(found)
    raise BrowserMissing(
        f"CRMAP_TEST_CHROMIUM names {named}, which is no program"
        if named
        else "no Chromium on this machine: install it, or name one in CRMAP_TEST_CHROMIUM"
    )


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium without a window that lives as long as the block. Raises BrowserMissing."""
    program = chromium_program()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            yield opened
        finally:
            opened.close()


@contextlib.contextmanager
def browser_context(opened: Browser) -> Iterator[BrowserContext]:
    """A person's browser with nothing kept in it: no cookies, no storage, Russian."""
    context = opened.new_context(locale="ru-RU", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


@contextlib.contextmanager
def or_skipped() -> Iterator[None]:
    """A missing browser skips the test with its reason, and fails it where everything has to be there."""
    try:
        yield
    except BrowserMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
