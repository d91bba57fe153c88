"""Logs: one fact per line, in production as JSON. Secrets are removed from every line, also from those of libraries.

Our own lines name a fact and a few allowed keys; everything else is dropped. Lines of libraries quote addresses,
headers and bodies, so every text, a traceback's too, is searched for what looks like a secret before it is written.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.types import EventDict, Processor

# Our own ids, counts, durations and codes. There is no key for form bodies, e-mail addresses or tokens.
KEYS: Final = frozenset(
    (
        *("service", "request_id", "task_id", "task", "attempt", "attempts"),
        *(
            "portal_id",
            "account_id",
            "application_id",
            "cabinet_id",
            "job_id",
            "inbox_id",
            "refresh_id",
            "snapshot_id",
            "snapshot",
        ),
        *(
            "code",
            "error",
            "event_name",
            "events",
            "verdict",
            "reason",
            "method",
            "http_method",
            "route",
            "status",
            "state",
        ),
        *(
            "ahead_s",
            "calls",
            "changes",
            "count",
            "due",
            "duration_ms",
            "erased",
            "given_up",
            "is_in_doubt",
            "is_new",
            "jobs",
            "left",
            "limit",
            "lost",
            "operating_s",
            "portals",
            "versions",
        ),
    )
)
_BLOT = "***"
_NAMES = (
    r"auth(?:_id|orization)?|access_?token|refresh_?(?:token|id)|client_?secret|application_?token|api_?key|token"
    r"|secret|password|passwd|session|cookie|preview"
)
# An equals sign, a colon, or the end of a bracketed name, each plain or percent-encoded, with quotes around.
_IS = r"""(?:\]|%5D)?["'\\]{0,3}\s{0,2}(?:=|:|%3D)\s{0,2}["'\\]{0,3}(?:(?:bearer|basic)\s+)?"""
_PATTERNS: Final = (
    # token=…, auth[token]=…, auth%5Btoken%5D=…, "token": "…", Authorization: Bearer …
    (re.compile(rf"(?<![A-Za-z])((?:{_NAMES}){_IS})[^\s&\"'\\,;)}}\]]+", re.IGNORECASE), rf"\1{_BLOT}"),
    (re.compile(r"\b((?:bearer|basic)\s+)[^\s\"',;)}\]]+", re.IGNORECASE), rf"\1{_BLOT}"),
    (re.compile(r"\b(code=)[^\s&\"']+"), rf"\1{_BLOT}"),
    # The code in a webhook's address, and a password in any address.
    (re.compile(r"(/rest/[0-9]{1,10}/)[^/\s?#\"']+"), rf"\1{_BLOT}"),
    (re.compile(r"(://[^/\s:@]{0,100}:)[^/\s@]+(?=@)"), rf"\1{_BLOT}"),
    # A person's address, as an error of the database may quote it.
    (re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?=[A-Za-z0-9-]{1,63}\.)"), f"{_BLOT}@"),
    # Anything long enough to be a token, with a digit in it; ids of ours are UUIDs and stay.
    (
        re.compile(
            r"(?<![A-Za-z0-9_-])"
            r"(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![A-Za-z0-9_-]))"
            r"(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{20,}"
        ),
        _BLOT,
    ),
    # A connection token, in the rare case that it has no digit.
    (re.compile(r"\b[2-9A-HJKMNP-Z]{30}\b"), _BLOT),
)
# Libraries that log too much even after the search: whole addresses, statements with their values.
_QUIET: Final = ("httpx", "httpcore", "sqlalchemy", "kombu", "amqp", "asyncio", "urllib3")


def set_up(service: str, *, as_json: bool, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """All loggers of this process write such lines to ``stream`` (standard error), and nowhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(service, as_json=as_json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        # Handlers that libraries have set up would bypass the search for secrets.
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # The report about a line that cannot be written would show all its values, unsearched.
    logging.raiseExceptions = False
    sys.excepthook = _unhandled


def redacted(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _formatter(service: str, *, as_json: bool) -> logging.Formatter:
    def name_service(_logger: Any, _method: str, line: EventDict) -> EventDict:
        line["service"] = service
        return line

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(KEYS),
        name_service,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # As text, and without local variables: those hold requests with their tokens.
        structlog.processors.format_exc_info,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redact, last],
    )


def _redact(_logger: Any, _method: str, line: EventDict) -> EventDict:
    return {str(key): _without_secrets(value) for key, value in line.items()}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping | MutableMapping):
        return {str(key): _without_secrets(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(inner) for inner in value]
    return redacted(str(value))


def _unhandled(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An unhandled error is logged like every other line."""
    logging.getLogger("crmap").critical("process.died", exc_info=(kind, error, trace))
