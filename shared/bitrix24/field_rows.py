"""One user field out of a row of a list, a row of settings, or a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from shared.bitrix24.coerce import (
    Odd,
    flag,
    integer,
    required_integer,
    required_text,
    settings,
    single_label,
    text,
)
from shared.bitrix24.field_descriptions import DescribedField
from shared.bitrix24.php import as_map
from shared.bitrix24.rows import Row
from shared.domain.snapshot import ListValue, UserField

# In which order the labels of a field are taken for its name.
_CLASSIC_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
_SETTINGS_LABELS = ("editFormLabel", "listColumnLabel", "listFilterLabel")


def classic_field(
    entity_type: str, row: Row, *, described: DescribedField | None, labels: Mapping[str, str]
) -> UserField:
    """A field from the list of a classic entity. Raises Odd or KeyError for a row that makes no sense."""
    # The list shortens the type of another application's field; its description keeps the whole code.
    shortened = "USER_TYPE_OWNER" in row and described is not None
    return UserField(
        entity_type=entity_type,
        id=required_integer(row["ID"]),
        code=required_text(row["FIELD_NAME"]),
        api_name=described.api_name if described else None,
        type=described.type if shortened and described else required_text(row["USER_TYPE_ID"]),
        multiple=_flag(row.get("MULTIPLE"), described, "multiple"),
        mandatory=_flag(row.get("MANDATORY"), described, "mandatory"),
        sort=integer(row.get("SORT")),
        labels=labels,
        values=list_values(row["LIST"], _CLASSIC_VALUE) if "LIST" in row else _described_values(described),
        settings=settings(row.get("SETTINGS")),
    )


def settings_field(
    entity_type: str,
    row: Row,
    *,
    described: DescribedField | None,
    labels: Mapping[str, str],
    values: tuple[ListValue, ...],
) -> UserField:
    """A field from ``userfieldconfig``, which itself tells no values."""
    return UserField(
        entity_type=entity_type,
        id=required_integer(row["id"]),
        code=required_text(row["fieldName"]),
        api_name=described.api_name if described else None,
        type=required_text(row["userTypeId"]),
        multiple=_flag(row.get("multiple"), described, "multiple"),
        mandatory=_flag(row.get("mandatory"), described, "mandatory"),
        sort=integer(row.get("sort")),
        labels=labels,
        values=values,
        settings=settings(row.get("settings")),
    )


def described_field(entity_type: str, code: str, described: DescribedField, language: str) -> UserField:
    """A field as its entity describes it: without id and place in the order, which only settings tell."""
    return UserField(
        entity_type=entity_type,
        id=None,
        code=code,
        api_name=described.api_name,
        type=described.type,
        multiple=described.multiple,
        mandatory=described.mandatory,
        sort=None,
        labels={language: described.label} if described.label else {},
        values=_described_values(described),
        settings=settings(described.settings),
    )


def classic_label(row: Row) -> str | None:
    """The name people see for a field of a classic list, in the language that was asked for."""
    return _first_label(row, _CLASSIC_LABELS)


def settings_label(row: Row) -> str | None:
    """The name people see for a field of ``userfieldconfig``, in the language that was asked for."""
    return _first_label(row, _SETTINGS_LABELS)


_CLASSIC_VALUE = ("ID", "VALUE", "SORT", "DEF", "XML_ID")
SETTINGS_VALUE = ("id", "value", "sort", "def", "xmlId")


def list_values(
    rows: object, names: tuple[str, str, str, str, str] = SETTINGS_VALUE
) -> tuple[ListValue, ...]:
    """The choices of a list field. ``names``: the keys of id, text, sort, default mark and external code."""
    if rows is None or rows is False:
        return ()
    try:
        items = rows if isinstance(rows, list) else list(as_map(rows).values())
    except TypeError as error:
        raise Odd("values") from error
    if not all(isinstance(item, dict) for item in items):
        raise Odd("values")
    number, value, sort, default, xml_id = names
    return tuple(
        ListValue(
            id=required_integer(item[number]),
            value=text(item.get(value)) or "",
            sort=integer(item.get(sort)),
            default=flag(item.get(default)),
            xml_id=text(item.get(xml_id)),
        )
        for item in items
    )


def _described_values(described: DescribedField | None) -> tuple[ListValue, ...]:
    return described.values or () if described else ()


def _first_label(row: Row, keys: tuple[str, ...]) -> str | None:
    for key in keys:
        if label := single_label(row.get(key)):
            return label
    return None


def _flag(value: object, described: DescribedField | None, name: Literal["multiple", "mandatory"]) -> bool:
    found = flag(value)
    if found is None and described is not None:
        found = described.multiple if name == "multiple" else described.mandatory
    return bool(found)
