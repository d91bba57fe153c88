"""What portals and their people post to a gateway: the form, and the address it goes to."""

from __future__ import annotations

import httpx

from bench.event_load import Knock
from tests.machine_room import MachineRoom
from tools.simulator.installing import Visit
from tools.simulator.opening import opening
from tools.simulator.portal import SimulatedPortal


def post(room: MachineRoom, knock: Knock) -> None:
    """The gateway has taken it. Raises httpx.HTTPError."""
    answer = httpx.post(
        f"{room.url('gateway')}{knock.address}",
        content=knock.body(0),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=60,
    )
    answer.raise_for_status()


def installation(room: MachineRoom, portal: SimulatedPortal) -> Knock:
    """An administrator installs the application, which the gateway does not know yet."""
    return _page(portal, portal.install(room.application, page=False, event=False), "install")


def opening_of(room: MachineRoom, portal: SimulatedPortal) -> Knock:
    """An administrator opens the application, which is installed."""
    portal.finish_install(room.application, event=False)
    return _page(portal, portal.open_app(room.application, page=False), "app")


def event_of(room: MachineRoom, portal: SimulatedPortal) -> Knock:
    """Somebody has changed a user field in the portal, where the application is installed."""
    return Knock(
        "/bitrix24/events",
        {
            "event": "ONCRMDEALUSERFIELDADD",
            "event_handler_id": "185",
            "ts": str(int(portal.clock())),
            "auth[domain]": portal.address,
            "auth[client_endpoint]": portal.endpoint,
            "auth[server_endpoint]": room.cloud.oauth.endpoint,
            "auth[member_id]": portal.member_id,
            "auth[application_token]": portal.installation(room.application).application_token,
        },
    )


def _page(portal: SimulatedPortal, visit: Visit, page: str) -> Knock:
    posted = opening(portal, visit.installation, visit.chain, installer=page == "install")
    return Knock(f"/bitrix24/{page}", dict(posted.form))
