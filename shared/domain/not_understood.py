"""Fills attributes that were not understood with the values of an earlier read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from shared.domain.snapshot import AsRead, Dictionary

T = TypeVar("T", bound=AsRead)

# Together they identify an item within its part.
_IDENTITY = ("key", "entity_type", "directory", "code", "status_id", "id")


def completed(items: tuple[T, ...], earlier: Iterable[T]) -> tuple[T, ...]:
    """The items. An attribute not understood now gets its earlier value, if that was understood.

    So an attribute that is odd for a while is not a change. If its value changed meanwhile, the change is reported as
    soon as it is understood again.
    """
    if not any(item.not_understood for item in _with_rows(items)):
        return items
    before = {_identity(item): item for item in earlier}
    return tuple(_completed(item, before.get(_identity(item))) for item in items)


def _completed(item: T, before: T | None) -> T:
    if before is None:
        return item
    if isinstance(item, Dictionary) and isinstance(before, Dictionary):
        item = replace(item, items=completed(item.items, before.items))
    filled: dict[str, Any] = {
        odd.attribute: getattr(before, odd.attribute)
        for odd in item.not_understood
        if before.is_understood(odd.attribute)
    }
    left = tuple(odd for odd in item.not_understood if odd.attribute not in filled)
    return replace(item, **filled, not_understood=left) if filled else item


def _with_rows(items: Iterable[AsRead]) -> Iterable[AsRead]:
    for item in items:
        yield item
        if isinstance(item, Dictionary):
            yield from item.items


def _identity(item: AsRead) -> tuple[Any, ...]:
    return tuple(getattr(item, name, None) for name in _IDENTITY)
