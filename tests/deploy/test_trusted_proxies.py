"""Who a request came from is believed of the proxies that are named, and of nobody else."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.settings import Settings
from tests.test_documents import ROOT
from tests.waiting import WITHIN_S
from tools.standalone.serving import free_port, running

PROGRAM = """
import sys
from starlette.responses import JSONResponse
from shared.http_server.limits import Limits
from shared.http_server.serving import serve

async def app(scope, receive, send):
    if scope["type"] == "http":
        await JSONResponse([scope["client"][0], scope["scheme"]])(scope, receive, send)

serve(app, sys.argv[1], hosts=[], trusted_proxies=sys.argv[2].split(","), limits=Limits())
"""


@contextlib.contextmanager
def served(trusted: str, folder: Path) -> Iterator[httpx.Client]:
    listen = f"127.0.0.1:{free_port()}"
    with httpx.Client(base_url=f"http://{listen}", timeout=WITHIN_S, trust_env=False) as client:

        def is_there() -> bool:
            try:
                return client.get("/").status_code == 200
            except httpx.TransportError:
                return False

        command = [sys.executable, "-c", PROGRAM, listen, trusted]
        with running(
            "the server",
            command,
            answers=is_there,
            log_file=folder / "log",
            stop_signal=signal.SIGTERM,
            options={"cwd": ROOT},
        ):
            yield client


@pytest.mark.parametrize(
    ("trusted", "said", "believed"),
    [
        (",".join(Settings.model_fields["trusted_proxies"].default), "9.9.9.9", ["9.9.9.9", "https"]),
        ("127.0.0.0/28", "9.9.9.9", ["9.9.9.9", "https"]),
        # What a visitor wrote himself stands before what the proxy adds.
        ("127.0.0.1", "8.8.8.8, 9.9.9.9", ["9.9.9.9", "https"]),
        ("172.30.80.0/28", "9.9.9.9", ["127.0.0.1", "http"]),
    ],
)
def test_only_a_named_proxy_is_believed(trusted: str, said: str, believed: list[str], tmp_path: Path) -> None:
    with served(trusted, tmp_path) as client:
        answered = client.get("/", headers={"X-Forwarded-For": said, "X-Forwarded-Proto": "https"})
        assert answered.json() == believed
