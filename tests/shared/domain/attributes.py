"""One example of every class of items, and each of their attributes changed in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from shared.domain.identity import ComparedKind
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
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_value,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_user,
    a_user_field,
)

# No attribute of these is None, so that each of them can become another value of its type.
EXAMPLES: tuple[Any, ...] = (
    a_smart_process(),
    a_pipeline(entity_type="dynamic_1040", id=9, directory="DYNAMIC_1040_STAGE_9"),
    a_stage(entity_type="dynamic_1040", pipeline_id=9, directory="DYNAMIC_1040_STAGE_9"),
    a_dictionary(),
    a_dictionary_item(),
    a_standard_field(entity_type="dynamic_1040"),
    a_user_field(entity_type="dynamic_1040", settings={"SIZE": 20}, values=(a_list_value(),)),
    a_list_value(),
    a_user(position="Флорист"),
    a_department(parent_id=2),
)
KIND_OF = {
    EntityType: ComparedKind.ENTITY_TYPES,
    Pipeline: ComparedKind.PIPELINES,
    Stage: ComparedKind.STAGES,
    Dictionary: ComparedKind.DICTIONARIES,
    DictionaryItem: ComparedKind.DICTIONARIES,
    StandardField: ComparedKind.STANDARD_FIELDS,
    UserField: ComparedKind.USER_FIELDS,
    ListValue: ComparedKind.LIST_VALUES,
    User: ComparedKind.USERS,
    Department: ComparedKind.DEPARTMENTS,
}
# What recognises an item or follows from what does: the directory of a pipeline is built from its number.
RECOGNISES: dict[type, set[str]] = {
    EntityType: {"key", "entity_type_id"},
    Pipeline: {"entity_type", "id", "directory"},
    Stage: {"entity_type", "pipeline_id", "directory", "id"},
    Dictionary: {"directory"},
    DictionaryItem: {"id"},
    StandardField: {"entity_type", "code"},
    UserField: {"entity_type", "id"},
    ListValue: {"id"},
    User: {"id"},
    Department: {"id"},
}
ITEMS_OF_THEIR_OWN: dict[type, set[str]] = {Dictionary: {"items"}, UserField: {"values"}}


@dataclass(frozen=True)
class Edit:
    """One attribute of one item, before and after."""

    item: Any
    attribute: str
    to: Any

    @property
    def name(self) -> str:
        return f"{type(self.item).__name__}.{self.attribute} = {self.to!r}"

    @property
    def before(self) -> Snapshot:
        return portal_with(self.item)

    @property
    def after(self) -> Snapshot:
        changes: dict[str, Any] = {self.attribute: self.to}
        return portal_with(replace(self.item, **changes))


def own_attributes(item: Any) -> Iterator[Any]:
    """What the class of an item declares beside what is true of all items."""
    return (attribute for attribute in fields(item) if attribute.name != "not_understood")


def every_edit() -> Iterator[Edit]:
    """Every attribute of every class of items with another value and, where it has one, with its default."""
    for item in EXAMPLES:
        for attribute in own_attributes(item):
            value = getattr(item, attribute.name)
            yield Edit(item, attribute.name, another(value))
            if "None" in str(attribute.type):
                yield Edit(item, attribute.name, None)


def another(value: Any) -> Any:
    """A different value of the same type."""
    match value:
        case bool():
            return not value
        case Enum():
            return next(member for member in type(value) if member is not value)
        case str():
            return value + "1"
        case int():
            return value + 1
        case Mapping():
            return {key: another(inner) for key, inner in value.items()}
        case (int(), *_):
            return (*value, 99)
        case tuple():
            return value[1:]
    raise TypeError(value)


def portal_with(item: Any) -> Snapshot:
    """The example portal with this item instead of its own of the class."""
    examples: dict[type, Any] = {type(example): example for example in EXAMPLES} | {type(item): item}
    if isinstance(item, DictionaryItem):
        examples[Dictionary] = replace(examples[Dictionary], items=(item,))
    if isinstance(item, ListValue):
        examples[UserField] = replace(examples[UserField], values=(item,))
    inside = (DictionaryItem, ListValue)
    return a_snapshot(**{kind.value: (examples[cls],) for cls, kind in KIND_OF.items() if cls not in inside})
