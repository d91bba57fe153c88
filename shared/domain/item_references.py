"""How findings name the items of a snapshot, and the texts each item contains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.domain.coverage import Kind
from shared.domain.snapshot import (
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Pipeline,
    Snapshot,
    Stage,
    StandardField,
    User,
    UserField,
)

Row = (
    EntityType
    | Pipeline
    | Stage
    | Dictionary
    | DictionaryItem
    | StandardField
    | UserField
    | ListValue
    | User
    | Department
)


@dataclass(frozen=True, slots=True)
class ItemReference:
    """An item that a finding names. Attributes it does not have are ``None``."""

    id: int | None
    code: str | None
    label: str | None


def reference_to(row: Row) -> ItemReference:
    """The id, code and label of the item."""
    match row:
        case EntityType():
            return ItemReference(row.entity_type_id, row.key, row.title)
        case Stage() | DictionaryItem():
            return ItemReference(row.id, row.status_id, row.name)
        case UserField():
            return ItemReference(row.id, row.code, label_of(row))
        case ListValue():
            return ItemReference(row.id, None, row.value)
        case StandardField():
            return ItemReference(None, row.code, row.label)
        case Pipeline():
            return ItemReference(row.id, row.directory, row.name)
        case Dictionary():
            return ItemReference(None, row.directory, row.name)
        case _:
            return ItemReference(row.id, None, row.name)


def label_of(field: UserField) -> str | None:
    """The first label of a field, in whatever language; ``None`` if it has none."""
    for label in field.labels.values():
        if label:
            return label
    return None


def texts(snapshot: Snapshot) -> Iterator[tuple[Kind, str | None, Row, Iterable[str | None]]]:
    """Every item with its kind, its entity type and the texts that people wrote in it."""
    for entity in snapshot.entity_types:
        yield Kind.ENTITY_TYPES, None, entity, (entity.title,)
    for pipeline in snapshot.pipelines:
        yield Kind.PIPELINES, pipeline.entity_type, pipeline, (pipeline.name,)
    for stage in snapshot.stages:
        yield Kind.STAGES, stage.entity_type, stage, (stage.name,)
    for dictionary in snapshot.dictionaries:
        yield Kind.DICTIONARIES, None, dictionary, (dictionary.name, *(row.name for row in dictionary.items))
    for standard in snapshot.standard_fields:
        yield Kind.STANDARD_FIELDS, standard.entity_type, standard, (standard.label,)
    for field in snapshot.user_fields:
        written = (*field.labels.values(), *[value.value for value in field.values])
        yield Kind.USER_FIELDS, field.entity_type, field, written
    for user in snapshot.users:
        yield Kind.USERS, None, user, (user.name, user.position)
    for department in snapshot.departments:
        yield Kind.DEPARTMENTS, None, department, (department.name,)
