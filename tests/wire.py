"""Clients that speak HTTP byte by byte: half a request, slowly, too much, or nothing at all."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Ends a test that would hang.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; a body that breaks off is shorter than announced."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of problem details."""
        return str(json.loads(self.body)["code"])


class Wire:
    """One connection to a server."""

    def __init__(self, listen: str, *, source: str = "") -> None:
        host, _, port = listen.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), PATIENCE_S, (source, 0) if source else None)
        # What came after the last answer.
        self._early = b""

    def send(self, data: bytes) -> bool:
        """False when the server has hung up."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionError):
            return False
        return True

    def answer(self) -> Answer | None:
        """The next answer; None when the server hung up without one."""
        received = self._early
        while b"\r\n\r\n" not in received:
            if not (part := self._part()):
                return None
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers["content-length"])
        while len(body) < size and (part := self._part()):
            body += part
        body, self._early = body[:size], body[size:]
        return Answer(int(first.split()[1]), headers, body)

    def is_hung_up(self) -> bool:
        """True once the server has hung up. It waits for that, and throws away what the server still says."""
        while self._part():
            pass
        return True

    def close(self) -> None:
        self.socket.close()

    def _part(self) -> bytes:
        try:
            return self.socket.recv(65_536)
        except ConnectionError:
            return b""


@contextlib.contextmanager
def wire(listen: str, **options: Any) -> Iterator[Wire]:
    """A connection that ends with the block."""
    with contextlib.closing(Wire(listen, **options)) as found:
        yield found


def head(line: str = "POST /", *headers: str) -> bytes:
    """A request's line and headers."""
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()
