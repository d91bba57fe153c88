"""A server that sends the bytes it was given, right or wrong, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Reply = Callable[[socket.socket, bytes], None]


class RawServer:
    """Listens on a loopback address while the ``with`` block lasts; every request gets the same reply.

    ``reply`` is what to send, or a function of the connection and the request that does the sending. The connection
    is closed after a function, and after bytes that do not say how long they are.
    """

    def __init__(
        self,
        reply: bytes | Reply,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._reply = reply
        self._tls = tls
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{host}:{self.port}/rest/1/secretcode123/batch"
        #: The bytes of every request, whole; a connection without a request stands here as nothing.
        self.heard: list[bytes] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _listen(self) -> None:
        threads = []
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.add(connection)
                threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                threads[-1].start()
        for thread in threads:
            thread.join()

    def _serve(self, connection: socket.socket) -> None:
        wire = connection
        with contextlib.suppress(OSError), connection:
            if self._tls is not None:
                wire = self._tls.wrap_socket(connection, server_side=True)
                self._open.add(wire)
            with wire:
                while request := _request(wire):
                    self.heard.append(request)
                    if callable(self._reply):
                        self._reply(wire, request)
                        return
                    wire.sendall(self._reply)
                    if b"Content-Length" not in self._reply:
                        return


def _request(wire: socket.socket) -> bytes:
    """One whole request, or nothing when the client has hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := wire.recv(65_536)):
            return b""
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += wire.recv(65_536)
    return head + b"\r\n\r\n" + body


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer with an honest length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
