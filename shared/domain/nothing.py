"""Ways of saying nothing: a setting that is empty on one side and absent on the other is the same setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def says_the_same(one: Any, other: Any) -> bool:
    """True for values that differ at most in how they say nothing: no key, ``None``, an empty text, list or map."""
    return bool(one == other) or substance(one) == substance(other)


def substance(value: Any) -> Any:
    """The value without what says nothing, inside and out; ``None`` where nothing is left. Zero and false say much."""
    if isinstance(value, Mapping):
        kept = {key: substance(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner is not None} or None
    if isinstance(value, list | tuple):
        # A place in a list counts, so only a list of nothing at all is empty.
        inner = [substance(item) for item in value]
        return inner if any(item is not None for item in inner) else None
    return None if value == "" else value
