"""What the proxy lets through and where to: as the Caddyfile reads, and as Caddy does it where there is one."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.compose import compose, environment
from tests.test_documents import ROOT
from tests.waiting import WITHIN_S
from tools.standalone.serving import free_port, running

TEXT = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
RULES = re.sub(r"^\s*#.*\n", "", TEXT, flags=re.MULTILINE)


def test_it_sends_everything_to_services_where_they_listen() -> None:
    asked = set(re.findall(r"reverse_proxy (\w+):(\d+)", RULES))
    listening = {
        (name, environment(name)[f"CRMAP_{name.upper()}_LISTEN"].rpartition(":")[2])
        for name in ("gateway", "cabinet", "flower")
    }
    assert asked == listening


def test_it_answers_where_the_compose_file_says() -> None:
    assert re.findall(r"^(\S+) \{$", RULES, re.MULTILINE) == ["{$CRMAP_PUBLIC_URL}", "http://:5555"]
    assert "CRMAP_PUBLIC_URL" in compose()["services"]["proxy"]["environment"]


def test_it_says_nothing_about_frames_and_believes_no_proxy_before_it() -> None:
    assert "frame" not in RULES.lower()
    assert "trusted_proxies" not in RULES


def test_it_keeps_no_log_of_addresses() -> None:
    assert re.findall(r"^\s*log\b", RULES, re.MULTILINE) == []


class Telling(BaseHTTPRequestHandler):
    """Answers with what it was asked, under the name of its server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        assert isinstance(self.server, Upstream)
        told = {"service": self.server.name, "path": self.path, "headers": dict(self.headers)}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as http.server wants it

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Upstream(ThreadingHTTPServer):
    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Telling)
        self.name = name

    def handle_error(self, *_: object) -> None:
        """The proxy breaks off what it refuses half-way, which is no fault."""


@dataclass(frozen=True)
class Proxy:
    """Caddy with the product's rules, before pretend services."""

    client: httpx.Client
    flower: str

    def told(self, path: str, **how: Any) -> dict[str, Any]:
        """What the service behind the proxy was asked."""
        answered = self.client.post(path, **how) if "content" in how else self.client.get(path, **how)
        assert answered.status_code == 200, answered
        told: dict[str, Any] = answered.json()
        return told


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    caddy = shutil.which(os.environ.get("CRMAP_TEST_CADDY", "caddy"))
    if caddy is None:
        # Skipped with CI set as well: the rules are held to the compose file above without it.
        pytest.skip(
            "no Caddy on this machine: make test gets one where it can, or name one in CRMAP_TEST_CADDY"
        )
    folder = tmp_path_factory.mktemp("caddy")
    url, flower = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
    rules = RULES.replace("{\n", "{\n\tadmin off\n", 1).replace("http://:5555", flower)
    with contextlib.ExitStack() as stack:
        for name in ("gateway", "cabinet", "flower"):
            upstream = stack.enter_context(Upstream(name))
            threading.Thread(target=upstream.serve_forever, daemon=True).start()
            stack.callback(upstream.shutdown)
            rules = re.sub(rf"{name}:\d+", f"127.0.0.1:{upstream.server_port}", rules)
        (folder / "Caddyfile").write_text(rules)
        client = stack.enter_context(httpx.Client(base_url=url, timeout=WITHIN_S, trust_env=False))
        stack.enter_context(
            running(
                "Caddy",
                [caddy, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"],
                answers=lambda: answers(client),
                log_file=folder / "log",
                stop_signal=signal.SIGTERM,
                options={"env": {"CRMAP_PUBLIC_URL": url, "HOME": str(folder)}, "cwd": Path(folder)},
            )
        )
        yield Proxy(client, flower)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "cabinet"),
        ("/accounts/1?q=a", "cabinet"),
        ("/portal/pipelines", "cabinet"),
        ("/bitrix24x", "cabinet"),
        ("/healthz", "cabinet"),
        ("/bitrix24", "gateway"),
        ("/bitrix24/install", "gateway"),
        ("/bitrix24/app?DOMAIN=a.bitrix24.ru", "gateway"),
    ],
)
def test_a_path_leads_to_its_service_unchanged(proxy: Proxy, path: str, service: str) -> None:
    told = proxy.told(path)
    assert (told["service"], told["path"]) == (service, path)


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/metrics?a", "/%6detrics", "//metrics", "/METRICS", "/a/../metrics"]
)
def test_metrics_never_pass(proxy: Proxy, path: str) -> None:
    # By hand, because httpx tidies addresses up.
    connection = http.client.HTTPConnection(proxy.client.base_url.host, proxy.client.base_url.port)
    with contextlib.closing(connection):
        connection.request("GET", path)
        assert connection.getresponse().status == 404


def test_a_visitor_cannot_choose_his_address_or_scheme(proxy: Proxy) -> None:
    lies = {"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https", "X-Request-Id": "chosen-by-me"}
    told = proxy.told("/", headers=lies)["headers"]
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert re.fullmatch(r"[0-9a-f-]{36}", told["X-Request-Id"])


def test_a_body_that_is_too_large_is_refused(proxy: Proxy) -> None:
    assert proxy.told("/bitrix24/events", content=b"a" * 64 * 1024)["service"] == "gateway"
    assert proxy.client.post("/bitrix24/events", content=b"a" * 200_000).status_code in (413, 502)
    assert proxy.client.post("/accounts", content=b"a" * 1_200_000).status_code in (413, 502)


def test_the_answers_headers_are_the_services_own(proxy: Proxy) -> None:
    names = {name.lower() for name in proxy.client.get("/").headers}
    assert "strict-transport-security" in names
    assert names.isdisjoint({"server", "via", "x-frame-options"})


def test_flower_has_a_port_of_its_own(proxy: Proxy) -> None:
    assert httpx.get(proxy.flower, timeout=WITHIN_S, trust_env=False).json()["service"] == "flower"
