"""An authorization server: one of the two at which the cloud renews tokens and says whose they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tools.simulator.faults import Faults
from tools.simulator.oauth.authority import Authority
from tools.simulator.oauth.faults import CATALOGUE
from tools.simulator.oauth.switches import OAuthSwitches


@dataclass(slots=True)
class OAuthServer:
    """What tests use: change ``switches`` or ``faults``, look at ``authority.chains``."""

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

    def as_dict(self) -> dict[str, Any]:
        """What happened here, and every chain that can be renewed."""
        return {
            "server": self.url,
            "counted": dict(self.counted),
            "chains": [chain.as_dict() for chain in self.authority.chains],
        }
