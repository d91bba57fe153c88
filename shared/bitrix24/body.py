"""Parses the bytes of an HTTP answer into its payload, or raises the error they report. Nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import orjson

from shared.bitrix24.coerce import clean
from shared.bitrix24.commands import Answer, Command, Key
from shared.bitrix24.errors import Fault, PortalError, portal_error, whole_answer_error
from shared.bitrix24.php import as_map
from shared.domain.errors import BadAnswer, PortalMoved
from shared.outbound import Response

# A method may take 480 s in ten minutes, 420 s by the newest server source (Bitrix24 REST documentation, limits).
_NEARLY_USED_UP_S = 400
_LONGEST_REST_S = 600.0
_LATEST = 10**15

# Such a status without JSON seldom comes from the REST interface itself.
_BY_STATUS = {401: "password", 403: "firewall", 404: "no_portal"}
# The beginning of an answer; a server may print messages before it.
_ENVELOPE = re.compile(rb'\{\s*"(?:result|error|error_description|total|next|time)"\s*:')
_PHP_MESSAGE = re.compile(r"(?:PHP )?(?:Warning|Notice|Deprecated|Fatal error|Parse error)\b", re.IGNORECASE)
# How many characters an error quotes of what came instead of an answer.
_QUOTED = 80

REDIRECTS = (301, 302, 303, 307, 308)


def payload_of(response: Response, *, method: str) -> Any:
    """The ``result`` of a successful call.

    Raises BadAnswer if this is not an answer of the REST interface, PortalMoved for a redirect to another host, and
    otherwise the errors of ``shared.bitrix24.errors``. The key ``error`` decides, not the status: some methods
    report errors with status 200.
    """
    if response.status in REDIRECTS:
        _redirected(response)
    document = document_of(response)
    if "error" in document:
        error = portal_error(
            document["error"], document.get("error_description"), method=method, status=response.status
        )
        raise whole_answer_error(error, method=method, until=_until(document))
    if "result" not in document:
        raise BadAnswer(what="shape", status=str(response.status), start=_quoted(response))
    return document["result"]


def document_of(response: Response) -> dict[str, Any]:
    """The JSON object an answer consists of. Raises BadAnswer for anything else."""
    document = _json_of(response)
    if not isinstance(document, dict):
        raise BadAnswer(what="shape", status=str(response.status), start=_quoted(response))
    return document


def batch_answers(result: Any, commands: list[Command]) -> dict[Key, Answer]:
    """The answer of every command of a batch, by key. A command without a result and an error was not executed.

    Raises BadAnswer when this is not the result of a batch.
    """
    try:
        batch = as_map(result)
        results = as_map(batch["result"])
        errors, totals, nexts = (
            as_map(batch.get(name, [])) for name in ("result_error", "result_total", "result_next")
        )
    except (TypeError, KeyError) as error:
        raise BadAnswer(what="shape", status="200", start="") from error
    return {command.key: _answer(command, results, errors, totals, nexts) for command in commands}


def resting_methods(result: Any, commands: Iterable[Command]) -> dict[str, float]:
    """The methods that have nearly used up their time, each with the seconds until its time limit is reset.

    ``result`` is the result of a batch. A self-hosted portal reports no times; then no method rests.
    """
    times = result.get("result_time") if isinstance(result, dict) else None
    resting: dict[str, float] = {}
    for command in commands:
        time = times.get(command.key.text) if isinstance(times, dict) else None
        if isinstance(time, dict) and _number(time.get("operating")) >= _NEARLY_USED_UP_S:
            # Both times are read from the portal's clock, so our clock does not matter.
            seconds = _number(time.get("operating_reset_at")) - _number(time.get("finish"))
            resting[command.method] = seconds if 0 < seconds <= _LONGEST_REST_S else _LONGEST_REST_S
    return resting


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) < _LATEST else 0.0


def _answer(
    command: Command,
    results: dict[str, Any],
    errors: dict[str, Any],
    totals: dict[str, Any],
    nexts: dict[str, Any],
) -> Answer:
    key, method = command.key.text, command.method
    if key in errors:
        wire = errors[key] if isinstance(errors[key], dict) else {"error": errors[key]}
        error = portal_error(wire.get("error"), wire.get("error_description"), method=method)
        return Answer(method, error=error)
    if results.get(key) is None:
        # None of our methods returns null. A skipped command has no key at all.
        return Answer(method, error=PortalError(Fault.NOT_ANSWERED))
    return Answer(method, results[key], _count(totals.get(key)), _count(nexts.get(key)))


def _count(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and value >= 0:
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else None


def _until(document: dict[str, Any]) -> str:
    time = document.get("time")
    reset = time.get("operating_reset_at") if isinstance(time, dict) else None
    try:
        return datetime.fromtimestamp(reset, UTC).isoformat() if isinstance(reset, int) else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _redirected(response: Response) -> NoReturn:
    """Raises PortalMoved for a REST address on another host, BadAnswer for any other redirect."""
    try:
        target = urlsplit(urljoin(response.origin, response.location))
        host = target.hostname if "/rest/" in target.path else None
        port = f":{target.port}" if target.port else ""
    except ValueError:
        host, port = None, ""
    if not host:
        raise BadAnswer(what="redirect", status=str(response.status), start=_shortened(response.location))
    if host + port == urlsplit(response.origin).netloc:
        raise BadAnswer(what="redirect_here", status=str(response.status), start=_shortened(target.path))
    raise PortalMoved(host=clean(host) + port)


def _json_of(response: Response) -> Any:
    body = response.body.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        # orjson rejects a whole answer because of one lone surrogate. One odd label must not cost the snapshot.
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        pass
    try:
        return _json_inside(body)
    except (ValueError, RecursionError) as error:
        start = _start_of(body)
        raise BadAnswer(
            what=_what_came(response.status, start), status=str(response.status), start=_without_markup(start)
        ) from error


def _json_inside(body: bytes) -> Any:
    """The answer in a body that has server messages before or after it. Raises ValueError if it is incomplete."""
    begin = _ENVELOPE.search(body)
    if begin is None:
        raise ValueError("no answer")
    # The text around the answer may have any encoding. The answer must be UTF-8: otherwise this raises.
    text = body[begin.start() :].decode("utf-8", "surrogateescape")
    document, end = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text)
    text[:end].encode()
    return document


def _what_came(status: int, start: str) -> str:
    """What came instead of an answer, as a value of ``what`` in BadAnswer."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if not start:
        return "empty"
    if _PHP_MESSAGE.match(_without_markup(start)):
        return "php"
    return "page" if start.startswith("<") else "not_json"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _quoted(response: Response) -> str:
    return _without_markup(_start_of(response.body))


def _start_of(body: bytes) -> str:
    return body[:2000].decode("utf-8", "replace").lstrip()


def _without_markup(text: str) -> str:
    bare = re.sub(r"<(script|style)\b.*?(</\1>|$)|<[^>]*(>|$)", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return _shortened(bare)


def _shortened(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", clean(text)).strip()[:_QUOTED]
