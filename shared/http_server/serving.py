"""Serves a web application within the limits, without a proxy in front (decision 0020)."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Sequence
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from shared.addresses import listen_parts
from shared.http_server.admission import Admission
from shared.http_server.connection import Connection
from shared.http_server.hosts import Hosts
from shared.http_server.limits import Limits

_LOOKS_EVERY_S = 0.1


def serve(
    app: ASGIApp, listen: str, *, hosts: Sequence[str], trusted_proxies: Sequence[str], limits: Limits
) -> None:
    """Serves until it is stopped, within the limits. ``hosts`` are the names it answers to.

    Only ``trusted_proxies`` (addresses and networks) are believed about the sender and the scheme of a request. They
    speak for many, so they may have more connections than one address.
    """
    # Imported objects stay for good: searching all of them for garbage would cost a page 0.2 s now and then.
    gc.collect()
    gc.freeze()
    # The tens of thousands of rows of a large portal's page contain little garbage either.
    gc.set_threshold(200_000, 20, 50)
    host, port = listen_parts(listen)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Connection,
        # A connection that is upgraded would leave our limits.
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
        # The limits end idle connections. Its own timer would do so after five seconds, when a proxy that was told of
        # the limit may be sending the next event, which would be lost.
        timeout_keep_alive=int(limits.idle_s) + 1,
        timeout_graceful_shutdown=limits.stop_s,
        limit_concurrency=limits.connections,
        forwarded_allow_ips=list(trusted_proxies),
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, Admission(limits, Hosts(hosts), trusted_proxies)).run()


class _Server(uvicorn.Server):
    """Ends connections that have outstayed, also while it is stopping."""

    def __init__(self, config: uvicorn.Config, admission: Admission) -> None:
        super().__init__(config)
        self.server_state = admission

    async def serve(self, sockets: Any = None) -> None:
        """Serves until it is stopped, and watches its connections to the end."""
        watching = asyncio.create_task(self._watch())
        try:
            await super().serve(sockets)
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, Connection) and connection.until <= now:
                    connection.end()
            await asyncio.sleep(_LOOKS_EVERY_S)
