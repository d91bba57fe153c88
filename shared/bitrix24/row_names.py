"""What a row is called that cannot be used: by whatever it has that tells it from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.bitrix24.coerce import clean

# Ids, codes and owners first; a name people gave only where there is nothing else.
_IDENTITY: Final = (
    *("ID", "id", "entityTypeId", "ENTITY_ID", "entityId"),
    *("STATUS_ID", "FIELD_NAME", "fieldName", "upperName"),
)
_NAMES: Final = ("NAME", "name", "title")
_NAMELESS: Final = "?"
_LONGEST = 60


def row_name(row: Any) -> str:
    """``ID 7301 FIELD_NAME UF_CRM_VESY``; for an item of a map its key, and ``?`` for what has no name at all."""
    if isinstance(row, tuple) and row:
        return _text(row[0]) or _NAMELESS
    if not isinstance(row, Mapping):
        return _NAMELESS
    for keys in (_IDENTITY, _NAMES):
        if told := " ".join(f"{key} {text}" for key in keys if (text := _text(row.get(key)))):
            return told
    return _NAMELESS


def _text(value: Any) -> str:
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    return clean(str(value))[:_LONGEST] if usable else ""
