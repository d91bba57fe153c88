"""Takes the rows out of answers: the envelope of each method, and the rows that make sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from shared.bitrix24.coerce import Odd
from shared.bitrix24.commands import Answer
from shared.bitrix24.php import as_map
from shared.bitrix24.row_names import row_name

Row = Mapping[str, Any]
Raw = TypeVar("Raw")
Value = TypeVar("Value")

# The key under which a method returns its rows. Other methods return a bare list.
ENVELOPES = {
    "crm.type.list": "types",
    "crm.type.getByEntityTypeId": "type",
    "crm.category.list": "categories",
    "crm.item.fields": "fields",
    "userfieldconfig.list": "fields",
    "userfieldconfig.get": "field",
}


class UnexpectedShape(Exception):
    """An answer whose shape is not the documented one of its method."""


def content(answer: Answer) -> Any:
    """The content of the answer without the envelope of its method. Raises UnexpectedShape."""
    envelope = ENVELOPES.get(answer.method)
    if envelope is None:
        return answer.value
    if not isinstance(answer.value, dict) or envelope not in answer.value:
        raise UnexpectedShape(answer.method)
    return answer.value[envelope]


def rows_of(answer: Answer) -> list[Row]:
    """The rows of one answer. Raises UnexpectedShape if it contains anything else."""
    rows = content(answer)
    if isinstance(rows, dict):
        rows = list(rows.values())
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnexpectedShape(answer.method)
    return rows


def map_of(answer: Answer) -> dict[str, Any]:
    """The content of an answer as a map. Raises UnexpectedShape."""
    try:
        return as_map(content(answer))
    except TypeError as error:
        raise UnexpectedShape(answer.method) from error


def translate_rows(rows: Iterable[Raw], translate: Callable[[Raw], Value]) -> tuple[list[Value], list[str]]:
    """The translated rows, and the names of the rows that ``translate`` rejects with Odd or KeyError."""
    values: list[Value] = []
    dropped: list[str] = []
    for row in rows:
        try:
            values.append(translate(row))
        except (Odd, KeyError):
            dropped.append(row_name(row))
    return values, dropped
