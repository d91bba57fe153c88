"""Converts values as Bitrix24 writes them into typed values. A value that makes no sense raises Odd.

The same id arrives as ``15`` or ``"15"``, a flag as ``"Y"``, ``true`` or ``1``, an empty map as ``[]`` — depending
on the method and the age of the portal. A missing value is not odd: it becomes ``None``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from shared.bitrix24.php import as_map
from shared.domain.snapshot import NotUnderstood

T = TypeVar("T")

#: The value of a required key that is missing from a row. Every function here raises Odd for it.
MISSING: Final = object()

_INTEGER = re.compile(r"-?[0-9]{1,15}")
# Longer integers are no ids, and neither JSON nor a database can hold all of them.
_MOST_DIGITS = 15
_LIMIT = 10**_MOST_DIGITS
# The deepest settings known have three levels.
_DEEPEST = 20
_COLOR = re.compile(r"#?([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
_FLAGS: dict[object, bool | None] = {
    None: None,
    "Y": True,
    "N": False,
    "y": True,
    "n": False,
    "1": True,
    "0": False,
    "": False,
    1: True,
    0: False,
}


# How many characters of an odd value are kept: enough to recognise it.
_LONGEST_CAME = 80


class Odd(Exception):
    """A value whose shape is not one that Bitrix24 documents."""


class Attributes:
    """Reads the attributes of one row. An odd attribute is recorded, and the row is kept."""

    def __init__(self) -> None:
        self._odd: list[NotUnderstood] = []

    @property
    def not_understood(self) -> tuple[NotUnderstood, ...]:
        """The odd attributes read so far, each once."""
        if not self._odd:
            return ()
        return tuple({odd.attribute: odd for odd in reversed(self._odd)}.values())[::-1]

    def read(self, attribute: str, coerce: Callable[[Any], T], value: Any) -> T | None:
        """The value converted by ``coerce``. On Odd the attribute is recorded and the result is ``None``."""
        try:
            return coerce(value)
        except Odd:
            self.note(attribute, value)
            return None

    def note(self, attribute: str, value: Any) -> None:
        """Records that the value of the attribute makes no sense."""
        self._odd.append(NotUnderstood(attribute, came(value)))


def came(value: Any) -> str:
    """The value as short text: a string as it is, anything else as JSON. Empty for a missing key."""
    if value is MISSING:
        return ""
    shown = clean(value if isinstance(value, str) else _json_of(value))
    return shown if len(shown) <= _LONGEST_CAME else f"{shown[: _LONGEST_CAME - 1]}…"


def _json_of(value: Any) -> str:
    """The standard library takes numbers of any size and lone surrogates; only what is too deep is told by its type."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return type(value).__name__


def integer(value: Any) -> int | None:
    """An id, a sort or a count; ``None`` for null and the empty string."""
    return None if value is None or value == "" else required_integer(value)


def required_integer(value: Any) -> int:
    """A required id."""
    # Nearly all are plain digits, and asking for these costs half of what the pattern does.
    if isinstance(value, str) and (
        (len(value) <= _MOST_DIGITS and value.isdecimal() and value.isascii()) or _INTEGER.fullmatch(value)
    ):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LIMIT:
        return value
    raise Odd


def flag(value: Any) -> bool | None:
    """Y/N in any of its spellings; ``None`` when the key is absent."""
    try:
        if not isinstance(value, float):
            return _FLAGS[value]
    except (KeyError, TypeError):
        pass
    raise Odd


def text(value: Any) -> str | None:
    """Text a person typed, ``None`` when empty. Numbers are converted to their digits."""
    if isinstance(value, str):
        return clean(value) or None
    if value is None or value is False or value == []:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Odd


def required_text(value: Any) -> str:
    """A required code or type."""
    string = text(value)
    if string is None:
        raise Odd
    return string


def clean(value: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD, so that any database or file accepts it."""
    return value if value.isprintable() else _UNWRITABLE.sub("\ufffd", value)


def color(value: Any) -> str | None:
    """``#RRGGBB`` in capitals, or ``None`` where no colour is set."""
    string = text(value)
    if string is None:
        return None
    digits = _COLOR.fullmatch(string)
    if digits is None:
        raise Odd
    hexadecimal = digits.group(1)
    return (
        "#" + ("".join(2 * digit for digit in hexadecimal) if len(hexadecimal) == 3 else hexadecimal).upper()
    )


def single_label(value: Any) -> str | None:
    """A label that comes as text, or as a map with one language. The key of the map is ignored.

    ``userfieldconfig.list`` writes the server's current language there, not the requested one (server source).
    """
    if isinstance(value, (dict, list)):
        for item in as_map(value).values():
            label = text(item)
            if label is not None:
                return label
        return None
    return text(value)


def integers(value: Any) -> tuple[int, ...]:
    """Ids in rising order; null, false and ``[]`` mean none."""
    if value is None or value is False or value == "":
        return ()
    if isinstance(value, (int, str)):
        return (required_integer(value),)
    try:
        items = value if isinstance(value, list) else as_map(value).values()
    except TypeError as error:
        raise Odd from error
    return tuple(sorted({required_integer(item) for item in items}))


def settings(value: Any) -> dict[str, Any]:
    """The settings of a field. Their meaning is not interpreted, but ``"15"`` becomes ``15``."""
    if value is None or value is False or value == "":
        return {}
    try:
        return {clean(key): _setting(item, _DEEPEST) for key, item in as_map(value).items()}
    except TypeError as error:
        raise Odd from error


def _setting(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) and str(int(value)) == value else clean(value)
    if isinstance(value, (int, float)):
        if not abs(value) < _LIMIT:
            raise Odd
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if not depth:
        raise Odd
    if isinstance(value, list) or not value:
        # PHP writes an empty map and an empty list in the same way.
        return [_setting(item, depth - 1) for item in value]
    return {clean(name): _setting(item, depth - 1) for name, item in value.items()}


def scopes(value: Any) -> frozenset[str]:
    """A set of permissions from a list, or from text with commas or spaces."""
    if isinstance(value, str):
        return frozenset(part for part in re.split(r"[,\s]+", clean(value).lower()) if part)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return frozenset(clean(item).lower() for item in value)
    raise Odd
