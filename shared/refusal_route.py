"""Refused requests over HTTP: which error a failure stands for, and the route class of faces that show it to people.

The status stands on the error class. A face (cabinet pages, pages in a portal's frame, JSON) gives only the rendering.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared.db.session import DATABASE_TROUBLE
from shared.domain.errors import CrmapError, Refused, Transient
from shared.domain.refusals import NotFound, TryAgainLater
from shared.wording.errors import error_sentence
from shared.wording.language import Language

# Failures of a request that are answered with a refusal. Any other is a bug of ours and answered with 500.
FAILURES: tuple[type[Exception], ...] = (
    CrmapError,
    RequestValidationError,
    HTTPException,
    *DATABASE_TROUBLE,
)

log = logging.getLogger(__name__)


class InvalidRequest(Refused):
    """A parameter or the body is invalid. Facts: ``hint``, in English, for developers."""

    code = "invalid_request"
    status = 400


class InvalidAddress(InvalidRequest):
    """A part of the address is not an id. People get the same answer as for an unknown address: NotFound."""


class MethodNotAllowed(Refused):
    """The address takes other methods."""

    code = "method_not_allowed"
    status = 405


class LengthRequired(Refused):
    """A form without a Content-Length."""

    code = "length_required"
    status = 411


class FormTooLarge(Refused):
    """A form that is longer than any of ours."""

    code = "too_large"
    status = 413


class RefusalRoute(APIRoute):
    """A route that shows refusals to people. Each face subclasses it and overrides ``render_refusal``."""

    # In bytes; ``None`` for a face that limits bodies itself.
    longest_form: ClassVar[int | None] = None

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:
        """The answer that shows this refusal. It may use neither the database nor anything of the request's body."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with every refusal rendered by the face."""
        handle = super().get_route_handler()

        async def handle_or_render(request: Request) -> Response:
            try:
                self._check_length(request)
                return await handle(request)
            except FAILURES as failure:
                refusal = refusal_of(failure)
                return self.render_refusal(
                    request, NotFound() if isinstance(refusal, InvalidAddress) else refusal
                )

        return handle_or_render

    def _check_length(self, request: Request) -> None:
        if self.longest_form is None or request.method != "POST":
            return
        length = request.headers.get("content-length", "")
        if not length.isascii() or not length.isdigit():
            raise LengthRequired
        if int(length[:12]) > self.longest_form:
            raise FormTooLarge


def refusal_of(failure: Exception) -> CrmapError:
    """The refusal that stands for one of FAILURES."""
    match failure:
        case CrmapError():
            return failure
        case RequestValidationError():
            places = [entry["loc"] for entry in failure.errors()]
            names = (".".join(str(step) for step in place[1:]) or "body" for place in places[:5])
            invalid = InvalidAddress if any(place[0] == "path" for place in places) else InvalidRequest
            return invalid(hint=f"Check: {', '.join(names)}")
        case HTTPException(status_code=404):
            return NotFound()
        case HTTPException(status_code=405):
            return MethodNotAllowed()
        case HTTPException():
            return InvalidRequest()
        case _:
            log.error("database.away", extra={"error": type(failure).__name__})
            return TryAgainLater()


def headers_of(refusal: CrmapError) -> dict[str, str]:
    """The headers that belong to any answer with this refusal."""
    return {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}


def own_sentence(refusal: CrmapError, language: Language) -> str:
    """The sentence for this refusal; empty if there is only a general one."""
    sentence = error_sentence(refusal, language)
    general = (error_sentence(Refused(), language), error_sentence(Transient(), language))
    return "" if sentence in general else sentence
