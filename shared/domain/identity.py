"""The identity of items, which stays the same from one snapshot to the next, and their changeable attributes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from shared.domain.coverage import Kind
from shared.domain.snapshot import (
    AsRead,
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


class ComparedKind(StrEnum):
    """The kinds of items a comparison speaks about, in the order in which it lists them."""

    ENTITY_TYPES = "entity_types"
    PIPELINES = "pipelines"
    STAGES = "stages"
    DICTIONARIES = "dictionaries"
    STANDARD_FIELDS = "standard_fields"
    USER_FIELDS = "user_fields"
    LIST_VALUES = "list_values"
    USERS = "users"
    DEPARTMENTS = "departments"


Identity = tuple[Any, ...]
Part = tuple[Kind, str | None]


class Unknown(Enum):
    """The value of an attribute that could not be understood. No comparison draws a conclusion from it."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False


class Item(NamedTuple):
    """One comparable item.

    ``owner`` is the item that directly contains it: the pipeline of a stage, the field of a list value. ``parents`` are
    its owner and all owners of that one. Both are empty for an item without an owner.
    """

    kind: ComparedKind
    part: Part
    identity: Identity
    attributes: Mapping[str, Any]
    owner: Identity = ()
    parents: frozenset[Identity] = frozenset()
    entity_type: str | None = None
    item_id: int | None = None
    code: str | None = None
    label: str | None = None


# The attributes of a row that can change while it stays the same item.
_ATTRIBUTES: Final[Mapping[type, tuple[str, ...]]] = {
    EntityType: ("title", "type_id", "field_owner", "binding_prefix"),
    Pipeline: ("name", "sort", "is_default"),
    Stage: ("status_id", "name", "sort", "meaning", "color", "system"),
    Dictionary: ("name",),
    DictionaryItem: ("status_id", "name", "sort", "system"),
    StandardField: ("api_name", "label", "type", "multiple", "mandatory", "read_only"),
    UserField: ("code", "api_name", "labels", "type", "multiple", "mandatory", "sort", "settings"),
    ListValue: ("value", "sort", "default", "xml_id"),
    User: ("name", "active", "position", "departments"),
    Department: ("name", "parent_id", "head_id"),
}


def items_of(snapshot: Snapshot, *, but_values_of: Collection[Identity] = ()) -> Iterator[Item]:
    """Every comparable item of a snapshot in its order; list values and dictionary rows are items of their own.

    Identity is the portal's id (the directory for a dictionary, the key for an entity type, the code for a standard
    field). ``but_values_of`` are fields whose list values are left out.
    """
    yield from map(_entity_type, snapshot.entity_types)
    yield from map(_pipeline, snapshot.pipelines)
    yield from map(_stage, snapshot.stages)
    for dictionary in snapshot.dictionaries:
        whole = _dictionary(dictionary)
        yield whole
        yield from (_dictionary_item(whole, row) for row in dictionary.items)
    yield from map(_standard_field, snapshot.standard_fields)
    for field in snapshot.user_fields:
        owner = _user_field(field)
        yield owner
        if field.values and owner.identity not in but_values_of:
            yield from (_list_value(owner, row) for row in field.values)
    yield from map(_user, snapshot.users)
    yield from map(_department, snapshot.departments)


def is_unread(before: Item, after: Item, attribute: str) -> bool:
    """True for an attribute that one of two reads did not bring.

    Its value made no sense, or it is an attribute of list values that only full reads bring.
    """
    if Unknown.UNKNOWN in (before.attributes.get(attribute), after.attributes.get(attribute)):
        return True
    if after.kind is not ComparedKind.LIST_VALUES or attribute == "value":
        return False
    return None in (before.attributes[attribute], after.attributes[attribute])


def entity_identity(key: str) -> Identity:
    """The identity of an entity type: its key."""
    return (ComparedKind.ENTITY_TYPES, key)


def pipeline_identity(entity_type: str, pipeline_id: int | None) -> Identity:
    """The identity of a pipeline. Without an id: the owner of the stages of an entity type without pipelines."""
    return (ComparedKind.PIPELINES, entity_type, pipeline_id)


def field_identity(row: UserField) -> Identity:
    """The identity of a user field: its id, or its code if the id is not visible."""
    return (ComparedKind.USER_FIELDS, row.entity_type, row.code if row.id is None else row.id)


@lru_cache(maxsize=1024)
def _inside(*owners: Identity) -> frozenset[Identity]:
    """The set of these owners, cached: many items share one set."""
    return frozenset(owners)


def _attributes(row: AsRead | ListValue) -> dict[str, Any]:
    """The changeable attributes of the row; ``UNKNOWN`` for those not understood."""
    attributes = {name: getattr(row, name) for name in _ATTRIBUTES[type(row)]}
    if isinstance(row, AsRead):
        for odd in row.not_understood:
            if odd.attribute in attributes:
                attributes[odd.attribute] = Unknown.UNKNOWN
    return attributes


def _entity_type(row: EntityType) -> Item:
    return Item(
        ComparedKind.ENTITY_TYPES,
        (Kind.ENTITY_TYPES, None),
        entity_identity(row.key),
        _attributes(row),
        entity_type=row.key,
        item_id=row.entity_type_id,
        code=row.key,
        label=row.title,
    )


def _of_entity(part: Part, own: Identity, row: Pipeline | StandardField | UserField, **names: Any) -> Item:
    """An item whose owner is its entity type."""
    owner = entity_identity(row.entity_type)
    return Item(
        own[0], part, own, _attributes(row), owner, _inside(owner), entity_type=row.entity_type, **names
    )


def _pipeline(row: Pipeline) -> Item:
    own = pipeline_identity(row.entity_type, row.id)
    return _of_entity((Kind.PIPELINES, None), own, row, item_id=row.id, code=row.directory, label=row.name)


def _stage(row: Stage) -> Item:
    owner = pipeline_identity(row.entity_type, row.pipeline_id)
    return Item(
        ComparedKind.STAGES,
        (Kind.STAGES, None),
        (ComparedKind.STAGES, row.directory, row.id),
        _attributes(row),
        owner,
        _inside(owner, entity_identity(row.entity_type)),
        entity_type=row.entity_type,
        item_id=row.id,
        code=row.status_id,
        label=row.name,
    )


def _dictionary(row: Dictionary) -> Item:
    return Item(
        ComparedKind.DICTIONARIES,
        (Kind.DICTIONARIES, None),
        (ComparedKind.DICTIONARIES, row.directory),
        _attributes(row),
        code=row.directory,
        label=row.name,
    )


def _dictionary_item(owner: Item, row: DictionaryItem) -> Item:
    return Item(
        ComparedKind.DICTIONARIES,
        (Kind.DICTIONARIES, None),
        (*owner.identity, row.id),
        _attributes(row),
        owner.identity,
        _inside(owner.identity),
        item_id=row.id,
        code=f"{owner.code}:{row.status_id}",
        label=row.name,
    )


def _standard_field(row: StandardField) -> Item:
    own = (ComparedKind.STANDARD_FIELDS, row.entity_type, row.code)
    return _of_entity((Kind.STANDARD_FIELDS, row.entity_type), own, row, code=row.code, label=row.label)


def _user_field(row: UserField) -> Item:
    part = (Kind.USER_FIELDS, row.entity_type)
    label = next(iter(row.labels.values()), None)
    return _of_entity(part, field_identity(row), row, item_id=row.id, code=row.code, label=label)


def _list_value(owner: Item, row: ListValue) -> Item:
    return Item(
        ComparedKind.LIST_VALUES,
        owner.part,
        (ComparedKind.LIST_VALUES, *owner.identity, row.id),
        _attributes(row),
        owner.identity,
        _inside(owner.identity, owner.owner),
        entity_type=owner.entity_type,
        item_id=row.id,
        code=owner.code,
        label=row.value,
    )


def _user(row: User) -> Item:
    item = _of_people(ComparedKind.USERS, Kind.USERS, row)
    # A list, as in the API.
    return item._replace(attributes={**item.attributes, "departments": list(row.departments)})


def _department(row: Department) -> Item:
    return _of_people(ComparedKind.DEPARTMENTS, Kind.DEPARTMENTS, row)


def _of_people(kind: ComparedKind, part: Kind, row: User | Department) -> Item:
    return Item(kind, (part, None), (kind, row.id), _attributes(row), item_id=row.id, label=row.name)
