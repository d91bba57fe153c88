"""What both web services share: refusals as problem details, health, metrics, request ids, and their own names."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.db.session import Database
from shared.domain.errors import CrmapError, Refused
from shared.domain.network_address import place_of
from shared.http_server.hosts import WATCHED
from shared.http_server.watching import may_watch
from shared.refusal_route import FAILURES, headers_of, own_sentence, refusal_of
from shared.wording.language import Language

PROBLEM = "application/problem+json"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

# What programs read of a refusal with each status, in the description of an API.
_MEANINGS: Final[Mapping[int, str]] = {
    400: "A parameter or the body is invalid.",
    401: "There is no token or session, or it is not valid any more.",
    403: "Whoever asks may not do this.",
    404: "It does not exist, or it belongs to somebody else.",
    409: "The state of the portal or of the cabinet does not allow this.",
    413: "The body is too large.",
    415: "The body is of another type or encoding than this address takes.",
    422: "What was given cannot be used, although its form is right.",
    429: "A limit is reached; Retry-After says for how long.",
    503: "Too busy, or the database or Bitrix24 does not answer; Retry-After says when to try again.",
}
_VALIDATION = "HTTPValidationError"

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A refusal (RFC 9457). ``code`` names it for programs, ``detail`` says in words what to do."""

    type: str
    status: int
    code: str
    title: str
    detail: str | None = None
    request_id: str


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The responses of a route that its API describes: problem details with these statuses."""
    content = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


def language_of(request: Request) -> Language:
    """The language of sentences in a response: the first accepted language that we have, else Russian."""
    for entry in request.headers.get("accept-language", "").split(","):
        tag = entry.split(";")[0].strip().lower()[:2]
        if tag == "ru":
            return "ru"
        if tag == "en":
            return "en"
    return "ru"


def network_of(request: Request) -> str:
    """The place the request comes from, for limits: an IPv4 address, or the network of an IPv6 address."""
    return place_of(request.client.host if request.client else "")


def problem(
    request: Request, refusal: CrmapError, sentence: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The refusal as RFC 9457 problem details, which repeat nothing from the request.

    ``sentence`` says what to do, unless the refusal itself has a hint for developers.
    """
    body = Problem(
        type="about:blank",
        status=refusal.status,
        code=refusal.code,
        title=refusal.code,
        detail=refusal.facts.get("hint") or sentence or None,
        request_id=request.state.request_id,
    )
    # Both the API's tokens and frame sessions come as bearer tokens.
    challenge = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return JSONResponse(
        body.model_dump(exclude_none=True),
        refusal.status,
        headers={**challenge, **headers_of(refusal), **(headers or {})},
        media_type=PROBLEM,
    )


def prepare(
    app: FastAPI,
    db: Database,
    *,
    metrics_token: SecretStr | None,
    say: Callable[[CrmapError, Language], str] = own_sentence,
) -> None:
    """The application gives requests ids, answers refusals as problem details, has health checks and metrics.

    Without ``metrics_token`` the metrics are for this machine only. ``say`` returns the sentence for a refusal, empty
    if there is none.
    """
    app.add_middleware(_Identified)
    _answer_refusals(app, say)
    _describe_refusals(app)
    _tell_health(app, db)
    _tell_metrics(app, metrics_token)


def routes_of(*routers: APIRouter) -> list[BaseRoute]:
    """The routes of all these routers, for any number of applications.

    FastAPI works out what a route takes at its first request and keeps that with the route. In an application that
    includes the routers itself it would be worked out anew for each application.
    """
    all_of_them = APIRouter()
    for router in routers:
        all_of_them.include_router(router)
    return all_of_them.routes


class MetricsClosed(Refused):
    """The metrics are told to whoever has their token only."""

    code = "metrics_closed"
    status = 401


class _Identified:
    """Middleware around everything: a request has an id, its response the usual headers, its end a line in the log.

    Plain ASGI, because the framework's own middleware costs more than the rest of a short request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent_id = Headers(scope=scope).get("x-request-id", "")
        request_id = sent_id if _REQUEST_ID.fullmatch(sent_id) else str(uuid4())
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
            # Who hangs up in the middle of a body gets no answer, and is no fault of ours.
            with contextlib.suppress(ClientDisconnect):
                await self._app(scope, receive, send_with_headers)
            _tell(scope, status, duration_ms=round((time.monotonic() - started) * 1000))


def _tell(scope: Scope, status: int, *, duration_ms: int) -> None:
    """A log line for the request, with the registered route instead of the address, which may contain a secret."""
    route = getattr(scope.get("route"), "path", "")
    # Monitoring asks those every few seconds.
    if route not in WATCHED:
        facts = {"http_method": scope["method"], "route": route, "status": status}
        log.info("request.answered", extra={**facts, "duration_ms": duration_ms})


def _answer_refusals(app: FastAPI, say: Callable[[CrmapError, Language], str]) -> None:
    def answer(request: Request, failure: Exception) -> JSONResponse:
        refusal = refusal_of(failure)
        # The framework names the methods an address takes.
        headers = failure.headers if isinstance(failure, HTTPException) else None
        return problem(request, refusal, say(refusal, language_of(request)), headers)

    for kind in FAILURES:
        app.add_exception_handler(kind, answer)


def _describe_refusals(app: FastAPI) -> None:
    """The description of the API has our problem details, and not what the framework would answer to invalid input."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        described = describe()
        schemas = described["components"]["schemas"]
        schemas[Problem.__name__] = Problem.model_json_schema()
        for name in (_VALIDATION, "ValidationError"):
            schemas.pop(name, None)
        for operation in (one for verbs in described["paths"].values() for one in verbs.values()):
            if _VALIDATION in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
        return described

    app.openapi = openapi  # type: ignore[method-assign]


def _tell_health(app: FastAPI, db: Database) -> None:
    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("alive")

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> PlainTextResponse:
        db.ping()
        return PlainTextResponse("ready")


def _tell_metrics(app: FastAPI, token: SecretStr | None) -> None:
    @app.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        sender = request.client.host if request.client else ""
        sent = request.headers
        allowed = may_watch(
            token,
            authorization=sent.get("authorization", ""),
            sender=sender,
            host=sent.get("host", ""),
        )
        if not allowed:
            raise MetricsClosed
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
