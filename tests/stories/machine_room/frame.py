"""A page of the application in a portal's frame, and what its session may ask of the gateway."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.machine_room import MachineRoom
from tests.waiting import WITHIN_S
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal

_SESSION = re.compile(r'name="session" value="([^"]+)"')


class Frame:
    """Whoever has the page's session asks through it."""

    def __init__(self, room: MachineRoom, visit: Visit) -> None:
        assert visit.page is not None
        assert visit.page.status == 200, visit.page.text
        found = _SESSION.search(visit.page.text)
        assert found is not None, visit.page.text
        self._url, self._session = room.url("gateway"), found[1]
        self._cabinet = room.url("cabinet")

    def ask(self, path: str, **fields: str) -> httpx.Response:
        form = {"session": self._session, **fields}
        return httpx.post(f"{self._url}/bitrix24/{path}", data=form, timeout=WITHIN_S)

    def page(self) -> httpx.Response:
        """What the cabinet shows in the frame."""
        return httpx.post(f"{self._cabinet}/portal/", data={"session": self._session}, timeout=WITHIN_S)

    def link(self, token: str) -> Any:
        """The portal is linked to the token's cabinet, whose owner was shown before."""
        preview = self.ask("link/preview", token=token)
        assert preview.status_code == 200, preview.text
        linked = self.ask("link", token=token, preview=preview.json()["preview"])
        assert linked.status_code == 200, linked.text
        return linked.json()


def installed(room: MachineRoom, portal: SimulatedPortal) -> Frame:
    """The application is in the portal, by page and event, and its page is open."""
    portal.install(room.application)
    portal.finish_install(room.application)
    return Frame(room, portal.open_app(room.application))
