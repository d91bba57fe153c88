"""Entity types as rows, each with its four identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, title_of
from services.cabinet.contents.reading import Contents
from shared.specification.entity_shapes import is_smart_process
from shared.specification.not_understood import odd_values, placeholder


@dataclass(frozen=True, slots=True)
class EntityTypeRow:
    """An entity type. ``type_id`` is ``None`` for the types every portal has; a text is empty if it was not read.

    ``odd`` names what was not understood.
    """

    key: str
    title: str
    entity_type_id: int
    type_id: int | None
    field_owner: str
    binding_prefix: str
    is_smart_process: bool
    odd: Mapping[str, str]


def entity_types(contents: Contents, words: Words, _entity: str = EVERY) -> tuple[EntityTypeRow, ...]:
    """Every entity type: first those all portals have, then smart processes by number."""
    return tuple(
        EntityTypeRow(
            key=entity.key,
            title=placeholder(entity, "title", words.language) or title_of(contents, words, entity.key),
            entity_type_id=entity.entity_type_id,
            type_id=entity.type_id,
            field_owner=entity.field_owner or "",
            binding_prefix=entity.binding_prefix or "",
            is_smart_process=is_smart_process(entity.key),
            odd=odd_values(entity, words.language),
        )
        for entity in contents.entity_types.values()
    )
