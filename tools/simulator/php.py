"""How PHP sees a request and how it writes an array: one array type, brackets in names, no empty maps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

_KEYS = re.compile(r"\[([^\]]*)\]")


def php_map(value: Mapping[str, Any]) -> Any:
    """A map as PHP encodes it: ``[]`` when empty, a list when its keys are 0, 1, 2 …, else an object."""
    if list(value) == [str(place) for place in range(len(value))]:
        return list(value.values())
    return dict(value)


def parse_query(text: str) -> dict[str, Any]:
    """A query string or form body as PHP's ``parse_str`` reads it; every leaf is a string."""
    params: dict[str, Any] = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        _put(params, unquote_plus(name, errors="replace"), unquote_plus(value, errors="replace"))
    return {key: _lists(value) for key, value in params.items()}


def _put(params: dict[str, Any], name: str, value: str) -> None:
    head, bracket, _ = name.partition("[")
    path = [head.strip().replace(".", "_").replace(" ", "_")]
    if bracket and "]" in name:
        path += _KEYS.findall(name[len(head) :])
    if not path[0]:
        return
    at = params
    for part in path[:-1]:
        key = part or _next_key(at)
        if not isinstance(at.get(key), dict):
            at[key] = {}
        at = at[key]
    at[path[-1] or _next_key(at)] = value


def _next_key(at: dict[str, Any]) -> str:
    numbers = [int(key) for key in at if key.isdigit()]
    return str(max(numbers, default=-1) + 1)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return php_map({key: _lists(inner) for key, inner in value.items()}) if value else {}


def truthy(value: Any) -> bool:
    """PHP truthiness: the strings "N" and "false" are true."""
    return value not in (None, False, 0, "0", "", [], {})


def as_int(value: Any) -> int | None:
    """An int as the platform's controllers accept it: a number, or a string of digits."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,18}", value.strip()):
        return int(value)
    return None


def loose_int(value: Any) -> int:
    """PHP's ``(int)`` cast: leading digits count, anything else is 0."""
    if isinstance(value, int | float):
        return int(value)
    match = re.match(r"\s*[+-]?\d{1,18}", value) if isinstance(value, str) else None
    return int(match.group()) if match else 0


def yes(value: Any) -> bool:
    """A flag given as true, 1, "1", "Y" or "true"."""
    return value in (True, 1, "1", "Y", "y", "true")


def as_map(value: Any) -> dict[str, Any]:
    """An array given as object or list; anything else is no array and counts as empty."""
    if isinstance(value, dict):
        return {str(key): inner for key, inner in value.items()}
    return {str(place): inner for place, inner in enumerate(value)} if isinstance(value, list) else {}
