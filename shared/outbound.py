"""All outgoing HTTP: it cannot be made to reach a private network, to wait for ever or to fill the memory.

Strangers name the portals. Each request resolves the name itself, checks every address of it and connects
to the address that was checked, so a name that changes between check and use has no effect.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import certifi
import httpcore

from shared.domain.errors import BadAnswer, PrivateAddress, Unreachable

# httpx imports its own command line where it can, and with it click, rich and pygments: half of what its import costs.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx  # noqa: E402 - after that

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_BODY_BYTES = 32 * 2**20
# All IPv6 addresses assigned for the internet (IANA, IPv6 global unicast assignments).
_INTERNET_V6 = ipaddress.ip_network("2000::/3")
# Ranges of it that can contain a private IPv4 address: 6to4 and Teredo.
_TUNNELS = tuple(ipaddress.ip_network(network) for network in ("2002::/16", "2001::/32"))

# Their log lines quote whole addresses and headers, and the path of an address may be a secret.
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11")
for _name in _TALKATIVE:
    logging.getLogger(_name).addFilter(lambda _record: False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one request may take, in seconds: to connect, between two bytes, in total.

    ``slow_s`` after its first byte, an answer must have come at ``least_speed`` bytes a second on average. The time
    before the first byte does not count: a server may think.
    """

    connect_s: float
    idle_s: float
    total_s: float
    slow_s: float = 10
    least_speed: float = 200


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer, read whole. ``location`` is the target of a redirect, which is never followed.

    ``origin`` is where the request went: scheme, host and port.
    """

    status: int
    body: bytes
    location: str = ""
    origin: str = ""


class Outbound:
    """A client that connects only to public addresses, follows no redirect and ignores proxy variables.

    ``allow_private`` opens loopback and private networks, for development. Use as a context manager; threads may
    share one.
    """

    def __init__(self, *, allow_private: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline = _Deadline(clock)
        self._http = httpx.Client(
            transport=_Transport(_CheckedNetwork(self._deadline, allow_private=allow_private)),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """All connections are closed."""
        self._http.close()

    def post(self, url: str, content: bytes, *, content_type: str, limits: Limits) -> Response:
        """The whole answer to one POST.

        Raises Unreachable, BadAnswer (too large, packed oddly) and PrivateAddress; none of them quotes the address
        beyond its host, because its path may be a secret.
        """
        timeout = httpx.Timeout(limits.idle_s, connect=limits.connect_s)
        headers = {"Content-Type": content_type, "Accept": "application/json", "Accept-Encoding": "gzip"}
        try:
            request = self._http.build_request("POST", url, content=content, headers=headers, timeout=timeout)
        except httpx.InvalidURL:
            raise Unreachable(host="", what="name") from None
        host = request.url.host
        self._deadline.start(limits)
        try:
            answer = self._http.send(request, stream=True)
            try:
                body = _unpacked(answer)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise Unreachable(host=host, what="slow" if self._deadline.is_slow() else "silent") from None
        except httpx.ConnectError as error:
            raise Unreachable(host=host, what="tls" if "SSL" in str(error) else "refused") from None
        except httpx.TransportError:
            raise Unreachable(host=host, what="cut") from None
        origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        return Response(answer.status_code, body, answer.headers.get("location", ""), origin)


def _unpacked(answer: httpx.Response) -> bytes:
    """The whole body, unpacked. Unpacking stops at the size limit, so a few packed bytes cannot fill the memory."""
    status = str(answer.status_code)
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise BadAnswer(what="encoding", status=status, start="")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    parts: list[bytes] = []
    size = 0
    for chunk in answer.iter_raw():
        try:
            part = inflate.decompress(chunk, MAX_BODY_BYTES + 1 - size) if inflate else chunk
        except zlib.error:
            raise BadAnswer(what="encoding", status=status, start="") from None
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise BadAnswer(what="too_large", status=status, start="")
        parts.append(part)
    if inflate is not None and not inflate.eof:
        raise BadAnswer(what="encoding", status=status, start="")
    return b"".join(parts)


class _Deadline(threading.local):
    """The end of the time for this thread's request; one thread makes a request from start to end."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = math.inf
        self._limits = Limits(math.inf, math.inf, math.inf)
        self._first_byte_at: float | None = None
        self._received = 0

    def start(self, limits: Limits) -> None:
        """A request begins now and has these limits."""
        self._limits = limits
        self._until = self._clock() + limits.total_s
        self._first_byte_at = None
        self._received = 0

    def count(self, received: int) -> None:
        """So many bytes of the answer have come; each of them buys the next a little time."""
        if self._first_byte_at is None:
            self._first_byte_at = self._clock()
        self._received += received

    def within(self, timeout: float | None) -> float:
        """The timeout, or the time left if that is less. Raises httpcore.TimeoutException when no time is left."""
        remaining_s = min(self._until, self._slow_at()) - self._clock()
        if remaining_s <= 0:
            raise httpcore.ReadTimeout
        return remaining_s if timeout is None else min(timeout, remaining_s)

    def is_slow(self) -> bool:
        """True when the answer has begun and comes too slowly."""
        return self._clock() >= self._slow_at()

    def _slow_at(self) -> float:
        """When the answer is too slow if not another byte comes."""
        if self._first_byte_at is None:
            return math.inf
        return self._first_byte_at + max(self._limits.slow_s, self._received / self._limits.least_speed)


class _Transport(httpx.HTTPTransport):
    """The default transport of httpx with our network backend, for which httpx has no parameter."""

    def __init__(self, network: httpcore.NetworkBackend) -> None:
        super().__init__(verify=_tls_context(), trust_env=False)
        # By default ten requests in all, to whatever hosts: one that is silent would keep others from being asked. How
        # many there are at once is for the caller to decide.
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls_context(), network_backend=network, max_connections=None
        )


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to the address that was checked; TLS uses and verifies the name that was asked for."""

    def __init__(self, deadline: _Deadline, *, allow_private: bool) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        address = checked_address(host, port, allow_private=self._allow_private)
        within = self._deadline.within(timeout)
        stream = self._inner.connect_tcp(address, port, within, local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream that ends at the deadline even if bytes keep coming, and when they come too slowly, headers included."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        received = self._inner.read(max_bytes, self._deadline.within(timeout))
        self._deadline.count(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = self._deadline.within(timeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, within), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def checked_address(host: str, port: int | None, *, allow_private: bool) -> str:
    """An address of ``host`` that may be connected to.

    Raises Unreachable when the name has no address, PrivateAddress when any of its addresses is not public.
    """
    try:
        entries = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(host=host, what="name") from error
    addresses = [str(entry[4][0]) for entry in entries]
    if not allow_private and not all(is_public(ipaddress.ip_address(text)) for text in addresses):
        raise PrivateAddress(host=host)
    return addresses[0]


def is_public(address: Address) -> bool:
    """True for an address of the public internet that is not a tunnel into something else."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 4:
        return True
    return address in _INTERNET_V6 and not any(address in network for network in _TUNNELS)


@cache
def _tls_context() -> ssl.SSLContext:
    # Reading the certificate bundle costs about 20 ms, so all clients of a process share one context.
    return ssl.create_default_context(cafile=certifi.where())
