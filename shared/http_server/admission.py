"""Who gets a connection: nobody takes so many that none are left for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from uvicorn.server import ServerState

from shared.http_server.hosts import Hosts
from shared.http_server.limits import Limits

# They ask for health and metrics, and are no visitors.
_THIS_MACHINE = ("127.0.0.1", "::1")
# Who has an IPv6 address has the whole /64.
_IPV6_NEIGHBOURS = 64

Network = IPv4Network | IPv6Network


class Admission(ServerState):
    """What the connections of a server know of each other: the limits, its names, and how many there are."""

    def __init__(self, limits: Limits, hosts: Hosts, trusted_proxies: Sequence[str]) -> None:
        super().__init__()
        self.limits = limits
        self.hosts = hosts
        self._trusted = tuple(map(ip_network, (*trusted_proxies, *_THIS_MACHINE)))
        self._open: Counter[Network] = Counter()
        self._strangers = 0

    def admit(self, network: Network | None) -> HTTPStatus | None:
        """Counts a new connection. The status to refuse it with, if there are too many already."""
        if network is not None:
            if self._open[network] >= self.limits.connections_per_address:
                return HTTPStatus.TOO_MANY_REQUESTS
            if self._strangers >= self.limits.connections_of_strangers:
                return HTTPStatus.SERVICE_UNAVAILABLE
            self._open[network] += 1
            self._strangers += 1
        return None

    def release(self, network: Network | None) -> None:
        """An admitted connection has ended."""
        if network is not None:
            self._strangers -= 1
            self._open[network] -= 1
            if not self._open[network]:
                del self._open[network]

    def network_of(self, client: tuple[str, int] | None) -> Network | None:
        """Which clients count as one. None for those that are not limited, as they speak for others."""
        if client is None:
            return None
        address = ip_address(client[0].partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if any(address in network for network in self._trusted):
            return None
        prefix = _IPV6_NEIGHBOURS if isinstance(address, IPv6Address) else address.max_prefixlen
        return ip_network((address, prefix), strict=False)
