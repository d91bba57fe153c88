"""Descriptions of fields as ``*.fields`` methods give them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def properties(
    kind: str,
    *,
    title: str,
    required: bool = False,
    read_only: bool = False,
    immutable: bool = False,
    multiple: bool = False,
    dynamic: bool = False,
) -> dict[str, Any]:
    return {
        "type": kind,
        "isRequired": required,
        "isReadOnly": read_only,
        "isImmutable": immutable,
        "isMultiple": multiple,
        "isDynamic": dynamic,
        "title": title,
    }


def property_map(
    kinds: Mapping[str, str],
    *,
    read_only: Collection[str] = (),
    immutable: Collection[str] = (),
    upper_names: bool = False,
) -> dict[str, Any]:
    """A map of plain fields by name; titles are the names themselves."""
    found: dict[str, Any] = {}
    for name, kind in kinds.items():
        found[name] = properties(kind, title=name, read_only=name in read_only, immutable=name in immutable)
        if upper_names:
            snake = "".join(f"_{sign}" if sign.isupper() else sign.upper() for sign in name)
            found[name]["upperName"] = snake
    return found
