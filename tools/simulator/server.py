"""Plain HTTP/1.1 over sockets: small, fast, and able to misbehave on purpose."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from socketserver import StreamRequestHandler, TCPServer, ThreadingMixIn
from typing import Any, Protocol
from urllib.parse import unquote

from tools.simulator.messages import Request, Response

#: Linger on, for no time: closing such a socket sends a reset.
_AT_ONCE = struct.pack("ii", 1, 0)
_MAX_LINE = 65_536
_LOOKS_EVERY_S = 0.05
_MAX_BODY = 64 * 1024 * 1024


class Delivery(Protocol):
    """How a response goes out; faults have their own."""

    def __call__(self, wire: Wire, response: Response) -> None: ...


class Wire:
    """One client connection, as a delivery sees it."""

    def __init__(self, connection: socket.socket, stop: threading.Event) -> None:
        self.connection = connection
        self.stop = stop
        self.open = True

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than the server lives."""
        if seconds > 0:
            self.stop.wait(seconds)

    def wait(self, latency_s: Latency) -> None:
        """Waits for the latency, a number of seconds that may be shortened meanwhile."""
        began = time.monotonic()
        while (left_s := began + latency_s() - time.monotonic()) > 0 and not self.stop.is_set():
            self.stop.wait(min(left_s, _LOOKS_EVERY_S))

    def close(self) -> None:
        self.open = False

    def reset(self) -> None:
        """The client sees "connection reset by peer"."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.open = False

    def wait_until_gone(self) -> None:
        """Sends nothing until the client hangs up or the server stops."""
        while not self.stop.is_set():
            readable, _, _ = select.select([self.connection], [], [], _LOOKS_EVERY_S)
            if readable and not self.connection.recv(4096):
                break
        self.open = False


def whole(wire: Wire, response: Response) -> None:
    """The ordinary delivery."""
    wire.send(response.head() + response.body)


#: Seconds until an answer begins, asked again while it lasts.
Latency = Callable[[], float]
Answering = Callable[[Request], tuple[Response, Delivery, Latency]]


def no_latency() -> float:
    return 0.0


class _Handler(StreamRequestHandler):
    server: HttpServer
    disable_nagle_algorithm = True
    wbufsize = 0

    def handle(self) -> None:
        wire = Wire(self.connection, self.server.stop)
        with (
            contextlib.suppress(ConnectionError, TimeoutError, OSError),
            self.server.tracked(self.connection),
        ):
            while wire.open and not self.server.stop.is_set():
                request = self._request()
                if request is None:
                    return
                response, delivery, latency_s = self.server.answering(request)
                wire.wait(latency_s)
                if request.verb == "HEAD":
                    wire.send(response.head())
                else:
                    delivery(wire, response)
                if request.headers.get("connection", "").lower() == "close":
                    return

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def _request(self) -> Request | None:
        """The next request of this connection, or None when the client is done or sends no valid request."""
        line = self.rfile.readline(_MAX_LINE)
        words = line.decode("latin-1").split()
        if len(words) != 3:
            return None
        headers: dict[str, str] = {}
        while (raw := self.rfile.readline(_MAX_LINE)) not in (b"\r\n", b"\n", b""):
            name, _, value = raw.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if words[2] == "HTTP/1.0":
            headers.setdefault("connection", "close")
        target, _, query = words[1].partition("?")
        try:
            body = self._body(headers)
        except ValueError:  # a length that is no number
            return None
        return Request(words[0].upper(), unquote(target), query, headers, body, self.client_address[0])

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(min(int(headers.get("content-length") or 0), _MAX_BODY))
        parts: list[bytes] = []
        while size := int(self.rfile.readline(_MAX_LINE).partition(b";")[0] or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline(_MAX_LINE) not in (b"\r\n", b"\n", b""):
            pass
        return b"".join(parts)


class HttpServer(ThreadingMixIn, TCPServer):
    """Listens on one address and answers every request through one function."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], answering: Answering) -> None:
        self.answering = answering
        self.stop = threading.Event()
        self._connections: set[socket.socket] = set()
        self._thread: threading.Thread | None = None
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @contextlib.contextmanager
    def tracked(self, connection: socket.socket) -> Iterator[None]:
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)

    def shutdown_request(self, request: Any) -> None:
        """Shuts the connection down before closing it, except one to be reset: a reset must come alone."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_AT_ONCE)) == _AT_ONCE:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def start(self) -> None:
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """No thread of this server waits any longer, no port is held."""
        self.stop.set()
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
