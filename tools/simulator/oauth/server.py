"""An authorization server: one of the two faces under which the cloud renews tokens and tells whose they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tools.simulator.admission import parameters
from tools.simulator.answers import Refusal
from tools.simulator.faults import Fault, Faults
from tools.simulator.messages import Request, Response, html_response, json_response
from tools.simulator.oauth.authority import Authority
from tools.simulator.oauth.faults import APP_INFO, CATALOGUE, TOKEN, WITHOUT_ROTATION
from tools.simulator.oauth.requests import PortalUnknown, app_info, tokens
from tools.simulator.oauth.switches import OAuthSwitches
from tools.simulator.server import Delivery, whole

_NOTHING_HERE = "<!doctype html><title>404 Not Found</title><h1>404 Not Found</h1>"


@dataclass(slots=True)
class OAuthServer:
    """What tests hold in their hands: change ``switches`` or ``faults``, look at ``authority.chains``."""

    authority: Authority = field(repr=False)
    name: str = "oauth"
    address: str = ""  # host and port
    switches: OAuthSwitches = field(default_factory=OAuthSwitches)
    faults: Faults = field(default_factory=lambda: Faults(catalogue=CATALOGUE))
    #: Answers by what they were: "token", "app.info", or the error.
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def endpoint(self) -> str:
        """What portals call ``server_endpoint``."""
        return f"{self.url}/rest/"

    def answer(self, request: Request) -> tuple[Response, Delivery, float]:
        """The answer to a request for tokens or facts, spoiled by at most one fault."""
        asked = _asked(request.path)
        if asked is None:
            return html_response(404, _NOTHING_HERE), whole, 0.0
        with self.authority.lock:
            fault = self.faults.of_whole({asked})
            response = self._response(asked, request, fault)
        delivery: Delivery = whole
        if fault is not None:
            response, delivery = self.faults.spoiled(fault, request, response)
        return response, delivery, self.switches.latency_ms / 1000

    def as_dict(self) -> dict[str, Any]:
        """What happened here, and every chain that can be renewed."""
        return {
            "server": self.url,
            "counted": dict(self.counted),
            "chains": [chain.as_dict() for chain in self.authority.chains],
        }

    def _response(self, asked: str, request: Request, fault: Fault | None) -> Response:
        params = parameters(request)
        rotate = fault is None or fault.name not in WITHOUT_ROTATION
        try:
            found = tokens(self, params, rotate=rotate) if asked == TOKEN else app_info(self, request, params)
        except Refusal as refusal:
            self.counted[str(refusal.error)] += 1
            return json_response(refusal.status, refusal.envelope())
        except PortalUnknown:
            self.counted["404"] += 1
            return html_response(404, _NOTHING_HERE)
        self.counted[asked] += 1
        return json_response(200, found)


def _asked(path: str) -> str | None:
    known = {"/oauth/token": TOKEN, "/rest/app.info": APP_INFO, "/rest/app.info.json": APP_INFO}
    return known.get(path.rstrip("/"))
