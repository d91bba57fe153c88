"""User fields of every type the platform knows, with settings as it stores them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from tools.simulator.ledger import Crm, ListValue, UserField

#: Settings of a new field by type (Bitrix24 REST documentation, settings of user field types).
SETTINGS: dict[str, dict[str, Any]] = {
    "string": {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""},
    "integer": {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None},
    "double": {"PRECISION": 2, "SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": ""},
    "boolean": {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": ["", ""], "LABEL_CHECKBOX": ""},
    "enumeration": {"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"},
    "date": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "datetime": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}, "USE_SECOND": "Y", "USE_TIMEZONE": "N"},
    "money": {"DEFAULT_VALUE": ""},
    "url": {"POPUP": "Y", "SIZE": 20, "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""},
    "address": {"SHOW_MAP": "Y"},
    "file": {
        "SIZE": 20,
        "LIST_WIDTH": 200,
        "LIST_HEIGHT": 200,
        "MAX_SHOW_SIZE": 0,
        "MAX_ALLOWED_SIZE": 0,
        "EXTENSIONS": [],
        "TARGET_BLANK": "Y",
    },
    "employee": {},
    "crm": {"LEAD": "N", "CONTACT": "Y", "COMPANY": "Y", "DEAL": "N"},
    "crm_status": {"ENTITY_TYPE": "INDUSTRY"},
    "iblock_element": {
        "IBLOCK_TYPE_ID": "lists",
        "IBLOCK_ID": "17",
        "DEFAULT_VALUE": "",
        "DISPLAY": "LIST",
        "LIST_HEIGHT": "1",
        "ACTIVE_FILTER": "N",
    },
    "iblock_section": {
        "IBLOCK_TYPE_ID": "lists",
        "IBLOCK_ID": "18",
        "DEFAULT_VALUE": "",
        "DISPLAY": "LIST",
        "LIST_HEIGHT": "1",
        "ACTIVE_FILTER": "N",
    },
    "resourcebooking": {},
}
FIRST_STAMP = 1_700_000_000_000


def field_prefix(owner: str) -> str:
    """What the codes of an owner's fields start with."""
    if owner == "CRM_SMART_INVOICE" or owner.removeprefix("CRM_").isdigit():
        return f"UF_{owner}_"
    return "UF_CRM_"


class Traits(TypedDict, total=False):
    """What else a field may be given; see ``UserField``."""

    code: str
    sort: int
    values: Sequence[str]
    settings: dict[str, Any]
    multiple: bool
    mandatory: bool


def add_field(crm: Crm, owner: str, kind: str, label: str | None, **traits: Unpack[Traits]) -> UserField:
    """A user field exists. Without a code it gets one from a time stamp, as the portal's own form makes it."""
    number = crm.next_id("user field", at_least=501)
    row = UserField(
        id=number,
        owner=owner,
        code=traits.get("code") or f"{field_prefix(owner)}{FIRST_STAMP + number * 7919}",
        type=kind,
        sort=traits.get("sort", 100),
        multiple=traits.get("multiple", False),
        mandatory=traits.get("mandatory", False),
        labels={} if label is None else {crm.settings.language: label},
        settings=traits.get("settings", dict(SETTINGS.get(kind, {}))),
        show_filter="E" if kind in ("string", "enumeration") else "N",
    )
    for value in traits.get("values", ()):
        add_value(crm, row, value)
    if row.values:
        row.values[0].default = True
    crm.user_fields.append(row)
    return row


def add_value(crm: Crm, field: UserField, value: str, *, sort: int | None = None) -> ListValue:
    """The field's list has one more value, at the end unless ``sort`` says otherwise."""
    number = crm.next_id("list value", at_least=61)
    last = max((list_value.sort for list_value in field.values), default=0)
    xml_id = hashlib.md5(f"{number}".encode(), usedforsecurity=False).hexdigest()
    field.values.append(ListValue(number, value, last + 10 if sort is None else sort, xml_id=xml_id))
    return field.values[-1]
