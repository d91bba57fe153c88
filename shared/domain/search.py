"""Search entries of a snapshot: codes, ids and names of its items, folded so that spelling does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.identity import ComparedKind, field_identity, items_of
from shared.domain.names import fold
from shared.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the search. ``folded`` is the text that is searched."""

    kind: ComparedKind
    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None
    folded: str


def entries(snapshot: Snapshot) -> Iterator[Entry]:
    """An entry for each item, found by code, id and names. An entity type is also found by its binding prefix."""
    prefixes: dict[str | None, str | None] = {row.key: row.binding_prefix for row in snapshot.entity_types}
    # Not those of the item: where one language made no sense, the others are found all the same.
    labels = {field_identity(row): row.labels for row in snapshot.user_fields}
    for item in items_of(snapshot):
        words = [item.code, item.label, None if item.item_id is None else str(item.item_id)]
        if item.kind is ComparedKind.ENTITY_TYPES:
            words.append(prefixes[item.entity_type])
        if item.kind is ComparedKind.USER_FIELDS:
            words += labels[item.identity].values()
        folded = fold(" ".join(dict.fromkeys(filter(None, words))))
        yield Entry(item.kind, item.entity_type, item.item_id, item.code, item.label, folded)
