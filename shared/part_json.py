"""Items of a snapshot from JSON; used both for parts in the database and for JSON documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter

from shared.domain.coverage import Kind
from shared.domain.parts import Items
from shared.domain.snapshot import (
    Department,
    Dictionary,
    EntityType,
    Pipeline,
    Stage,
    StandardField,
    User,
    UserField,
)

_PARTS: Final[Mapping[Kind, TypeAdapter[Items]]] = {
    Kind.ENTITY_TYPES: TypeAdapter(tuple[EntityType, ...]),
    Kind.PIPELINES: TypeAdapter(tuple[Pipeline, ...]),
    Kind.STAGES: TypeAdapter(tuple[Stage, ...]),
    Kind.DICTIONARIES: TypeAdapter(tuple[Dictionary, ...]),
    Kind.STANDARD_FIELDS: TypeAdapter(tuple[StandardField, ...]),
    Kind.USER_FIELDS: TypeAdapter(tuple[UserField, ...]),
    Kind.USERS: TypeAdapter(tuple[User, ...]),
    Kind.DEPARTMENTS: TypeAdapter(tuple[Department, ...]),
}


def load_part(kind: Kind, rows: bytes) -> Items:
    """The items of a kind. Keys we do not know are ignored; what earlier versions did not write has its default.

    Raises pydantic.ValidationError, whose first error says where a value is missing or of the wrong kind.
    """
    return _PARTS[kind].validate_json(rows, strict=True)
