"""Who gets a connection: nobody takes so many that none are left for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import ip_address, ip_network

from uvicorn.server import ServerState

from shared.domain.network_address import place_of
from shared.http_server.hosts import Hosts
from shared.http_server.limits import Limits

# They ask for health and metrics, and are no visitors.
_THIS_MACHINE = ("127.0.0.1", "::1")


class Admission(ServerState):
    """What the connections of a server know of each other: the limits, its names, and how many there are."""

    def __init__(self, limits: Limits, hosts: Hosts, trusted_proxies: Sequence[str]) -> None:
        super().__init__()
        self.limits = limits
        self.hosts = hosts
        self._trusted = tuple(map(ip_network, (*trusted_proxies, *_THIS_MACHINE)))
        self._open: Counter[str] = Counter()
        self._strangers = 0

    def admit(self, place: str | None) -> HTTPStatus | None:
        """Counts a new connection. The status to refuse it with, if there are too many already."""
        if place is not None:
            if self._open[place] >= self.limits.connections_per_address:
                return HTTPStatus.TOO_MANY_REQUESTS
            if self._strangers >= self.limits.connections_of_strangers:
                return HTTPStatus.SERVICE_UNAVAILABLE
            self._open[place] += 1
            self._strangers += 1
        return None

    def release(self, place: str | None) -> None:
        """An admitted connection has ended."""
        if place is not None:
            self._strangers -= 1
            self._open[place] -= 1
            if not self._open[place]:
                del self._open[place]

    def place_of(self, client: tuple[str, int] | None) -> str | None:
        """Which clients count as one. None for those that are not limited, as they speak for others."""
        if client is None:
            return None
        address = ip_address(client[0].partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if any(address in network for network in self._trusted):
            return None
        return place_of(str(address))
