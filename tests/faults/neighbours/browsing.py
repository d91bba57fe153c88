"""What a browser in a portal's frame sends to the gateway, and from where."""

from __future__ import annotations

import httpx

from tests.machine_room import MachineRoom
from tests.waiting import WITHIN_S
from tools.simulator.opening import opening
from tools.simulator.portal import SimulatedPortal

Form = dict[str, str]

_SESSION = 'name="session" value="'


def form_of(room: MachineRoom, portal: SimulatedPortal, user: str = "admin") -> Form:
    """What the browser of somebody who opens the application posts; it is installed if it was not."""
    if room.application.client_id not in portal.installations:
        portal.install(room.application, page=False, event=False)
        portal.finish_install(room.application, event=False)
    visit = portal.open_app(room.application, user, page=False)
    return dict(opening(portal, visit.installation, visit.chain, installer=False).form)


def post(room: MachineRoom, path: str, form: Form, source: str) -> httpx.Response:
    """The gateway's answer to somebody at this address, whom the proxy in front of it names."""
    headers = {"X-Forwarded-For": source}
    return httpx.post(f"{room.url('gateway')}/bitrix24/{path}", data=form, headers=headers, timeout=WITHIN_S)


def session_in(page: httpx.Response) -> str:
    """The frame session of this page."""
    return page.text.partition(_SESSION)[2].partition('"')[0]
