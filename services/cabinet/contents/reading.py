"""The contents of an account, loaded only as far as a page needs them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from shared.db import snapshots
from shared.domain.coverage import Coverage, Kind, State
from shared.domain.order import in_business_order
from shared.domain.parts import Items, PartKey, with_parts
from shared.domain.snapshot import EntityType, PortalFacts, Reader, Snapshot

# The kinds that are needed to sort the items of a kind.
_ORDERED_BY: Final[Mapping[Kind, tuple[Kind, ...]]] = {
    Kind.PIPELINES: (Kind.ENTITY_TYPES,),
    Kind.STAGES: (Kind.ENTITY_TYPES, Kind.PIPELINES),
    Kind.STANDARD_FIELDS: (Kind.ENTITY_TYPES,),
    Kind.USER_FIELDS: (Kind.ENTITY_TYPES,),
}


class Contents:
    """One version of an account. Items are loaded when they are asked for, while the session is open.

    A large portal has thousands of fields, and a page shows those of one entity.
    """

    def __init__(
        self, session: Session, portal_id: UUID, outline: Snapshot, complete: frozenset[PartKey]
    ) -> None:
        self._session = session
        self._portal_id = portal_id
        self._outline = outline
        self._complete = complete
        self._parts: dict[PartKey, Items] = {}
        self._items: dict[PartKey, Items] = {}

    @property
    def number(self) -> int:
        """The version's number."""
        return self._outline.number or 0

    @property
    def read_at(self) -> datetime:
        """When it was read last."""
        return self._outline.read_at

    @property
    def reader(self) -> Reader:
        """The user whose rights it was read with."""
        return self._outline.reader

    @property
    def portal(self) -> PortalFacts:
        """The portal itself."""
        return self._outline.portal

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """The receipt, kind by kind, in business order."""
        return in_business_order(
            replace(self._outline, entity_types=tuple(self.entity_types.values()))
        ).coverage

    @cached_property
    def entity_types(self) -> Mapping[str, EntityType]:
        """The entity types by key, in business order."""
        return {entity.key: entity for entity in self.items(Kind.ENTITY_TYPES)}

    def covered(self, kind: Kind, entity_type: str | None = None) -> Coverage | None:
        """How a kind was read; ``None`` if there is no line about it, which counts as unread."""
        return next((entry for entry in self._outline.coverage if entry.key == (kind, entity_type)), None)

    def has(self, kind: Kind) -> bool:
        """True when the receipt has the kind; it may lack kinds that only full reads bring."""
        return any(entry.kind is kind for entry in self._outline.coverage)

    def is_complete(self, kind: Kind, entity_type: str | None = None) -> bool:
        """True when the items shown are all there were when they were read; a later read may have failed."""
        return (kind, entity_type) in self._complete

    def items(self, kind: Kind, entity_type: str | None = None) -> tuple[Any, ...]:
        """The items of a kind in business order; with ``entity_type`` only those of one entity type."""
        key = (kind, entity_type)
        if key not in self._items:
            part_keys = [
                *self._keys(kind, entity_type),
                *((ordering_kind, None) for ordering_kind in _ORDERED_BY.get(kind, ())),
            ]
            snapshot = with_parts(self._outline, self._fetched(part_keys))
            self._items[key] = getattr(snapshot, kind.value)
        return self._items[key]

    def whole(self, *, without: Collection[PartKey] = ()) -> Snapshot:
        """The snapshot with all items except those of the parts in ``without``. Slow for the largest portals."""
        keys = [entry.key for entry in self._outline.coverage if entry.kind is not Kind.PORTAL]
        return with_parts(self._outline, self._fetched([key for key in keys if key not in without]))

    def _keys(self, kind: Kind, entity_type: str | None) -> list[PartKey]:
        if not kind.is_per_entity or entity_type is not None:
            return [(kind, entity_type)]
        return [entry.key for entry in self._outline.coverage if entry.kind is kind]

    def _fetched(self, keys: list[PartKey]) -> dict[PartKey, Items]:
        unread_keys = [key for key in keys if key not in self._parts]
        if unread_keys:
            fetched = snapshots.parts(self._session, self._portal_id, self.number, only=unread_keys)
            self._parts.update({key: fetched.get(key, ()) for key in unread_keys})
        return {key: self._parts[key] for key in keys}


def contents(session: Session, portal_id: UUID, *, number: int | None = None) -> Contents | None:
    """The contents of the portal as known now, or of a past version; ``None`` if there is no such version."""
    outline = snapshots.outline(session, portal_id, number)
    if outline is None:
        return None
    if number is not None:
        complete = frozenset(entry.key for entry in outline.coverage if entry.state is State.COMPLETE)
    else:
        complete = snapshots.complete_parts(session, portal_id)
    return Contents(session, portal_id, outline, complete)
