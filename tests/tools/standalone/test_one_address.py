"""Two applications behind one address: who gets which path, and when both are ready."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from tools.standalone.one_address import one_address


def service(name: str, *, ready: int = 200, lived: list[str] | None = None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        (lived if lived is not None else []).append(name)
        yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    def readyz() -> Response:
        return Response(status_code=ready)

    @app.api_route("/{rest:path}", methods=["GET", "POST"])
    async def anything(request: Request) -> str:
        return f"{name} {request.url.path} {(await request.body()).decode()}".strip()

    return app


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("/", "cabinet"),
        ("/bitrix24", "gateway"),
        ("/bitrix24/", "gateway"),
        ("/bitrix24/events", "gateway"),
        ("/bitrix24x", "cabinet"),
        ("/portal/bitrix24/events", "cabinet"),
        ("/api/v1/accounts", "cabinet"),
        ("/healthz", "cabinet"),
    ],
)
def test_everything_below_bitrix24_is_the_gateways_and_the_rest_the_cabinets(path: str, whose: str) -> None:
    client = TestClient(one_address(service("gateway"), service("cabinet")))
    assert client.get(path).json() == f"{whose} {path}"
    assert client.post(path, content="a body").json() == f"{whose} {path} a body"


@pytest.mark.parametrize(("gateway", "cabinet", "both"), [(200, 200, 200), (503, 200, 503), (200, 503, 503)])
def test_it_is_ready_when_both_are(gateway: int, cabinet: int, both: int) -> None:
    app = one_address(service("gateway", ready=gateway), service("cabinet", ready=cabinet))
    assert TestClient(app).get("/readyz").status_code == both


def test_both_are_started_and_stopped_with_it() -> None:
    lived: list[str] = []
    with TestClient(one_address(service("gateway", lived=lived), service("cabinet", lived=lived))):
        assert lived == ["gateway", "cabinet"]
