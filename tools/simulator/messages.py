"""HTTP requests and responses as plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import orjson

REASONS = {
    200: "OK",
    204: "No Content",
    302: "Found",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    verb: str
    path: str
    query: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    remote: str = "127.0.0.1"


@dataclass(slots=True)
class Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def head(self, *, length: int | None = None, close: bool = False) -> bytes:
        """Status line and headers with the blank line; ``length`` may lie about the body."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append(f"Content-Length: {len(self.body) if length is None else length}")
        lines.append("Connection: close" if close else "Connection: keep-alive")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def encoded(value: Any) -> bytes:
    """The value as JSON; what UTF-8 cannot carry (a lone surrogate) is escaped."""
    try:
        return orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def json_response(status: int, value: Any, **headers: str) -> Response:
    return Response(status, encoded(value), {"Content-Type": JSON_TYPE} | headers)


def html_response(status: int, page: str) -> Response:
    return Response(status, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
