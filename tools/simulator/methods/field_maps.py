"""Descriptions of fields as ``*.fields`` methods give them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

FLAGS = ("isRequired", "isReadOnly", "isImmutable", "isMultiple", "isDynamic")


def properties(kind: str, title: str, **flags: bool) -> dict[str, Any]:
    """One field; flags not given are false."""
    return {"type": kind, **{flag: flags.get(flag, False) for flag in FLAGS}, "title": title}


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
        found[name] = properties(kind, name, isReadOnly=name in read_only, isImmutable=name in immutable)
        if upper_names:
            found[name]["upperName"] = snake(name)
    return found


def snake(name: str) -> str:
    """``entityTypeId`` as the database column spells it."""
    return "".join(f"_{sign}" if sign.isupper() else sign.upper() for sign in name)
