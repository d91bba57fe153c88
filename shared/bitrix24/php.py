"""PHP conventions: how a command encodes its parameters, and maps that arrive as lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

Params = Mapping[str, Any]

# RFC 3986, section 2.3. Nearly all parameters need no quoting, and this check is faster than ``quote``.
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")


def php_query(params: Params) -> str:
    """Nested parameters as PHP reads them: ``filter[ENTITY_ID]=SOURCE&select[0]=ID``, percent-encoded.

    Flags become ``Y`` / ``N`` and ``None`` the empty string. An empty list or map is left out: a query string
    cannot express it.
    """
    return "&".join(_pairs(params, ""))


def _pairs(value: Any, key: str) -> list[str]:
    if value is None or isinstance(value, (str, int, float)):
        return [f"{key}={_encoded(_scalar(value))}"]
    inner = value.items() if isinstance(value, Mapping) else enumerate(value)
    names = ((_encoded(str(name)), item) for name, item in inner)
    return [pair for name, item in names for pair in _pairs(item, f"{key}%5B{name}%5D" if key else name)]


def _encoded(text: str) -> str:
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)


def as_map(value: Any) -> dict[str, Any]:
    """A PHP array as a map: it arrives as ``[]`` when empty and as a list when its keys are 0, 1, 2 and so on.

    Raises TypeError for anything else.
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(position): item for position, item in enumerate(value)}
    raise TypeError(f"not a PHP array: {type(value).__name__}")
