"""The vendor's newer library in the pretend portal's frame: what CRMAP is tested in is what that library knows."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.stories.browser.conftest import Opening
from tests.stories.browser.plant import Plant
from tools.simulator.messages import Request, Response, html_response
from tools.simulator.portal import SimulatedPortal
from tools.simulator.server import Delivery, HttpServer, whole

PACKAGE: Final = "@bitrix24/b24jssdk@2.2.0"
_LIBRARY: Final = "package/dist/umd/index.min.js"
_WITHIN_S: Final = 60
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
def library(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The library as npm has it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm on this machine to get the vendor's library with")
    folder = tmp_path_factory.mktemp("npm")
    try:
        packed = subprocess.run(
            [npm, "pack", PACKAGE, "--silent"],
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **_npm_settings()},
            timeout=_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm does not answer within {_WITHIN_S} s")
    if packed.returncode:
        pytest.skip(f"npm has no {PACKAGE} for us: {packed.stderr.strip()[-300:]}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as opened:
        found = opened.extractfile(_LIBRARY)
        assert found is not None
        return found.read()


def _npm_settings() -> dict[str, str]:
    """What somebody has set up for npm on this machine, a registry of his own among it."""
    home = Path.home() / ".npmrc"
    named = {name: value for name, value in os.environ.items() if name.lower().startswith("npm_config_")}
    certificates = {name: os.environ[name] for name in ("NODE_EXTRA_CA_CERTS",) if name in os.environ}
    return {**({"NPM_CONFIG_USERCONFIG": str(home)} if home.exists() else {}), **named, **certificates}


@pytest.fixture
def handler(library: bytes) -> Iterator[str]:
    """The address of the application's only page."""

    def answer(request: Request) -> tuple[Response, Delivery, float]:
        if request.path == "/library.js":
            return Response(200, library, {"Content-Type": "text/javascript; charset=utf-8"}), whole, 0.0
        return html_response(200, _PAGE), whole, 0.0

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
