"""A pretend application: it answers every form it is posted and remembers them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.waiting import until


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    query: dict[str, str]
    form: dict[str, str]
    content_type: str


@dataclass(slots=True)
class Listener:
    url: str
    received: list[Received] = field(default_factory=list)
    status: int = 200
    page: str = "<!doctype html>Hello"
    #: Called before the answer, as long as the sender waits.
    meanwhile: Callable[[Received], None] = lambda _received: None

    def at(self, path: str) -> list[Received]:
        return [received for received in self.received if received.path == path]

    @property
    def events(self) -> list[str]:
        return [received.form["event"] for received in self.received if "event" in received.form]

    def wait_for(self, count: int) -> None:
        until(lambda: len(self.received) >= count, what=lambda: f"{count} forms, only {self.events}")


@contextmanager
def listening() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received = Received(
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                dict(parse_qsl(body, keep_blank_values=True)),
                self.headers["Content-Type"],
            )
            listener.meanwhile(received)
            listener.received.append(received)
            answer = listener.page.encode()
            self.send_response(listener.status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
