"""What both web services share: errors as problem details, health, request ids, and how they are served."""

from __future__ import annotations

import gc
import logging
import re
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.db.session import Database
from shared.domain.errors import (
    AccessLost,
    CrmapError,
    InsecureAddress,
    NotAWebhookUrl,
    PrivateAddress,
    Refused,
    Transient,
)
from shared.wording.errors import error_sentence
from shared.wording.language import Language

PROBLEM = "application/problem+json"
RETRY_AFTER_S = "30"
# Asked every few seconds by whoever watches over the process.
_UNTOLD = ("/healthz", "/readyz", "/metrics")
_MOST_FILES = 4096
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

log = logging.getLogger(__name__)


class Problem(Exception):
    """An answer that refuses: a status, a stable code and a sentence that says what to do."""

    def __init__(
        self, status: int, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


# What an error of the domain amounts to over HTTP; the nearest class of an error decides.
STATUS: Final[Mapping[type[CrmapError], int]] = {
    NotAWebhookUrl: 422,
    InsecureAddress: 422,
    PrivateAddress: 422,
    AccessLost: 409,
    Refused: 403,
    Transient: 503,
    CrmapError: 409,
}


def language_of(request: Request) -> Language:
    """The language of sentences in an answer: the first the asker accepts that we speak, Russian otherwise."""
    for entry in request.headers.get("accept-language", "").split(","):
        tag = entry.split(";")[0].strip().lower()[:2]
        if tag == "ru":
            return "ru"
        if tag == "en":
            return "en"
    return "ru"


def problem(request: Request, fault: Problem) -> JSONResponse:
    """The refusal as RFC 9457 problem details; nothing of the request is repeated in it."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": fault.status,
        "code": fault.code,
        "title": fault.code,
    }
    if fault.detail:
        body["detail"] = fault.detail
    body["request_id"] = request.state.request_id
    return JSONResponse(body, fault.status, headers=fault.headers, media_type=PROBLEM)


def prepare(app: FastAPI, db: Database, *, language: Callable[[Request], Language]) -> None:
    """The application identifies requests, answers errors as problem details and says whether it lives."""
    app.add_middleware(_Identified)
    _answer_refusals(app, language)
    _answer_failures(app)
    _tell_health(app, db)


class _Identified:
    """Around everything: a request has an id, its answer the usual headers, and its end a line in the log.

    By hand, because the framework's own kind of middleware costs more than all the rest of a short request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {"X-Request-Id": request_id, **_SECURITY_HEADERS}.items():
                    headers.setdefault(name, value)
            await send(message)

        started = time.monotonic()
        with bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_with_headers)
            _tell(scope, status, duration_ms=round((time.monotonic() - started) * 1000))


def _tell(scope: Scope, status: int, *, duration_ms: int) -> None:
    """A line per request: the address as it is registered, for what stands in its place may be a secret."""
    route = getattr(scope.get("route"), "path", "")
    if route not in _UNTOLD:
        facts = {"http_method": scope["method"], "route": route, "status": status}
        log.info("request.answered", extra={**facts, "duration_ms": duration_ms})


def _answer_refusals(app: FastAPI, language: Callable[[Request], Language]) -> None:
    @app.exception_handler(Problem)
    def refuse(request: Request, fault: Problem) -> JSONResponse:
        return problem(request, fault)

    @app.exception_handler(CrmapError)
    def refuse_by_domain(request: Request, error: CrmapError) -> JSONResponse:
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
        headers = {"Retry-After": RETRY_AFTER_S} if status == 503 else {}
        said = error_sentence(error, language(request))
        return problem(request, Problem(status, error.code, said, headers=headers))


def _answer_failures(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    def refuse_shape(request: Request, error: RequestValidationError) -> JSONResponse:
        places = ", ".join(
            ".".join(str(step) for step in entry["loc"][1:]) or "body" for entry in error.errors()[:5]
        )
        return problem(request, Problem(400, "invalid_request", f"Check: {places}"))

    @app.exception_handler(HTTPException)
    def refuse_route(request: Request, error: HTTPException) -> JSONResponse:
        codes = {404: "not_found", 405: "method_not_allowed"}
        headers = dict(error.headers or {})
        return problem(
            request, Problem(error.status_code, codes.get(error.status_code, "refused"), headers=headers)
        )

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def database_away(request: Request, error: Exception) -> JSONResponse:
        log.error("database.away", extra={"error": type(error).__name__})
        return problem(request, Problem(503, "try_again_later", headers={"Retry-After": RETRY_AFTER_S}))


def _tell_health(app: FastAPI, db: Database) -> None:
    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("alive")

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> PlainTextResponse:
        with db.session() as session:
            session.execute(text("select 1"))
        return PlainTextResponse("ready")

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def serve(app: ASGIApp, listen: str, *, trusted_proxies: Sequence[str]) -> None:
    """Serves until told to stop: open requests get ten seconds to end, idle connections fifteen.

    Only ``trusted_proxies``, addresses and networks, are believed who a request came from and over which scheme.
    """
    # What has been imported stays for good: looking through all of it for garbage costs a page 0.2 s now and then.
    gc.collect()
    gc.freeze()
    # Nor is there much garbage in the tens of thousands of rows that make a page of a large portal.
    gc.set_threshold(200_000, 20, 50)
    host, _, port = listen.rpartition(":")
    uvicorn.run(
        app,
        host=host.strip("[]") or "127.0.0.1",
        port=int(port),
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=15,
        # A burst of events waits in line; whoever is turned away here is an event lost.
        limit_concurrency=_open_files() // 2,
        forwarded_allow_ips=list(trusted_proxies),
    )


def _open_files() -> int:
    """How many files and connections the process may have open: as many as are allowed, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)
