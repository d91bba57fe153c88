"""Names for rows that could not be used, made from their ids, codes or names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.bitrix24.coerce import clean

# Ids, codes and owners come first. A name that people gave is used only if these are missing.
_IDENTITY: Final = (
    *("ID", "id", "entityTypeId", "ENTITY_ID", "entityId"),
    *("STATUS_ID", "FIELD_NAME", "fieldName", "upperName"),
)
_NAMES: Final = ("NAME", "name", "title")
_NAMELESS: Final = "?"
_LONGEST = 60


def row_name(row: Any) -> str:
    """The name of a row, such as ``ID 7301 FIELD_NAME UF_CRM_VESY``; the key for an item of a map, else ``?``."""
    if isinstance(row, tuple) and row:
        return _text(row[0]) or _NAMELESS
    if not isinstance(row, Mapping):
        return _NAMELESS
    for keys in (_IDENTITY, _NAMES):
        if name := " ".join(f"{key} {text}" for key in keys if (text := _text(row.get(key)))):
            return name
    return _NAMELESS


def _text(value: Any) -> str:
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    return clean(str(value))[:_LONGEST] if usable else ""
