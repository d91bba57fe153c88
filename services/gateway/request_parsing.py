"""The body of a request, and the fields of the form or the JSON object in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from services.gateway.form_refusals import (
    BadCharacters,
    BadJson,
    BadShape,
    EmptyBody,
    UnsupportedEncoding,
    UnsupportedMediaType,
)
from services.gateway.php_form import LONGEST_BODY, Tree, parse, text_at

_FORM = "application/x-www-form-urlencoded"


async def body_of(request: Request) -> bytes:
    """The body; of one that is too long, one byte more than the limit."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > LONGEST_BODY:
            break
    return b"".join(parts)[: LONGEST_BODY + 1]


Body = Annotated[bytes, Depends(body_of)]


def form_in(request: Request, body: bytes) -> Tree:
    """The form in the body. Raises FormRefused, also if the body is not a urlencoded form."""
    if not body:
        raise EmptyBody
    if media_type(request) != _FORM:
        raise UnsupportedMediaType
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedEncoding
    return parse(body)


def media_type(request: Request) -> str:
    """The type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def fields_of(request: Request, body: Body) -> Mapping[str, str]:
    """The fields of a form or of a JSON object, as text. Raises FormRefused."""
    if not body:
        return {}
    if media_type(request) == "application/json":
        return _json_fields(body)
    tree = form_in(request, body)
    return {name: text_at(tree, name) for name in tree}


Fields = Annotated[Mapping[str, str], Depends(fields_of)]


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadJson from None
    if not isinstance(document, dict):
        raise BadShape
    fields = {name: _field(value) for name, value in document.items()}
    if any("\x00" in text or not _is_utf8(text) for text in fields.values()):
        raise BadCharacters
    return fields


def _field(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    if isinstance(value, str | int):
        return str(value)
    raise BadShape


def _is_utf8(text: str) -> bool:
    """False for half a surrogate pair, which JSON can express and no database can store."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
