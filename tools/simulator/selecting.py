"""Filters and orders of list methods, on rows as they go over the wire."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tools.simulator.php import as_map

Row = Mapping[str, Any]

#: Longest first, so that ``>=`` is not read as ``>``.
_PREFIXES = ("!%", "!=", "!@", ">=", "<=", "=%", "%=", "><", "!", "=", ">", "<", "%", "@")


def split_prefix(name: str) -> tuple[str, str]:
    """``">=ID"`` → ``(">=", "ID")``; no prefix gives ``""``."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return prefix, name[len(prefix) :]
    return "", name


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return "" if value is None else str(value)


def _flag_like(value: Any, wanted: str) -> str:
    return (
        {"1": "Y", "0": "N", "true": "Y", "false": "N"}.get(wanted, wanted)
        if isinstance(value, bool)
        else wanted
    )


def rank(value: Any) -> tuple[int, float, str]:
    """A sort key under which numbers, also those sent as strings, stand in numeric order before texts."""
    if isinstance(value, bool | int | float):
        return 0, float(value), ""
    text = "" if value is None else str(value)
    digits = text.removeprefix("-")
    return (0, float(text), "") if digits.isascii() and digits.isdigit() else (1, 0.0, text.casefold())


def _equal(value: Any, wanted: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    options = list(as_map(wanted).values()) if isinstance(wanted, dict | list) else [wanted]
    return any(_plain(one) == _flag_like(one, _plain(option)) for one in values for option in options)


def _like(value: Any, wanted: Any) -> bool:
    return _plain(wanted).casefold() in _plain(value).casefold()


def _masked(value: Any, wanted: Any) -> bool:
    return fnmatch.fnmatchcase(_plain(value).casefold(), _plain(wanted).casefold().replace("%", "*"))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "": _equal,
    "=": _equal,
    "@": _equal,
    "!": lambda value, wanted: not _equal(value, wanted),
    "!=": lambda value, wanted: not _equal(value, wanted),
    "!@": lambda value, wanted: not _equal(value, wanted),
    ">": lambda value, wanted: rank(value) > rank(wanted),
    "<": lambda value, wanted: rank(value) < rank(wanted),
    ">=": lambda value, wanted: rank(value) >= rank(wanted),
    "<=": lambda value, wanted: rank(value) <= rank(wanted),
    "%": _like,
    "!%": lambda value, wanted: not _like(value, wanted),
    "=%": _masked,
    "%=": _masked,
    "><": lambda value, wanted: rank(wanted[0]) <= rank(value) <= rank(wanted[1]),
}


def matching(rows: Sequence[Row], conditions: Mapping[str, Any]) -> list[Row]:
    """Rows that meet every condition whose key they have; unknown keys are ignored, as in classic methods."""
    tests = [(*split_prefix(name), wanted) for name, wanted in conditions.items()]
    return [
        row
        for row in rows
        if all(name not in row or _TESTS[prefix](row[name], wanted) for prefix, name, wanted in tests)
    ]


def exactly(rows: Sequence[Row], conditions: Mapping[str, Any], keys: Sequence[str]) -> list[Row]:
    """Rows equal in the given keys only; an empty wanted value asks for nothing."""
    wanted = {key: _plain(conditions[key]) for key in keys if _plain(conditions.get(key)) != ""}
    return [row for row in rows if all(_plain(row.get(key)) == value for key, value in wanted.items())]


def descends(direction: Any) -> bool:
    return _plain(direction).upper().startswith("DESC")


def in_order(rows: Sequence[Row], order: Mapping[str, Any]) -> list[Row]:
    """Rows by the named keys; what the order leaves open keeps its place."""
    found = list(rows)
    for key, direction in reversed(list(order.items())):
        found.sort(key=lambda row: rank(row.get(key)), reverse=descends(direction))
    return found
