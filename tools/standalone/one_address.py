"""Gateway and cabinet behind one address, as a portal's frame needs it. In production a proxy does this."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

GATEWAY_PATH = "/bitrix24"


def one_address(gateway: FastAPI, cabinet: FastAPI) -> Starlette:
    """An application that gives ``/bitrix24`` and what is below it to the gateway and everything else to the cabinet.

    ``/readyz`` answers 200 when both are ready.
    """

    @asynccontextmanager
    async def both_live(_app: Starlette) -> AsyncIterator[None]:
        async with gateway.router.lifespan_context(gateway), cabinet.router.lifespan_context(cabinet):
            yield

    async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_for_gateway = path == GATEWAY_PATH or path.startswith(f"{GATEWAY_PATH}/")
        await (gateway if is_for_gateway else cabinet)(scope, receive, send)

    async def readyz(request: Request) -> Response:
        for app in (gateway, cabinet):
            if await _status(app, request) != 200:
                return PlainTextResponse("not ready", 503)
        return PlainTextResponse("ready")

    return Starlette(routes=[Route("/readyz", readyz), Mount("/", app=by_path)], lifespan=both_live)


async def _status(app: ASGIApp, request: Request) -> int:
    """What the application itself would answer to this request."""
    statuses: list[int] = []

    async def note(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(dict(request.scope), request.receive, note)
    return statuses[0]
