"""The portal's business order: what comes first on its own screens comes first in a snapshot."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.snapshot import (
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Pipeline,
    Snapshot,
    Stage,
    UserField,
)

STANDARD_ENTITY_TYPES = ("lead", "deal", "contact", "company", "quote", "smart_invoice", "requisite")


def in_business_order(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with every collection sorted by the portal's order, then by id.

    The order in which an answer happened to bring its rows is gone afterwards, so two reads of an unchanged
    portal are equal.
    """
    entity_types = tuple(sorted(snapshot.entity_types, key=_entity_type))
    rank = {entity.key: position for position, entity in enumerate(entity_types)}
    pipelines = tuple(sorted(snapshot.pipelines, key=lambda row: _pipeline(row, rank)))
    position = {(row.entity_type, row.id): place for place, row in enumerate(pipelines)}

    def stage(row: Stage) -> tuple[int, int, str, int, int]:
        place = position.get((row.entity_type, row.pipeline_id or 0), len(position))
        return (rank.get(row.entity_type, len(rank)), place, row.directory, *_sort_and_id(row))

    def user_field(row: UserField) -> tuple[int, int, int, str]:
        return (rank.get(row.entity_type, len(rank)), *_sort_and_id(row), row.code)

    return replace(
        snapshot,
        entity_types=entity_types,
        pipelines=pipelines,
        stages=tuple(sorted(snapshot.stages, key=stage)),
        orphan_stages=tuple(sorted(snapshot.orphan_stages, key=stage)),
        dictionaries=tuple(_ordered_dictionary(row) for row in sorted(snapshot.dictionaries, key=_directory)),
        user_fields=tuple(_ordered_field(row) for row in sorted(snapshot.user_fields, key=user_field)),
        users=tuple(sorted(snapshot.users, key=lambda row: row.id)),
        departments=tuple(sorted(snapshot.departments, key=lambda row: row.id)),
    )


def _sort_and_id(row: Pipeline | Stage | DictionaryItem | ListValue | UserField) -> tuple[int, int]:
    return (row.sort or 0, row.id or 0)


def _entity_type(row: EntityType) -> tuple[int, int]:
    known = STANDARD_ENTITY_TYPES
    return (known.index(row.key) if row.key in known else len(known), row.entity_type_id)


def _pipeline(row: Pipeline, rank: dict[str, int]) -> tuple[int, int, int]:
    return (rank.get(row.entity_type, len(rank)), *_sort_and_id(row))


def _directory(row: Dictionary) -> str:
    return row.directory


def _ordered_dictionary(row: Dictionary) -> Dictionary:
    return replace(row, items=tuple(sorted(row.items, key=_sort_and_id)))


def _ordered_field(row: UserField) -> UserField:
    return replace(row, values=tuple(sorted(row.values, key=_sort_and_id))) if row.values else row
