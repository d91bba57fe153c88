"""Faults of a whole HTTP answer: another answer instead of it, or a failure on its way.

The real answer is made first and then corrupted.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tools.simulator.messages import JSON_TYPE, Request, Response, html_response, json_response
from tools.simulator.server import Delivery, Wire, whole

Options = Mapping[str, Any]
_PAGE = "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_MIB = 1024 * 1024


def _unchanged(_request: Request, response: Response, _options: Options) -> Response:
    return response


def _ordinary(_options: Options) -> Delivery:
    return whole


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """One fault: another response, another delivery, or both; ``options`` are its settings with defaults.

    ``method``: the only method whose answers it can strike.
    """

    meaning: str
    response: Callable[[Request, Response, Options], Response] = _unchanged
    delivery: Callable[[Options], Delivery] = _ordinary
    options: Options = field(default_factory=dict)
    method: str | None = None


def _html(status: int, title: str) -> WholeAnswer:
    page = html_response(status, _PAGE.format(title))
    return WholeAnswer(f"a page with status {status}", lambda *_: page)


def _error(status: int, code: str, text: str) -> WholeAnswer:
    return WholeAnswer(
        f"an error envelope, {status} {code}",
        lambda _request, _response, options: json_response(
            options["status"], {"error": options["code"], "error_description": options["text"]}
        ),
        options={"status": status, "code": code, "text": text},
    )


def _literal(meaning: str, body: bytes) -> WholeAnswer:
    return WholeAnswer(meaning, lambda *_: Response(200, body, {"Content-Type": JSON_TYPE}))


def _body(meaning: str, change: Callable[[bytes], bytes]) -> WholeAnswer:
    return WholeAnswer(
        meaning,
        lambda _request, response, _options: Response(
            response.status, change(response.body), dict(response.headers)
        ),
    )


#: The first text an answer calls something by.
_FIRST_NAME = re.compile(rb'"(?:NAME|EDIT_FORM_LABEL|TITLE|name|title|ru)":"')


def _in_first_name(escaped: bytes) -> Callable[[bytes], bytes]:
    """Puts a JSON escape into the first name of the answer, or into a note if nothing has a name."""

    def change(body: bytes) -> bytes:
        match = _FIRST_NAME.search(body)
        if match is None:
            return b'{"note":"' + escaped + b'",' + body[1:]
        return body[: match.end()] + escaped + body[match.end() :]

    return change


def _with_number(number: bytes) -> Callable[[bytes], bytes]:
    """Puts a number no ordinary reader expects into the time block, or in front."""

    def change(body: bytes) -> bytes:
        changed, count = re.subn(rb'"operating":[^,}]+', lambda _: b'"operating":' + number, body, count=1)
        return changed if count else b'{"extra":' + number + b"," + body[1:]

    return change


def _windows_1251(body: bytes) -> bytes:
    return body.decode("utf-8", errors="replace").encode("cp1251", errors="replace")


def _redirect(request: Request, _response: Response, options: Options) -> Response:
    location = f"{options['scheme']}://{options['host']}{request.path}"
    return Response(302, b"", {"Location": location, "Content-Type": "text/html"})


def _redirect_page(_request: Request, _response: Response, options: Options) -> Response:
    page = html_response(302, _PAGE.format("Авторизация"))
    page.headers["Location"] = options["location"]
    return page


def _compressed_twice(_request: Request, response: Response, _options: Options) -> Response:
    body = gzip.compress(gzip.compress(response.body))
    return Response(response.status, body, response.headers | {"Content-Encoding": "gzip"})


@lru_cache(maxsize=2)
def _bomb(mib: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b'{"result":"')]
    parts += [packer.compress(b" " * _MIB) for _ in range(mib)]
    return b"".join([*parts, packer.compress(b'"}'), packer.flush()])


def _gzip_bomb(_request: Request, response: Response, options: Options) -> Response:
    return Response(200, _bomb(options["mib"]), response.headers | {"Content-Encoding": "gzip"})


def _closed_at(options: Options) -> Delivery:
    def deliver(wire: Wire, response: Response) -> None:
        wire.send(response.head() + response.body[: options["byte"]])
        wire.close()

    return deliver


def _wrong_length(*, by: str) -> Callable[[Options], Delivery]:
    def with_options(options: Options) -> Delivery:
        def deliver(wire: Wire, response: Response) -> None:
            length = max(0, len(response.body) + options[by])
            wire.send(response.head(length=length, close=True) + response.body)
            wire.close()

        return deliver

    return with_options


def _reset(_options: Options) -> Delivery:
    return lambda wire, _response: wire.reset()


def _reset_at(options: Options) -> Delivery:
    def deliver(wire: Wire, response: Response) -> None:
        wire.send(response.head() + response.body[: options["byte"]])
        wire.pause(options["pause_s"])  # a reset at once would overtake the bytes before it
        wire.reset()

    return deliver


def _late(options: Options) -> Delivery:
    def deliver(wire: Wire, response: Response) -> None:
        wire.pause(options["seconds"])
        whole(wire, response)

    return deliver


def _silence(_options: Options) -> Delivery:
    return lambda wire, _response: wire.wait_until_gone()


def _byte_by_byte(options: Options) -> Delivery:
    def deliver(wire: Wire, response: Response) -> None:
        message = response.head() + response.body
        for byte in message:
            if wire.stop.is_set():
                wire.close()
                return
            wire.send(bytes([byte]))
            wire.pause(options["pause_s"])

    return deliver


def _huge(options: Options) -> Delivery:
    def deliver(wire: Wire, response: Response) -> None:
        padding = options["mib"] * _MIB
        wire.send(response.head(length=len(response.body) + padding))
        for _ in range(options["mib"]):
            if wire.stop.is_set():
                break
            wire.send(b" " * _MIB)
        wire.send(response.body)

    return deliver


#: Every fault of a whole answer by name.
WHOLE_ANSWER: dict[str, WholeAnswer] = {
    "html_200": _html(200, "Добро пожаловать в сеть"),
    "html_401": _html(401, "Требуется авторизация"),
    "html_403": _html(403, "Forbidden"),
    "html_404": _html(404, "Not Found"),
    "html_502": _html(502, "Bad Gateway"),
    "html_503": _html(503, "Service unavailable"),
    "query_limit_503": _error(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    "operation_limit_429": _error(
        429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit."
    ),
    "error_500": _error(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "error_200": _error(200, "ERROR_CORE", "Something went wrong"),
    "refused": _error(401, "expired_token", "The access token provided has expired."),
    "empty_body": _literal("nothing at all", b""),
    "json_null": _literal("null", b"null"),
    "json_list": _literal("an empty list", b"[]"),
    "json_string": _literal("a text", b'"x"'),
    "json_number": _literal("a number", b"123"),
    "deep_brackets": _literal("100,000 brackets inside each other", b"[" * 100_000 + b"]" * 100_000),
    "truncated_json": _body("the first half, with a length that fits", lambda body: body[: len(body) // 2]),
    "json_and_garbage": _body(
        "the answer and a warning after it", lambda body: body + b"\n<b>Warning</b>: x"
    ),
    "json_among_messages": _body(
        "the answer with messages of PHP before and after it, in another encoding",
        lambda body: (
            b"<br />\n<b>Warning</b>: Undefined array key {0} in <b>/home/x.php</b><br />\n"
            + body
            + "<b>Notice</b>: внимание".encode("cp1251")
        ),
    ),
    "bom": _body("a byte order mark in front", lambda body: b"\xef\xbb\xbf" + body),
    "utf16": _body("UTF-16", lambda body: body.decode().encode("utf-16")),
    "windows_1251": _body("windows-1251 under a UTF-8 header", _windows_1251),
    "lone_surrogate": _body("half a surrogate pair in a name", _in_first_name(rb"\ud800")),
    "nul": _body("a NUL in a name", _in_first_name(rb"\u0000")),
    "nan": _body("NaN", _with_number(b"NaN")),
    "huge_exponent": _body("1e999", _with_number(b"1e999")),
    "huge_number": _body("a number of 5,000 digits", _with_number(b"9" * 5_000)),
    "key_twice": _body(
        "the key result twice, empty the second time", lambda body: body[:-1] + b',"result":[]}'
    ),
    "error_and_result": _body(
        "error and result together",
        lambda body: b'{"error":"INTERNAL_SERVER_ERROR","error_description":"x",' + body[1:],
    ),
    "redirect_host": WholeAnswer(
        "302 to another host", _redirect, options={"host": "renamed.invalid", "scheme": "https"}
    ),
    "redirect_html": WholeAnswer("302 with a page", _redirect_page, options={"location": "/auth/"}),
    "double_gzip": WholeAnswer("gzip of gzip", _compressed_twice),
    "gzip_bomb": WholeAnswer("a little gzip that grows", _gzip_bomb, options={"mib": 64}),
    "huge_body": WholeAnswer("more megabytes than anyone wants", delivery=_huge, options={"mib": 64}),
    "length_too_small": WholeAnswer(
        "Content-Length below the truth", delivery=_wrong_length(by="less"), options={"less": -10}
    ),
    "length_too_large": WholeAnswer(
        "Content-Length above the truth", delivery=_wrong_length(by="more"), options={"more": 10}
    ),
    "closed_at_byte": WholeAnswer(
        "connection closed after some bytes of the body", delivery=_closed_at, options={"byte": 20}
    ),
    "reset": WholeAnswer("connection reset before the answer", delivery=_reset),
    "reset_at_byte": WholeAnswer(
        "connection reset after some bytes of the body",
        delivery=_reset_at,
        options={"byte": 20, "pause_s": 0.05},
    ),
    "late": WholeAnswer("the answer after a while", delivery=_late, options={"seconds": 5.0}),
    "silence": WholeAnswer("no byte until the client leaves", delivery=_silence),
    "byte_by_byte": WholeAnswer(
        "one byte, a pause, one byte", delivery=_byte_by_byte, options={"pause_s": 1.0}
    ),
}
