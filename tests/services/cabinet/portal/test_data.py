"""The data of a portal inside its frame: tabs, entities, age, receipt and the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.builders import a_snapshot
from tests.services.cabinet.portal.frames import Frame
from tools.simulator.portal import SimulatedPortal


def test_the_page_shows_the_tabs_with_their_fixed_words(
    portal: SimulatedPortal, read: Callable[..., Any], open_frame: Callable[..., Frame]
) -> None:
    read(portal, a_snapshot())
    page = open_frame(portal).open()
    assert page.status == 200, page.text
    titles = [button.text.split()[:1] for button in page.of("button", name="tab")]
    assert titles
