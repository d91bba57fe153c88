"""A snapshot as parts: one collection per kind, fields one per entity type, each with a stored form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from shared.domain.coverage import Kind, State
from shared.domain.order import in_business_order
from shared.domain.snapshot import (
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Meaning,
    Pipeline,
    Snapshot,
    Stage,
    StandardField,
    User,
    UserField,
)
from shared.domain.stages import belongs

# The kind and, for fields, the entity type: what a line of the receipt speaks about.
PartKey = tuple[Kind, str | None]
Items = tuple[Any, ...]


def parts_of(snapshot: Snapshot) -> dict[PartKey, Items]:
    """The items of every kind the snapshot's coverage speaks of, in their order; an empty kind is an empty part."""
    fields: dict[PartKey, list[StandardField | UserField]] = defaultdict(list)
    for standard in snapshot.standard_fields:
        fields[Kind.STANDARD_FIELDS, standard.entity_type].append(standard)
    for field in snapshot.user_fields:
        fields[Kind.USER_FIELDS, field.entity_type].append(field)
    whole: dict[Kind, Items] = {
        Kind.ENTITY_TYPES: snapshot.entity_types,
        Kind.PIPELINES: snapshot.pipelines,
        Kind.STAGES: snapshot.stages + snapshot.orphan_stages,
        Kind.DICTIONARIES: snapshot.dictionaries,
        Kind.USERS: snapshot.users,
        Kind.DEPARTMENTS: snapshot.departments,
    }
    return {
        entry.key: tuple(fields[entry.key]) if entry.kind.is_per_entity else whole[entry.kind]
        for entry in snapshot.coverage
        if entry.kind is not Kind.PORTAL
    }


def with_parts(snapshot: Snapshot, parts: Mapping[PartKey, Items]) -> Snapshot:
    """The same snapshot with these items instead of its own, in business order.

    Stages of no known pipeline are left over where its receipt says that all pipelines are known.
    """

    def of(kind: Kind) -> Items:
        return tuple(item for (part_kind, _), items in parts.items() if part_kind is kind for item in items)

    pipelines: tuple[Pipeline, ...] = of(Kind.PIPELINES)
    stages: tuple[Stage, ...] = of(Kind.STAGES)
    directories = {row.directory for row in pipelines}
    is_certain = _knows_all_pipelines(snapshot)
    own = tuple(row for row in stages if not is_certain or belongs(row, directories))
    orphans = tuple(row for row in stages if is_certain and not belongs(row, directories))
    return in_business_order(
        replace(
            snapshot,
            entity_types=of(Kind.ENTITY_TYPES),
            pipelines=pipelines,
            stages=own,
            orphan_stages=orphans,
            dictionaries=of(Kind.DICTIONARIES),
            standard_fields=of(Kind.STANDARD_FIELDS),
            user_fields=of(Kind.USER_FIELDS),
            users=of(Kind.USERS),
            departments=of(Kind.DEPARTMENTS),
        )
    )


def _knows_all_pipelines(snapshot: Snapshot) -> bool:
    return any(entry.kind is Kind.PIPELINES and entry.state is State.COMPLETE for entry in snapshot.coverage)


def load_part(kind: Kind, rows: Iterable[dict[str, Any]]) -> Items:
    """The items whose canonical text (``shared.domain.digest``) these rows of JSON are."""
    build = _BUILDERS[kind]
    return tuple(build(row) for row in rows)


def _stage(row: dict[str, Any]) -> Stage:
    return Stage(**{**row, "meaning": Meaning(row["meaning"])})


def _dictionary(row: dict[str, Any]) -> Dictionary:
    return Dictionary(**{**row, "items": tuple(_each(DictionaryItem, row["items"]))})


def _user_field(row: dict[str, Any]) -> UserField:
    row["values"] = tuple(_each(ListValue, row["values"])) if row["values"] else ()
    return UserField(**row)


def _user(row: dict[str, Any]) -> User:
    return User(**{**row, "departments": tuple(row["departments"])})


def _each(build: Callable[..., Any], rows: Iterable[dict[str, Any]]) -> Iterable[Any]:
    return (build(**row) for row in rows)


_BUILDERS: Mapping[Kind, Callable[[dict[str, Any]], Any]] = {
    Kind.ENTITY_TYPES: lambda row: EntityType(**row),
    Kind.PIPELINES: lambda row: Pipeline(**row),
    Kind.STAGES: _stage,
    Kind.DICTIONARIES: _dictionary,
    Kind.STANDARD_FIELDS: lambda row: StandardField(**row),
    Kind.USER_FIELDS: _user_field,
    Kind.USERS: _user,
    Kind.DEPARTMENTS: lambda row: Department(**row),
}
