"""From the bytes of an HTTP answer to the payload in it, or to the error they amount to. Nothing is guessed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import orjson

from shared.bitrix24.coerce import clean
from shared.bitrix24.commands import Answer, Command
from shared.bitrix24.errors import Fault, PortalError, portal_error, whole_answer_error
from shared.bitrix24.php import as_map
from shared.domain.errors import BadAnswer, PortalMoved
from shared.outbound import Response

REDIRECTS = (301, 302, 303, 307, 308)


def payload_of(response: Response, *, method: str) -> Any:
    """The ``result`` of a successful call.

    Raises the domain error an unsuccessful one means: BadAnswer for what is not an answer of the REST interface,
    PortalMoved for a redirect to another host, and the errors of ``shared.bitrix24.errors`` otherwise. The key
    ``error`` decides, not the status: some methods report errors with status 200.
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
        raise BadAnswer(what="shape", status=str(response.status), start="no result")
    return document["result"]


def document_of(response: Response) -> dict[str, Any]:
    """The JSON object an answer consists of. Raises BadAnswer for anything else."""
    document = _json_of(response)
    if not isinstance(document, dict):
        raise BadAnswer(what="shape", status=str(response.status), start=type(document).__name__)
    return document


def batch_answers(result: Any, commands: list[Command]) -> dict[str, Answer]:
    """The answer of every command of a batch, by key. A command the batch is silent about was not executed.

    Raises BadAnswer when this is not the result of a batch.
    """
    try:
        batch = as_map(result)
        results = as_map(batch["result"])
        errors, totals, nexts = (
            as_map(batch.get(name, [])) for name in ("result_error", "result_total", "result_next")
        )
    except (TypeError, KeyError) as error:
        raise BadAnswer(what="shape", status="200", start="batch") from error
    return {command.key: _answer(command, results, errors, totals, nexts) for command in commands}


def _answer(
    command: Command,
    results: dict[str, Any],
    errors: dict[str, Any],
    totals: dict[str, Any],
    nexts: dict[str, Any],
) -> Answer:
    key, method = command.key, command.method
    if key in errors:
        wire = errors[key] if isinstance(errors[key], dict) else {"error": errors[key]}
        error = portal_error(wire.get("error"), wire.get("error_description"), method=method)
        return Answer(method, error=error)
    if key not in results:
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
    try:
        target = urlsplit(response.location)
        host = target.hostname if "/rest/" in target.path else None
        port = f":{target.port}" if target.port else ""
    except ValueError:
        host, port = None, ""
    if host:
        raise PortalMoved(host=clean(host) + port)
    raise BadAnswer(what="redirect", status=str(response.status), start="")


def _json_of(response: Response) -> Any:
    body = response.body.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise BadAnswer(what="empty", status=str(response.status), start="")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        # orjson refuses a whole answer for one lone surrogate; a single odd label must not cost the snapshot.
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        start = _start_of(body)
        what = "page" if start.startswith("<") else "not_json"
        raise BadAnswer(what=what, status=str(response.status), start=_without_markup(start)) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _start_of(body: bytes) -> str:
    return body[:2000].decode("utf-8", "replace").lstrip()


def _without_markup(text: str) -> str:
    bare = re.sub(r"<(script|style)\b.*?(</\1>|$)|<[^>]*(>|$)", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", bare).strip()[:200]
