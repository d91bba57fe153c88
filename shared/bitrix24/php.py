"""PHP at the border: how parameters are spelled in a command, and maps that arrive as lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

Params = Mapping[str, Any]


def php_query(params: Params) -> str:
    """Nested parameters as PHP reads them: ``filter[ENTITY_ID]=SOURCE&select[0]=ID``, percent-encoded.

    Flags become ``Y`` / ``N`` and ``None`` the empty string. An empty list or map vanishes: the form has no way
    to say it.
    """
    return "&".join(_pairs(params, ""))


def _pairs(value: Any, key: str) -> list[str]:
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = dict(enumerate(value)).items()
    else:
        return [f"{quote(key, safe='')}={quote(_scalar(value), safe='')}"]
    return [pair for name, item in inner for pair in _pairs(item, f"{key}[{name}]" if key else str(name))]


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)


def as_map(value: Any) -> dict[str, Any]:
    """A PHP array as a map: it arrives as ``[]`` when empty and as a list when its keys are 0, 1, 2 and so on.

    Raises TypeError for anything that is no array at all.
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(position): item for position, item in enumerate(value)}
    raise TypeError(f"not a PHP array: {type(value).__name__}")
