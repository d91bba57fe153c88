"""What is looked at on a page: that nothing sticks out, that everybody can use it, and how it looks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Frame, Page

WIDTHS: Final = (1440, 1280, 768, 360)
_HEIGHT = 900
# Enough of a page to judge it by.
_TALLEST = 2400
_PICTURES = os.environ.get("CRMAP_SCREENSHOTS")
# With more axe takes minutes.
_MOST_ELEMENTS = 10_000
# Only the two worst of axe's four: the others are matters of taste.
_IMPACTS = ("serious", "critical")
_STICKS_OUT = """() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return "";
  const wide = [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > clientWidth + 1 && !one.closest(".scroll") && box.width;
  });
  const named = (one) => `${one.tagName.toLowerCase()}.${one.className} «${one.textContent.trim().slice(0, 40)}»`;
  return `${scrollWidth} px in ${clientWidth} px: ${wide.slice(0, 4).map(named).join(", ")}`;
}"""
# What is being fetched is pale meanwhile, and becomes so by degrees.
_SETTLED = """async () => {
  while (document.querySelector("[aria-busy=true]") || document.getAnimations().length)
    await new Promise((later) => setTimeout(later, 20));
}"""


def sticks_out(frame: Frame) -> str:
    """What makes the page scroll sideways; empty when nothing does."""
    found: str = frame.evaluate(_STICKS_OUT)
    return found


def barriers(frame: Frame) -> list[str]:
    """What keeps somebody from using the page, by axe's rules; those of the largest pages are those of small ones."""
    if frame.evaluate("document.all.length") > _MOST_ELEMENTS:
        return []
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(AXE_SCRIPT)
    options = json.dumps({"resultTypes": ["violations"], "iframes": False})
    found: dict[str, Any] = frame.evaluate(f"axe.run(document, {options})")
    return [
        f"{violation['id']}: {node['target'][0]} {node['html'][:120]}"
        for violation in found["violations"]
        if violation["impact"] in _IMPACTS
        for node in violation["nodes"][:3]
    ]


def looks(page: Page, name: str, frame: Frame | None = None) -> list[str]:
    """Everything that is wrong with the page at any width; pictures are kept where CRMAP_SCREENSHOTS names a folder."""
    shown, found = frame or page.main_frame, []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        shown.evaluate(_SETTLED)
        if wide := sticks_out(shown):
            found.append(f"{name} at {width}: {wide}")
        if width in (WIDTHS[1], WIDTHS[-1]):
            found += [f"{name} at {width}: {barrier}" for barrier in barriers(shown)]
        if _PICTURES:
            folder = Path(_PICTURES) / str(width)
            folder.mkdir(parents=True, exist_ok=True)
            tall = min(_TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
            page.screenshot(
                path=folder / f"{name}.png",
                full_page=True,
                clip={"x": 0, "y": 0, "width": width, "height": max(tall, _HEIGHT)},
            )
    return found
