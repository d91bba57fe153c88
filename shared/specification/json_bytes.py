"""JSON text of anything a snapshot may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson

INT64 = range(-(2**63), 2**64)


def json_bytes(document: Any) -> bytes:
    """UTF-8 JSON, indented by two, with a line feed at its end.

    Half a surrogate pair becomes U+FFFD and a number beyond 64 bits a float: JSON as our readers parse it holds
    neither, and one odd text in a portal must not make the whole document fail.
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    try:
        return orjson.dumps(document, default=dict, option=options)
    except orjson.JSONEncodeError:
        return orjson.dumps(_mended(document), option=options)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if value in INT64 else float(value)
    if isinstance(value, Mapping):
        return {_mended(str(key)): _mended(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_mended(item) for item in value]
    return {field.name: _mended(getattr(value, field.name)) for field in fields(value)}
