"""The one way out: HTTP that cannot be talked into visiting a private network, waiting for ever or filling memory.

Portals are named by strangers. Each request resolves the name itself, checks every address it may mean and connects
to the very address that was checked, so a name that changes its meaning between check and use gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

import certifi
import httpx

from shared.domain.errors import BadAnswer, PrivateAddress, Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_BODY_BYTES = 32 * 2**20
# Ranges that Python calls global but which lead to, or can wrap, an address that is not.
_TUNNELS = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::ffff:0:0/96", "::/96")
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one request may take, in seconds: to connect, between two bytes, altogether."""

    connect_s: float
    idle_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer, read whole. ``location`` is the target of a redirect, which is never followed."""

    status: int
    body: bytes
    location: str = ""


class Outbound:
    """A client that reaches public addresses only, follows no redirect and ignores proxy variables.

    ``allow_private`` opens loopback and private networks, for development. Use as a context manager; threads may
    share one.
    """

    def __init__(self, *, allow_private: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._http = httpx.Client(
            transport=_PinnedTransport(allow_private=allow_private), follow_redirects=False, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def post(self, url: str, content: bytes, *, content_type: str, limits: Limits) -> Response:
        """The whole answer to one POST.

        Raises Unreachable, BadAnswer (too large, packed oddly) and PrivateAddress; none of them quotes the address
        beyond its host, for what is behind it may be a secret.
        """
        until = self._clock() + limits.total_s
        request = self._http.build_request(
            "POST",
            url,
            content=content,
            headers={"Content-Type": content_type, "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(
                min(limits.idle_s, limits.total_s), connect=min(limits.connect_s, limits.total_s)
            ),
        )
        host = request.url.host
        try:
            answer = self._http.send(request, stream=True)
            try:
                body = self._read(answer, host, until)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise Unreachable(host=host, what="silent") from None
        except httpx.ConnectError as error:
            raise Unreachable(host=host, what="tls" if "SSL" in str(error) else "refused") from None
        except httpx.TransportError:
            raise Unreachable(host=host, what="cut") from None
        return Response(answer.status_code, body, answer.headers.get("location", ""))

    def _read(self, answer: httpx.Response, host: str, until: float) -> bytes:
        """The unpacked body. Stops at the size limit whatever a few packed bytes claim to become."""
        status = str(answer.status_code)
        encoding = answer.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip"):
            raise BadAnswer(what="encoding", status=status, start=encoding[:40])
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
        parts: list[bytes] = []
        size = 0
        for chunk in answer.iter_raw():
            if self._clock() > until:
                raise Unreachable(host=host, what="silent")
            try:
                part = inflate.decompress(chunk, MAX_BODY_BYTES + 1 - size) if inflate else chunk
            except zlib.error:
                raise BadAnswer(what="encoding", status=status, start="gzip") from None
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise BadAnswer(what="too_large", status=status, start="")
            parts.append(part)
        return b"".join(parts)


class _PinnedTransport(httpx.BaseTransport):
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
