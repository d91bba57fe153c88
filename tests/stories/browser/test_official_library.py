"""The vendor's newer library in the pretend portal's frame: what CRMAP is tested in is what that library knows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.stories.browser.conftest import Opening
from tests.stories.browser.plant import Plant
from tools.simulator.messages import Request, Response, html_response
from tools.simulator.portal import SimulatedPortal
from tools.simulator.server import Delivery, HttpServer, Latency, no_latency, whole

# An application of nobody's: it greets the portal and says what it has heard.
_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>SDK</title><link rel="icon" href="data:,">
<pre id="said"></pre><script src="/library.js"></script><script>
(async () => {
  const b24 = await B24Js.initializeB24Frame();
  const auth = b24.auth.getAuthData();
  await b24.parent.setTitle("Привет: от библиотеки");
  await b24.parent.resizeWindow(900, 777);
  await b24.options.userSet("colour", "зелёный");
  const fresh = await b24.auth.refreshAuth();
  const answer = await b24.actions.v2.call.make({ method: "user.current", params: {} });
  document.getElementById("said").textContent = JSON.stringify({
    admin: b24.auth.isAdmin, language: b24.getLang(), member: auth.member_id, place: b24.placement.title,
    isFresh: fresh.access_token !== auth.access_token, user: answer.getData().result.ID,
  });
})().catch((error) => console.error(String(error)));
</script>"""


@pytest.fixture(scope="module")
def library() -> bytes:
    """The library as `make test` has got it; a test itself asks the network for nothing."""
    named = os.environ.get("CRMAP_TEST_B24JSSDK")
    if named is None:
        pytest.skip(
            "no library of the vendor's: make test gets it from npm, or name it in CRMAP_TEST_B24JSSDK"
        )
    return Path(named).read_bytes()


@pytest.fixture
def handler(library: bytes) -> Iterator[str]:
    """The address of the application's only page."""

    def answer(request: Request) -> tuple[Response, Delivery, Latency]:
        if request.path == "/library.js":
            return (
                Response(200, library, {"Content-Type": "text/javascript; charset=utf-8"}),
                whole,
                no_latency,
            )
        return html_response(200, _PAGE), whole, no_latency

    server = HttpServer(("127.0.0.1", 0), answer)
    server.start()
    yield f"http://localhost:{server.port}/"
    server.close()


def test_it_greets_the_pretend_portal_and_is_understood(
    browsers: Opening, plant: Plant, portal: SimulatedPortal, handler: str
) -> None:
    application = plant.cloud.register_application(handler_url=handler, kind="local")
    installation = portal.install(application, page=False).installation
    page = browsers().new_page()
    page.goto(f"{portal.base_url}marketplace/app/{installation.row_id}/?lang=ru")
    said = page.frame_locator("#app").locator("#said")
    expect(said).not_to_be_empty()
    assert said.evaluate("(said) => JSON.parse(said.textContent)") == {
        "admin": True,
        "language": "ru",
        "member": portal.member_id,
        "place": "DEFAULT",
        "isFresh": True,
        "user": "1",
    }
    expect(page.locator("#pagetitle")).to_have_text("Привет: от библиотеки")
    assert page.locator("#box").bounding_box()["height"] == 777  # type: ignore[index]
    assert installation.user_options == {1: {"colour": "зелёный"}}
