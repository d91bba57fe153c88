"""Descriptions of fields as ``*.fields`` methods give them."""

from __future__ import annotations

from typing import Any

FLAGS = ("isRequired", "isReadOnly", "isImmutable", "isMultiple", "isDynamic")


def properties(kind: str, title: str, **flags: bool) -> dict[str, Any]:
    """One field; flags not given are false."""
    return {"type": kind, **{flag: flags.get(flag, False) for flag in FLAGS}, "title": title}


def snake(name: str) -> str:
    """``entityTypeId`` as the database column spells it."""
    return "".join(f"_{sign}" if sign.isupper() else sign.upper() for sign in name)
