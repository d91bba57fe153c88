"""One connection of a client, refused or ended as soon as it costs more than it may.

Everything is counted before it is parsed. uvicorn's own connection does the parsing and the answering.
"""

from __future__ import annotations

import asyncio
import json
import math
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from shared.http_server.admission import Admission

CUT = Counter("crmap_http_cut", "Connections that were refused or ended early, by the limit", ["limit"])

_UNKNOWN_HOST = "CRMAP is not known by this name. Its names are in CRMAP_PUBLIC_URL and CRMAP_ALLOWED_HOSTS."


class _Phase(Enum):
    """What is awaited from the client."""

    REQUEST = auto()
    HEAD = auto()
    BODY = auto()
    NOTHING = auto()
    REFUSED = auto()


class Connection(HttpToolsProtocol):
    """One connection of a client. ``until`` is the loop's time at which something is overdue."""

    server_state: Admission

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._limits = self.server_state.limits
        self._phase = _Phase.REQUEST
        self._place: str | None = None
        # Bytes on the wire since the phase began, and bytes of the body.
        self._wire_size = 0
        self._body_size = 0
        self._body_began = 0.0
        self._read_until = math.inf
        self._write_until = math.inf
        self._unsent = 0

    @property
    def until(self) -> float:
        """When the first thing is overdue."""
        return min(self._read_until, self._write_until)

    @property
    def _current(self) -> RequestResponseCycle | None:
        """The newest request; None before the first one."""
        return self.cycle

    # What the transport tells.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        place = self.server_state.place_of(self.client)
        refused = self.server_state.admit(place)
        if refused is None:
            self._place = place
            self._await(_Phase.REQUEST, self._limits.head_s)
            return
        # Not listened to for the refusal's sake: it would be one more connection.
        self._refuse(refused, "too_many_connections", "Try again when other connections have ended.")
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.release(self._place)
        self._place = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._wire_size += len(data)
        if self._phase is _Phase.REFUSED:
            if self._wire_size > self._limits.refused_size:
                self.transport.abort()
            return
        super().data_received(data)
        if self._phase in (_Phase.REQUEST, _Phase.HEAD) and self._wire_size > self._limits.head_size:
            self._refuse_head()
        # What frames a body in chunks, and what follows it, is no more than a head.
        most = self._limits.body_size + self._limits.head_size
        if self._phase is _Phase.BODY and self._wire_size > most:
            self._refuse_body()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_until = math.inf

    # What the parser tells.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._phase is not _Phase.REFUSED:
            self._await(_Phase.HEAD, self._limits.head_s)

    def on_headers_complete(self) -> None:
        if self._phase is _Phase.REFUSED:
            return
        # With a colon, a space and the end of the line.
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.head_size:
            self._refuse_head()
            return
        if not self.server_state.hosts.is_meant(self._values(b"host"), self.url):
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "unknown_host", _UNKNOWN_HOST)
            return
        lengths = self._values(b"content-length")
        if any(int(length) > self._limits.body_size for length in lengths):
            self._refuse_body()
            return
        super().on_headers_complete()
        self._body_size = 0
        self._body_began = self.loop.time()
        self._await(_Phase.BODY, self._limits.body_grace_s)

    def on_body(self, body: bytes) -> None:
        if self._phase is _Phase.REFUSED:
            return
        self._body_size += len(body)
        if self._body_size > self._limits.body_size:
            self._refuse_body()
            return
        allowed = min(self._limits.body_s, self._limits.body_grace_s + self._body_size / self._limits.slowest)
        self._read_until = self._body_began + allowed
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._phase is _Phase.REFUSED:
            return
        super().on_message_complete()
        self._await(_Phase.NOTHING, math.inf)
        if self.cycle.response_complete:
            self._await(_Phase.REQUEST, self._limits.idle_s)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._phase is _Phase.NOTHING and self.cycle.response_complete:
            self._await(_Phase.REQUEST, self._limits.idle_s)

    # What is done about it.

    def end(self) -> None:
        """What is overdue is refused, or waited for some more if the client is not to blame."""
        now = self.loop.time()
        if self._write_until <= now:
            if self.transport.get_write_buffer_size() < self._unsent:
                self._expect_reader()
            else:
                self._cut("answer_not_taken")
        elif self._is_our_turn():
            self._read_until = now + self._limits.body_grace_s
        elif self._phase is _Phase.BODY:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "body_too_slow", "The body did not arrive in time.")
        elif self._phase is _Phase.HEAD:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "head_too_slow", "The headers did not arrive in time.")
        elif self._phase is _Phase.REQUEST:
            self._read_until = math.inf
            self._expect_reader()
            self.transport.close()
        else:
            self.transport.abort()

    def _is_our_turn(self) -> bool:
        """True while the application has not read what is there, or not asked for the body it was announced."""
        return self.flow.read_paused or (self._phase is _Phase.BODY and self.cycle.waiting_for_100_continue)

    def _await(self, phase: _Phase, within_s: float) -> None:
        self._phase = phase
        self._wire_size = 0
        self._read_until = self.loop.time() + within_s

    def _expect_reader(self) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self._write_until = self.loop.time() + self._limits.stalled_s

    def _values(self, header: bytes) -> list[bytes]:
        return [value for name, value in self.headers if name == header]

    def _refuse_head(self) -> None:
        most = f"A request's line and headers may have {self._limits.head_size} bytes."
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", most)

    def _refuse_body(self) -> None:
        most = f"A body may have {self._limits.body_size} bytes."
        self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", most)

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """The client is told, and whatever else it sends is thrown away until it hangs up or time is over."""
        if self._phase is _Phase.BODY:
            is_answered = self.cycle.response_started
        else:
            is_answered = self._current is not None and not self._current.response_complete
        self._await(_Phase.REFUSED, self._limits.refused_s)
        self._unset_keepalive_if_required()
        if is_answered or self.pipeline:
            # The refusal would be taken for the answer to another request.
            self._cut(code)
            return
        CUT.labels(code).inc()
        if self._current is not None:
            self._current.disconnected = True
            self._current.message_event.set()
        self.flow.resume_reading()
        self.transport.write(_refusal(status, code, detail))
        self.transport.write_eof()

    def _cut(self, limit: str) -> None:
        CUT.labels(limit).inc()
        self.transport.abort()


def _refusal(status: HTTPStatus, code: str, detail: str) -> bytes:
    """A whole answer: problem details, as the applications give them."""
    problem = {"type": "about:blank", "status": int(status), "code": code, "title": code, "detail": detail}
    body = json.dumps(problem).encode()
    patience = "Retry-After: 15\r\n" if "connections" in code else ""
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n{patience}Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
