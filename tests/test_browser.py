"""The browser the tests of pages share."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser import BrowserMissing, chromium_program


def test_a_test_gets_a_browser_with_nothing_kept_in_it(browser_context: BrowserContext) -> None:
    page = browser_context.new_page()
    page.set_content("<!doctype html><title>CRMAP</title>")
    assert (page.title(), browser_context.cookies()) == ("CRMAP", [])


def test_a_wrong_name_of_the_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMAP_TEST_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(
        BrowserMissing, match="CRMAP_TEST_CHROMIUM names /nowhere/chromium, which is no program"
    ):
        chromium_program()
