"""Sorts a snapshot in the portal's business order: the order on the portal's own screens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain.coverage import Coverage, Kind
from shared.domain.snapshot import (
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Pipeline,
    Snapshot,
    Stage,
    StandardField,
    UserField,
)

STANDARD_ENTITY_TYPES = ("lead", "deal", "contact", "company", "quote", "smart_invoice", "requisite")


def in_business_order(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with every collection sorted by the portal's order, then by id, and its receipt likewise.

    The order of rows in the answers does not count, so two reads of an unchanged portal are equal. Rows without a
    known place come last.
    """
    kinds = list(Kind)
    entity_types = tuple(sorted(snapshot.entity_types, key=_entity_type))
    rank = {row.key: place for place, row in enumerate(entity_types)}

    def entity(row: Pipeline | Stage | StandardField | UserField) -> tuple[int, str]:
        return (rank.get(row.entity_type, len(rank)), row.entity_type)

    pipelines = tuple(sorted(snapshot.pipelines, key=lambda row: (*entity(row), *_place(row))))
    pipeline_rank = {row.directory: place for place, row in enumerate(pipelines)}

    def stage(row: Stage) -> tuple[Any, ...]:
        pipeline = pipeline_rank.get(row.directory, len(pipeline_rank))
        return (*entity(row), pipeline, row.directory, *_place(row))

    def standard_field(row: StandardField) -> tuple[Any, ...]:
        # The portal gives them no order.
        return (*entity(row), row.code)

    def user_field(row: UserField) -> tuple[Any, ...]:
        return (*entity(row), *_place(row), row.code)

    def receipt(entry: Coverage) -> tuple[Any, ...]:
        owner = entry.entity_type or ""
        return (kinds.index(entry.kind), rank.get(owner, len(rank)), owner)

    return replace(
        snapshot,
        coverage=tuple(sorted(snapshot.coverage, key=receipt)),
        entity_types=entity_types,
        pipelines=pipelines,
        stages=tuple(sorted(snapshot.stages, key=stage)),
        orphan_stages=tuple(sorted(snapshot.orphan_stages, key=stage)),
        dictionaries=tuple(_ordered_dictionary(row) for row in sorted(snapshot.dictionaries, key=_directory)),
        standard_fields=tuple(sorted(snapshot.standard_fields, key=standard_field)),
        user_fields=tuple(_ordered_field(row) for row in sorted(snapshot.user_fields, key=user_field)),
        users=tuple(sorted(snapshot.users, key=lambda row: row.id)),
        departments=tuple(sorted(snapshot.departments, key=lambda row: row.id)),
    )


def _place(row: Pipeline | Stage | DictionaryItem | ListValue | UserField) -> tuple[bool, int, int]:
    """The sort key of a row among rows of its kind."""
    return (row.sort is None, row.sort or 0, row.id or 0)


def _entity_type(row: EntityType) -> tuple[int, int]:
    standard = STANDARD_ENTITY_TYPES
    return (standard.index(row.key) if row.key in standard else len(standard), row.entity_type_id)


def _directory(row: Dictionary) -> str:
    return row.directory


def _ordered_dictionary(row: Dictionary) -> Dictionary:
    return replace(row, items=tuple(sorted(row.items, key=_place)))


def _ordered_field(row: UserField) -> UserField:
    values = tuple(sorted(row.values, key=_place)) if row.values else ()
    return row if values == row.values else replace(row, values=values)
