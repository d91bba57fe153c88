"""A ``crmap-spec`` document becomes a snapshot if every promised key is there and of the right type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

import orjson
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.errors import NotASpecification
from shared.domain.parts import Items
from shared.domain.snapshot import (
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Pipeline,
    PortalFacts,
    Reader,
    Snapshot,
    Stage,
    StandardField,
    User,
    UserField,
)
from shared.part_json import load_part
from shared.specification.json_format import FORMAT, VERSION

T = TypeVar("T")

# Far more levels than the settings of any field have; a deeper document is an attack on its reader.
MOST_NESTED = 50


@dataclass(frozen=True, slots=True)
class _Head:
    read_at: AwareDatetime
    reader: Reader
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the receipt. A reason has a sentence beside its code, which is for people."""

    kind: Kind
    state: State
    items: int
    read_at: AwareDatetime
    entity_type: str | None = None
    reason_code: ReasonCode | None = None
    reason_detail: str | None = None


_PORTAL: Final = TypeAdapter(PortalFacts)
_HEAD: Final = TypeAdapter(_Head)
_RECEIPT: Final = TypeAdapter(tuple[_Line, ...])

# What every version of the format has written into a row, whether or not the value of the domain has a default.
# That everything about a row was understood goes without saying.
_PROMISED: Final[Mapping[str, tuple[str, ...]]] = {
    "portal": ("domain", "member_id", "language"),
    **{
        part: tuple(field.name for field in fields(row) if field.name != "not_understood")
        for part, row in {
            "entity_types": EntityType,
            "pipelines": Pipeline,
            "stages": Stage,
            "orphan_stages": Stage,
            "dictionaries": Dictionary,
            "standard_fields": StandardField,
            "user_fields": UserField,
            "users": User,
            "departments": Department,
            "items": DictionaryItem,
            "values": ListValue,
        }.items()
    },
}
_INSIDE: Final[Mapping[str, str]] = {"dictionaries": "items", "user_fields": "values"}


def load_json(data: bytes) -> Snapshot:
    """The snapshot that ``json_format.dump_json`` wrote; unknown keys are ignored.

    Raises NotASpecification, which says where in the document the error is.
    """
    try:
        document = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise NotASpecification(what="json") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotASpecification(what="format")
    if document.get("version") != VERSION:
        raise NotASpecification(what="version")
    return _snapshot(document)


def _snapshot(document: Mapping[str, Any]) -> Snapshot:
    portal = _checked(_PORTAL, "portal", document)
    head = _checked(_HEAD, "snapshot", document)
    receipt = _checked(_RECEIPT, "coverage", document)
    return Snapshot(
        portal=portal,
        number=head.number,
        read_at=head.read_at,
        reader=head.reader,
        coverage=tuple(map(_coverage, receipt)),
        entity_types=_items("entity_types", document),
        pipelines=_items("pipelines", document),
        stages=_items("stages", document),
        dictionaries=_items("dictionaries", document),
        standard_fields=_items("standard_fields", document) if document.get("standard_fields") else (),
        user_fields=_items("user_fields", document),
        users=_items("users", document),
        departments=_items("departments", document),
        orphan_stages=_items("orphan_stages", document) if document.get("orphan_stages") else (),
    )


def _items(part: str, document: Mapping[str, Any]) -> Items:
    rows = _value(part, document)
    for where in _missing(part, rows, part):
        raise NotASpecification(what="missing", where=where)
    if part == "user_fields":
        _refuse_depths(rows)
    try:
        return load_part(Kind.STAGES if part == "orphan_stages" else Kind(part), orjson.dumps(rows))
    except ValidationError as error:
        raise _refusal(error, part) from None


def _checked(adapter: TypeAdapter[T], key: str, document: Mapping[str, Any]) -> T:
    value = _value(key, document)
    if isinstance(value, dict):
        for name in _PROMISED.get(key, ()):
            if name not in value:
                raise NotASpecification(what="missing", where=f"{key}.{name}")
    try:
        return adapter.validate_json(orjson.dumps(value), strict=True)
    except ValidationError as error:
        raise _refusal(error, key) from None


def _value(key: str, document: Mapping[str, Any]) -> Any:
    if key not in document:
        raise NotASpecification(what="missing", where=key)
    return document[key]


def _missing(part: str, rows: Any, where: str) -> Iterator[str]:
    """The places of missing promised keys. Rows of a wrong type are ignored here and refused later."""
    promised, inside = _PROMISED[part], _INSIDE.get(part)
    for number, row in enumerate(rows) if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield from (f"{where}[{number}].{name}" for name in promised if name not in row)
            if inside is not None:
                yield from _missing(inside, row.get(inside), f"{where}[{number}].{inside}")


def _refusal(error: ValidationError, where: str) -> NotASpecification:
    first = error.errors(include_url=False, include_input=False)[0]
    for step in first["loc"]:
        where += f"[{step}]" if isinstance(step, int) else f".{step}"
    return NotASpecification(what="missing" if first["type"] == "missing" else "type", where=where)


def _refuse_depths(rows: Any) -> None:
    for number, row in enumerate(rows) if isinstance(rows, list) else ():
        settings = row.get("settings") if isinstance(row, dict) else None
        if settings and _is_deeper(settings, MOST_NESTED):
            raise NotASpecification(what="type", where=f"user_fields[{number}].settings")


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def _coverage(line: _Line) -> Coverage:
    reason = Reason(line.reason_code, line.reason_detail or "") if line.reason_code else None
    return Coverage(line.kind, line.state, line.items, line.read_at, line.entity_type, reason)
