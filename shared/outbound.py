"""The one way out: an HTTP client that cannot be talked into visiting a private network.

Portals are named by strangers. Each request resolves the name itself, checks every address it may mean and connects
to the very address that was checked, so a name that changes its meaning between check and use gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from functools import cache

import certifi
import httpx

from shared.domain.errors import PrivateAddress, Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ranges that Python calls global but which lead to, or can wrap, an address that is not.
_TUNNELS = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::ffff:0:0/96", "::/96")
)


def client(*, allow_private: bool = False, timeout: httpx.Timeout | None = None) -> httpx.Client:
    """A client that reaches public addresses only, never follows a redirect and ignores proxy variables.

    ``allow_private`` opens loopback and private networks, for development. Requests raise PrivateAddress and
    Unreachable (``what="name"``) beside the errors of httpx.
    """
    return httpx.Client(
        transport=PinnedTransport(allow_private=allow_private),
        timeout=timeout if timeout is not None else httpx.Timeout(20, connect=3),
        follow_redirects=False,
        trust_env=False,
    )


class PinnedTransport(httpx.BaseTransport):
    """Sends each request to the address that was checked, under the name that was asked for."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = httpx.HTTPTransport(verify=_tls_context(), trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to ``request``, from a host that was allowed to be asked."""
        host = request.url.host
        address = checked_address(host, request.url.port, allow_private=self._allow_private)
        # httpx writes the Host header when the request is built; TLS still greets and verifies the name.
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=f"[{address}]" if ":" in address else address)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """No connection is open afterwards."""
        self._inner.close()


def checked_address(host: str, port: int | None, *, allow_private: bool) -> str:
    """An address of ``host`` that may be connected to.

    Raises Unreachable when the name has no address, PrivateAddress when any of its addresses is not public.
    """
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(host=host, what="name") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private and not all(is_public(ipaddress.ip_address(text)) for text in addresses):
        raise PrivateAddress(host=host)
    return addresses[0]


def is_public(address: Address) -> bool:
    """True for an address of the public internet that is not a tunnel into something else."""
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in _TUNNELS if network.version == address.version)


@cache
def _tls_context() -> ssl.SSLContext:
    # Reading the certificate bundle costs about 20 ms, so all clients of a process share one context.
    return ssl.create_default_context(cafile=certifi.where())
