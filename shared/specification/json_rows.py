"""Objects of a JSON document, read key by key; a value of the wrong kind is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from shared.domain.errors import NotASpecification

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# Far more than the settings of any field have; what is deeper was made to exhaust its reader.
MOST_NESTED = 50


class Row:
    """An object of the document. Every method raises NotASpecification for a missing or wrong value."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise NotASpecification(what="type", where=where)
        self._values = value
        self._where = where

    def text(self, key: str) -> str:
        return self._typed(key, str)

    def text_or_none(self, key: str) -> str | None:
        return self._or_none(key, self.text)

    def integer(self, key: str) -> int:
        return self._typed(key, int)

    def integer_or_none(self, key: str) -> int | None:
        return self._or_none(key, self.integer)

    def flag(self, key: str) -> bool:
        return self._typed(key, bool)

    def flag_or_none(self, key: str) -> bool | None:
        return self._or_none(key, self.flag)

    def choice(self, key: str, kind: type[E]) -> E:
        try:
            return kind(self.text(key))
        except ValueError as error:
            raise self._wrong(key) from error

    def moment(self, key: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self.text(key))
        except ValueError as error:
            raise self._wrong(key) from error
        if moment.tzinfo is None:
            raise self._wrong(key)
        return moment

    def row(self, key: str) -> Row:
        return Row(self._value(key), self._place(key))

    def rows(self, key: str, build: Callable[[Row], T]) -> tuple[T, ...]:
        values = self._typed(key, list)
        return tuple(build(Row(value, f"{self._place(key)}[{n}]")) for n, value in enumerate(values))

    def list_of(self, key: str, kind: type[T]) -> tuple[T, ...]:
        values = self._typed(key, list)
        if any(type(value) is not kind for value in values):
            raise self._wrong(key)
        return tuple(values)

    def mapping(self, key: str) -> dict[str, Any]:
        values: dict[str, Any] = self._typed(key, dict)
        if _is_deeper(values, MOST_NESTED):
            raise self._wrong(key)
        return values

    def texts(self, key: str) -> dict[str, str]:
        values = self.mapping(key)
        if any(type(value) is not str for value in values.values()):
            raise self._wrong(key)
        return values

    def has(self, key: str) -> bool:
        """True when a key that earlier versions did not write is there and says something."""
        return self._values.get(key) is not None

    def _or_none(self, key: str, read: Callable[[str], T]) -> T | None:
        return None if self._value(key) is None else read(key)

    def _typed(self, key: str, kind: type[T]) -> T:
        value = self._value(key)
        # isinstance would take true for 1.
        if type(value) is not kind:
            raise self._wrong(key)
        return value

    def _value(self, key: str) -> Any:
        try:
            return self._values[key]
        except KeyError as error:
            raise NotASpecification(what="missing", where=self._place(key)) from error

    def _wrong(self, key: str) -> NotASpecification:
        return NotASpecification(what="type", where=self._place(key))

    def _place(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)
