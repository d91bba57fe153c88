"""What gateway and cabinet share: metrics for who may watch, and clients that hang up."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI, Request
from pydantic import SecretStr
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from shared.db.session import Database
from shared.web import prepare

HERE = "http://localhost:8001"


def app(db: Database, token: str | None = None) -> FastAPI:
    made = FastAPI()
    prepare(made, db, metrics_token=None if token is None else SecretStr(token))

    @made.get("/hung-up")
    async def hung_up(_request: Request) -> None:
        raise ClientDisconnect

    return made


@pytest.mark.parametrize(
    ("sender", "called", "status"),
    [
        ("127.0.0.1", HERE, 200),
        ("::1", "http://[::1]:8001", 200),
        ("192.0.2.7", HERE, 401),
        # A proxy on this machine that does not say for whom it asks.
        ("127.0.0.1", "http://crmap.example", 401),
        ("testclient", HERE, 401),
    ],
)
def test_without_a_token_metrics_are_for_this_machine(
    cabinet_db: Database, sender: str, called: str, status: int
) -> None:
    client = TestClient(app(cabinet_db), base_url=called, client=(sender, 1))
    assert client.get("/metrics").status_code == status


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer who watches", 200), ("Bearer who", 401), ("who watches", 401), ("Bearer who watches\xe9", 401)],
)
def test_with_a_token_metrics_are_for_who_has_it(cabinet_db: Database, header: str, status: int) -> None:
    client = TestClient(app(cabinet_db, "who watches"), base_url=HERE, client=("127.0.0.1", 1))
    assert client.get("/metrics", headers={b"authorization": header.encode("latin-1")}).status_code == status
    refused = client.get("/metrics")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_a_client_that_hangs_up_is_no_fault(cabinet_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(AssertionError, match="response"):
        TestClient(app(cabinet_db)).get("/hung-up")
    assert [record for record in caplog.records if record.exc_info] == []
