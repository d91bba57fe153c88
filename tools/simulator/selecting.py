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


def _flag_like(value: Any, operand: str) -> str:
    return (
        {"1": "Y", "0": "N", "true": "Y", "false": "N"}.get(operand, operand)
        if isinstance(value, bool)
        else operand
    )


def rank(value: Any) -> tuple[int, float, str]:
    """A sort key under which numbers, also those sent as strings, stand in numeric order before texts."""
    if isinstance(value, bool | int | float):
        return 0, float(value), ""
    text = "" if value is None else str(value)
    digits = text.removeprefix("-")
    return (0, float(text), "") if digits.isascii() and digits.isdigit() else (1, 0.0, text.casefold())


def _equal(value: Any, operand: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    options = list(as_map(operand).values()) if isinstance(operand, dict | list) else [operand]
    return any(_plain(item) == _flag_like(item, _plain(option)) for item in values for option in options)


def _like(value: Any, operand: Any) -> bool:
    return _plain(operand).casefold() in _plain(value).casefold()


def _masked(value: Any, operand: Any) -> bool:
    return fnmatch.fnmatchcase(_plain(value).casefold(), _plain(operand).casefold().replace("%", "*"))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "": _equal,
    "=": _equal,
    "@": _equal,
    "!": lambda value, operand: not _equal(value, operand),
    "!=": lambda value, operand: not _equal(value, operand),
    "!@": lambda value, operand: not _equal(value, operand),
    ">": lambda value, operand: rank(value) > rank(operand),
    "<": lambda value, operand: rank(value) < rank(operand),
    ">=": lambda value, operand: rank(value) >= rank(operand),
    "<=": lambda value, operand: rank(value) <= rank(operand),
    "%": _like,
    "!%": lambda value, operand: not _like(value, operand),
    "=%": _masked,
    "%=": _masked,
    "><": lambda value, operand: rank(operand[0]) <= rank(value) <= rank(operand[1]),
}


def matching(rows: Sequence[Row], conditions: Mapping[str, Any]) -> list[Row]:
    """Rows that meet every condition whose key they have; unknown keys are ignored, as in classic methods."""
    tests = [(*split_prefix(name), operand) for name, operand in conditions.items()]
    return [
        row
        for row in rows
        if all(name not in row or _TESTS[prefix](row[name], operand) for prefix, name, operand in tests)
    ]


def exactly(rows: Sequence[Row], conditions: Mapping[str, Any], keys: Sequence[str]) -> list[Row]:
    """Rows equal in these keys; a key with an empty value is no condition."""
    required = {key: _plain(conditions[key]) for key in keys if _plain(conditions.get(key)) != ""}
    return [row for row in rows if all(_plain(row.get(key)) == value for key, value in required.items())]


def descends(direction: Any) -> bool:
    return _plain(direction).upper().startswith("DESC")


def in_order(rows: Sequence[Row], order: Mapping[str, Any]) -> list[Row]:
    """Rows sorted by these keys; rows that are equal in them keep their order."""
    ordered = list(rows)
    for key, direction in reversed(list(order.items())):
        ordered.sort(key=lambda row: rank(row.get(key)), reverse=descends(direction))
    return ordered
