"""A separate metrics server for processes that serve no web requests, with limits of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer
from pydantic import SecretStr

from shared.addresses import listen_parts
from shared.http_server.hosts import is_this_machine
from shared.http_server.watching import may_watch
from shared.settings import WrongSetting

_AT_ONCE = 16
_WITHIN_S = 5.0

_Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
        """Says nothing: requests to watch are not worth a line."""


class _Server(ThreadingWSGIServer):
    """Answers a few at once, each within seconds; whoever is one too many is hung up on."""

    def __init__(self, *arguments: Any, within_s: float = _WITHIN_S) -> None:
        super().__init__(*arguments)
        self._within_s = within_s
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        ending = threading.Timer(self._within_s, _hang_up, (request,))
        ending.daemon = True
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: most of all, those who were hung up on come here."""


def serve_metrics(listen: str | None, token: SecretStr | None, *, within_s: float = _WITHIN_S) -> None:
    """The metrics of this process are served at ``listen`` to who may watch; not at all when it is ``None``.

    Raises WrongSetting when the process cannot listen at the address, or everybody could watch.
    """
    if listen is None:
        return
    try:
        server = _server_at(*listen_parts(listen), token, within_s)
    except (OSError, OverflowError, ValueError) as error:
        raise WrongSetting(
            "CRMAP_METRICS_LISTEN: nobody can listen there, or somebody does already"
        ) from error
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def _server_at(host: str, port: int, token: SecretStr | None, within_s: float) -> WSGIServer:
    if token is None and not is_this_machine(host):
        raise WrongSetting("CRMAP_METRICS_TOKEN has to be set, for others can reach CRMAP_METRICS_LISTEN")

    class Server(_Server):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, within_s=within_s)

    return make_server(host, port, _for_watchers(token), Server, handler_class=_Quiet)


def _for_watchers(token: SecretStr | None) -> _Application:
    metrics: _Application = make_wsgi_app()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        allowed = may_watch(
            token,
            authorization=environ.get("HTTP_AUTHORIZATION", ""),
            sender=environ["REMOTE_ADDR"],
            host=environ.get("HTTP_HOST", ""),
        )
        if allowed:
            return metrics(environ, start_response)
        start_response("401 Unauthorized", [("WWW-Authenticate", "Bearer")])
        return []

    return answer


def _hang_up(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
