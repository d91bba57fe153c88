"""A small HTTP client for tests, written without the product's connector so that no mistake is shared."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from tests.waiting import WITHIN_S

Json = Any


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def result(self) -> Json:
        return self.json["result"]

    @property
    def error(self) -> Json:
        return self.json["error"]


def request(
    verb: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float = WITHIN_S,
) -> Reply:
    """One request on a connection of its own, no redirects followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(verb, target, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Reply(response.status, response.read(), dict(response.getheaders()))
    finally:
        connection.close()


def call(webhook_url: str, method: str, params: Mapping[str, Any] | None = None) -> Reply:
    """A call as JSON by POST, the way CRMAP calls."""
    body = json.dumps(params or {}).encode()
    return request("POST", webhook_url + method, body, {"Content-Type": "application/json"})


def batch(webhook_url: str, commands: Mapping[str, Any], halt: Any = 0) -> Json:
    """The five maps of a batch; commands are written plainly and encoded here."""
    encoded = {key: _encoded(command) for key, command in commands.items()}
    return call(webhook_url, "batch", {"halt": halt, "cmd": encoded}).result


def _encoded(command: Any) -> Any:
    """``method?a[b]=c d`` with every name and value percent-encoded."""
    if not isinstance(command, str):
        return command
    method, mark, query = command.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return (
        method
        + mark
        + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, _, value in pairs)
    )
