"""Compares values without regard to how they write an empty value: an empty setting equals an absent one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def says_the_same(before: Any, after: Any) -> bool:
    """True for values that are equal except for empty ones: no key, ``None``, an empty text, list or map."""
    return bool(before == after) or substance(before) == substance(after)


def substance(value: Any) -> Any:
    """The value without empty values at any depth; ``None`` if nothing is left. Zero and false are not empty."""
    if isinstance(value, Mapping):
        kept = {key: substance(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner is not None} or None
    if isinstance(value, list | tuple):
        # Positions in a list count, so a list is empty only if all its items are.
        inner = [substance(item) for item in value]
        return inner if any(item is not None for item in inner) else None
    return None if value == "" else value
