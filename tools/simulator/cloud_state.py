"""The state of the simulated cloud: its portals, its two authorization servers, its applications, its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from tools.simulator.applications import Application, Card
from tools.simulator.clock import Clock
from tools.simulator.oauth.authority import Authority
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.portal import SimulatedPortal

#: Portals that share a port are told apart by names under this one, which browsers look up on this machine.
SHARED_HOST = "localhost"


@dataclass(slots=True)
class CloudState:
    """Both authorization servers know the same tokens."""

    clock: Clock
    authority: Authority
    oauth: OAuthServer
    twin: OAuthServer
    portals_by_name: dict[str, SimulatedPortal] = field(default_factory=dict)

    @property
    def portals(self) -> list[SimulatedPortal]:
        return list(self.portals_by_name.values())

    def portal(self, name: str) -> SimulatedPortal:
        if name not in self.portals_by_name:
            raise LookupError(f"no portal {name!r}, there are: {', '.join(self.portals_by_name)}")
        return self.portals_by_name[name]

    def at_host(self, host: str) -> SimulatedPortal | None:
        """The portal that calls itself so, if several share a port."""
        return self.portals_by_name.get(host.removesuffix(f".{SHARED_HOST}"))

    def register_application(
        self,
        client_id: str | None = None,
        secret: str | None = None,
        *,
        handler_url: str,
        **card: Unpack[Card],
    ) -> Application:
        """An application that can be installed on every portal. Raises ValueError."""
        return self.authority.applications.register(client_id, secret, handler_url, **card)
