"""Values as Bitrix24 spells them, into values that mean one thing. What cannot be understood raises Odd.

The same id arrives as ``15`` or ``"15"``, a flag as ``"Y"``, ``true`` or ``1``, an empty map as ``[]`` — depending
on the method and the age of the portal. An absent value and an odd one are different things: absent is ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import orjson

from shared.bitrix24.php import as_map
from shared.domain.snapshot import NotUnderstood

T = TypeVar("T")

#: Stands for a key that a row must have and does not: every function here calls it odd.
MISSING: Final = object()

_INTEGER = re.compile(r"-?[0-9]{1,15}")
# Whole numbers of more digits are no ids, and neither JSON nor a database has room for all of them.
_LIMIT = 10**15
# The deepest settings known have three levels.
_DEEPEST = 20
_COLOR = re.compile(r"#?([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
_FLAGS: dict[object, bool] = {"Y": True, "N": False, "1": True, "0": False, "": False}


# As much as a person needs to recognise what came.
_LONGEST_CAME = 80


class Odd(Exception):
    """A value of a shape this interface does not give."""


class Attributes:
    """The attributes of one row, understood one by one: an odd one is noted and does not cost the row."""

    def __init__(self) -> None:
        self._odd: list[NotUnderstood] = []

    @property
    def not_understood(self) -> tuple[NotUnderstood, ...]:
        """The attributes read so far that made no sense, each once."""
        return tuple({odd.attribute: odd for odd in reversed(self._odd)}.values())[::-1]

    def read(self, attribute: str, coerce: Callable[[Any], T], value: Any) -> T | None:
        """The value as ``coerce`` understands it; ``None``, and a note, where it does not."""
        try:
            return coerce(value)
        except Odd:
            self.note(attribute, value)
            return None

    def note(self, attribute: str, value: Any) -> None:
        """What came for the attribute makes no sense."""
        self._odd.append(NotUnderstood(attribute, came(value)))


def came(value: Any) -> str:
    """What came, as short text: a text as it is, anything else as JSON; empty for a key that was missing."""
    if value is MISSING:
        return ""
    shown = clean(value) if isinstance(value, str) else orjson.dumps(value, default=repr).decode()
    return shown if len(shown) <= _LONGEST_CAME else f"{shown[: _LONGEST_CAME - 1]}…"


def integer(value: Any) -> int | None:
    """An id, a sort or a count; ``None`` for null and the empty string."""
    return None if value is None or value == "" else required_integer(value)


def required_integer(value: Any) -> int:
    """An id that must be there."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LIMIT:
        return value
    raise Odd("integer")


def flag(value: Any) -> bool | None:
    """Y/N in any of its spellings; ``None`` when the key is absent."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and (letter := value.upper()) in _FLAGS:
        return _FLAGS[letter]
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise Odd("flag")


def text(value: Any) -> str | None:
    """Text a person typed, or ``None`` when there is none. Numbers are accepted as their digits."""
    if isinstance(value, str):
        return clean(value) or None
    if value is None or value is False or value == []:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Odd("text")


def required_text(value: Any) -> str:
    """A code or a type that must be there."""
    found = text(value)
    if found is None:
        raise Odd("text")
    return found


def clean(value: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD, which no database or file refuses."""
    return value if value.isprintable() else _UNWRITABLE.sub("\ufffd", value)


def color(value: Any) -> str | None:
    """``#RRGGBB`` in capitals, or ``None`` where no colour is set."""
    found = text(value)
    if found is None:
        return None
    digits = _COLOR.fullmatch(found)
    if digits is None:
        raise Odd("color")
    hexadecimal = digits.group(1)
    return (
        "#" + ("".join(2 * digit for digit in hexadecimal) if len(hexadecimal) == 3 else hexadecimal).upper()
    )


def single_label(value: Any) -> str | None:
    """A label that comes as text, or as a map with one language in it; the map's key is not to be trusted.

    ``userfieldconfig.list`` puts the server's current language there, whatever was asked for (server source).
    """
    if isinstance(value, (dict, list)):
        for item in as_map(value).values():
            found = text(item)
            if found is not None:
                return found
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
        raise Odd("integers") from error
    return tuple(sorted({required_integer(item) for item in items}))


def settings(value: Any) -> dict[str, Any]:
    """A field's settings: opaque, but with ``"15"`` and ``15`` made one."""
    if value is None or value is False or value == "":
        return {}
    try:
        return {clean(key): _setting(item, _DEEPEST) for key, item in as_map(value).items()}
    except TypeError as error:
        raise Odd("settings") from error


def _setting(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) and str(int(value)) == value else clean(value)
    if isinstance(value, (int, float)):
        if not abs(value) < _LIMIT:
            raise Odd("settings")
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if not depth:
        raise Odd("settings")
    if isinstance(value, list) or not value:
        # An empty map and an empty list are one thing in PHP.
        return [_setting(item, depth - 1) for item in value]
    return {clean(name): _setting(item, depth - 1) for name, item in value.items()}


def scopes(value: Any) -> frozenset[str]:
    """A set of permissions from a list, or from text with commas or spaces."""
    if isinstance(value, str):
        return frozenset(part for part in re.split(r"[,\s]+", clean(value).lower()) if part)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return frozenset(clean(item).lower() for item in value)
    raise Odd("scopes")
