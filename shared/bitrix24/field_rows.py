"""Builds one user field from a row of a list, a row of settings, or a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from shared.bitrix24.coerce import (
    MISSING,
    Attributes,
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

# The label keys in order of preference.
_CLASSIC_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
_SETTINGS_LABELS = ("editFormLabel", "listColumnLabel", "listFilterLabel")


def classic_field(
    entity_type: str,
    row: Row,
    *,
    described: DescribedField | None,
    labels: Mapping[str, str],
    attributes: Attributes,
) -> UserField:
    """A field from the list of a classic entity. ``attributes`` was used to read its labels.

    Raises Odd or KeyError for a row without identity or type.
    """
    # The list shortens the type of a field that another application added. The description has the full type.
    shortened = "USER_TYPE_OWNER" in row and described is not None
    if "LIST" in row:
        values = list_values(row["LIST"], attributes, _CLASSIC_VALUE)
    else:
        values = described_values(described, attributes)
    return UserField(
        entity_type=entity_type,
        id=required_integer(row["ID"]),
        code=required_text(row["FIELD_NAME"]),
        api_name=described.api_name if described else None,
        type=described.type if shortened and described else required_text(row["USER_TYPE_ID"]),
        multiple=_flag(attributes, "multiple", row.get("MULTIPLE"), described),
        mandatory=_flag(attributes, "mandatory", row.get("MANDATORY"), described),
        sort=attributes.read("sort", integer, row.get("SORT")),
        labels=labels,
        values=values,
        settings=attributes.read("settings", settings, row.get("SETTINGS")) or {},
        not_understood=attributes.not_understood,
    )


def settings_field(
    entity_type: str,
    row: Row,
    *,
    described: DescribedField | None,
    labels: Mapping[str, str],
    values: tuple[ListValue, ...],
    attributes: Attributes,
) -> UserField:
    """A field from ``userfieldconfig``, whose rows have no list values. ``attributes`` was used to read its labels.

    Raises Odd or KeyError for a row without identity or type.
    """
    return UserField(
        entity_type=entity_type,
        id=required_integer(row["id"]),
        code=required_text(row["fieldName"]),
        api_name=described.api_name if described else None,
        type=required_text(row["userTypeId"]),
        multiple=_flag(attributes, "multiple", row.get("multiple"), described),
        mandatory=_flag(attributes, "mandatory", row.get("mandatory"), described),
        sort=attributes.read("sort", integer, row.get("sort")),
        labels=labels,
        values=values,
        settings=attributes.read("settings", settings, row.get("settings")) or {},
        not_understood=attributes.not_understood,
    )


def described_field(entity_type: str, code: str, described: DescribedField, language: str) -> UserField:
    """A field built from its description alone. It has no id and no ``sort``: only settings have them."""
    attributes = Attributes()
    label = described_label(described, attributes)
    return UserField(
        entity_type=entity_type,
        id=None,
        code=code,
        api_name=described.api_name,
        type=described.type,
        multiple=bool(attributes.read("multiple", flag, described.multiple)),
        mandatory=bool(attributes.read("mandatory", flag, described.mandatory)),
        sort=None,
        labels={language: label} if label else {},
        values=described_values(described, attributes),
        settings=attributes.read("settings", settings, described.settings) or {},
        not_understood=attributes.not_understood,
    )


def classic_label(row: Row, attributes: Attributes) -> str | None:
    """The label of a field of a classic list, in the requested language."""
    return _first_label(map(row.get, _CLASSIC_LABELS), attributes)


def classic_label_by_code(row: Row) -> tuple[str, str | None]:
    """The code and the label of a field of a classic list. A label that makes no sense is none."""
    return required_text(row["FIELD_NAME"]), classic_label(row, Attributes())


def settings_label(row: Row, attributes: Attributes) -> str | None:
    """The label of a field of ``userfieldconfig``, in the requested language."""
    return _first_label(map(row.get, _SETTINGS_LABELS), attributes)


def described_label(described: DescribedField | None, attributes: Attributes) -> str | None:
    """The label of a field in its description."""
    # ``title`` is not used: for a user field without a label it repeats the code.
    return _first_label(described.labels, attributes) if described else None


def _first_label(values: Iterable[object], attributes: Attributes) -> str | None:
    for value in values:
        if label := attributes.read("labels", single_label, value):
            return label
    return None


_CLASSIC_VALUE = ("ID", "VALUE", "SORT", "DEF", "XML_ID")
SETTINGS_VALUE = ("id", "value", "sort", "def", "xmlId")


def described_values(described: DescribedField | None, attributes: Attributes) -> tuple[ListValue, ...]:
    """The list values in a description; empty if it has none."""
    try:
        return (described.values if described else None) or ()
    except (Odd, KeyError):
        attributes.note("values", MISSING)
        return ()


def list_values(
    rows: object, attributes: Attributes, names: tuple[str, str, str, str, str] = SETTINGS_VALUE
) -> tuple[ListValue, ...]:
    """The choices of a list field. ``names``: the keys of id, text, sort, default mark and external code.

    A choice without a usable id or text is left out, and ``values`` is recorded as not understood. Any other odd
    attribute of a choice is treated as not read.
    """
    if rows is None or rows is False:
        return ()
    try:
        items = rows if isinstance(rows, list) else list(as_map(rows).values())
    except TypeError:
        attributes.note("values", rows)
        return ()
    values = []
    for item in items:
        try:
            values.append(_list_value(item, names))
        except (Odd, KeyError, TypeError):
            attributes.note("values", item)
    return tuple(values)


def _list_value(item: Mapping[str, object], names: tuple[str, str, str, str, str]) -> ListValue:
    number, value, sort, default, xml_id = names
    unread = Attributes()
    return ListValue(
        id=required_integer(item[number]),
        value=text(item.get(value)) or "",
        sort=unread.read("sort", integer, item.get(sort)),
        default=unread.read("default", flag, item.get(default)),
        xml_id=unread.read("xml_id", text, item.get(xml_id)),
    )


def _flag(
    attributes: Attributes,
    name: Literal["multiple", "mandatory"],
    value: object,
    described: DescribedField | None,
) -> bool:
    """The flag of a row, or the flag of the description if the row has none."""
    if value is None and described is not None:
        value = described.multiple if name == "multiple" else described.mandatory
    return bool(attributes.read(name, flag, value))
