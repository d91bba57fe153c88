"""What makes an item of a snapshot the same item in the next one, and which of its attributes can change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

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


class Unknown(Enum):
    """The value of an attribute for which something came that made no sense: nothing is concluded from it."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False


class Item(NamedTuple):
    """One comparable item: who it is, whose child it is, among whom it is ordered, and what can be edited."""

    kind: ComparedKind
    part: tuple[Kind, str | None]
    identity: Identity
    parents: frozenset[Identity]
    siblings: Identity
    entity_type: str | None
    item_id: int | None
    code: str | None
    label: str | None
    attributes: Mapping[str, Any]


def items_of(
    snapshot: Snapshot, *, by_code: bool = False, but_values_of: Collection[Identity] = ()
) -> Iterator[Item]:
    """Every comparable item of a snapshot in its order; list values and dictionary rows are items of their own.

    Identity is the portal's id (the directory for a dictionary, the key for an entity type, the code for a standard
    field). With ``by_code`` it is the code: what two different portals may have in common. People and departments
    have none and are left out. ``but_values_of`` are fields whose list values are left out too.
    """
    yield from (_of(row, _entity_type(row)) for row in snapshot.entity_types)
    yield from (_of(row, _pipeline(row)) for row in snapshot.pipelines)
    yield from (_of(row, _stage(row, by_code=by_code)) for row in snapshot.stages)
    for dictionary in snapshot.dictionaries:
        yield _of(dictionary, _dictionary(dictionary))
        yield from (_of(row, _dictionary_item(dictionary, row, by_code=by_code)) for row in dictionary.items)
    yield from (_of(row, _standard_field(row)) for row in snapshot.standard_fields)
    for user_field in snapshot.user_fields:
        owner = _user_field(user_field, by_code=by_code)
        yield _of(user_field, owner)
        if user_field.values and owner.identity not in but_values_of:
            yield from _list_values(owner, user_field.values, by_code=by_code)
    if not by_code:
        yield from (_of(row, _user(row)) for row in snapshot.users)
        yield from (_of(row, _department(row)) for row in snapshot.departments)


def _of(row: AsRead, item: Item) -> Item:
    """The item of this row; what was not understood of the row is unknown of the item."""
    if not row.not_understood:
        return item
    return item._replace(
        attributes={
            name: value if row.is_understood(name) else Unknown.UNKNOWN
            for name, value in item.attributes.items()
        }
    )


def is_unread(before: Item, after: Item, attribute: str) -> bool:
    """True for an attribute that one of two reads did not bring.

    It made no sense, or it is one that list values have in full reads only.
    """
    if Unknown.UNKNOWN in (before.attributes.get(attribute), after.attributes.get(attribute)):
        return True
    if after.kind is not ComparedKind.LIST_VALUES or attribute == "value":
        return False
    return None in (before.attributes[attribute], after.attributes[attribute])


def field_identity(row: UserField, *, by_code: bool = False) -> Identity:
    """What makes a user field the same one: its id, or its code where it has none to be seen."""
    return (ComparedKind.USER_FIELDS, row.entity_type, row.code if by_code or row.id is None else row.id)


def _entity_identity(key: str) -> Identity:
    return (ComparedKind.ENTITY_TYPES, key)


@lru_cache(maxsize=1024)
def _inside(entity_type: str) -> frozenset[Identity]:
    """The parents of what belongs to an entity type and nothing else: one set for all of it, there is so much."""
    return frozenset({_entity_identity(entity_type)})


def _pipeline_identity(entity_type: str, pipeline_id: int | None) -> Identity:
    return (ComparedKind.PIPELINES, entity_type, pipeline_id)


def _entity_type(row: EntityType) -> Item:
    return Item(
        kind=ComparedKind.ENTITY_TYPES,
        part=(Kind.ENTITY_TYPES, None),
        identity=_entity_identity(row.key),
        parents=frozenset(),
        siblings=(),
        entity_type=row.key,
        item_id=row.entity_type_id,
        code=row.key,
        label=row.title,
        attributes={
            "title": row.title,
            "type_id": row.type_id,
            "field_owner": row.field_owner,
            "binding_prefix": row.binding_prefix,
        },
    )


def _pipeline(row: Pipeline) -> Item:
    return Item(
        kind=ComparedKind.PIPELINES,
        part=(Kind.PIPELINES, None),
        identity=_pipeline_identity(row.entity_type, row.id),
        parents=_inside(row.entity_type),
        siblings=(row.entity_type,),
        entity_type=row.entity_type,
        item_id=row.id,
        code=row.directory,
        label=row.name,
        attributes={"name": row.name, "sort": row.sort, "is_default": row.is_default},
    )


def _stage(row: Stage, *, by_code: bool) -> Item:
    return Item(
        kind=ComparedKind.STAGES,
        part=(Kind.STAGES, None),
        identity=(ComparedKind.STAGES, row.directory, row.status_id if by_code else row.id),
        parents=frozenset(
            {_entity_identity(row.entity_type), _pipeline_identity(row.entity_type, row.pipeline_id)}
        ),
        siblings=(row.directory,),
        entity_type=row.entity_type,
        item_id=row.id,
        code=row.status_id,
        label=row.name,
        attributes={
            "status_id": row.status_id,
            "name": row.name,
            "sort": row.sort,
            "meaning": row.meaning.value,
            "color": row.color,
            "system": row.system,
        },
    )


def _dictionary(row: Dictionary) -> Item:
    return Item(
        kind=ComparedKind.DICTIONARIES,
        part=(Kind.DICTIONARIES, None),
        identity=(ComparedKind.DICTIONARIES, row.directory),
        parents=frozenset(),
        siblings=(),
        entity_type=None,
        item_id=None,
        code=row.directory,
        label=row.name,
        attributes={"name": row.name},
    )


def _dictionary_item(owner: Dictionary, row: DictionaryItem, *, by_code: bool) -> Item:
    return Item(
        kind=ComparedKind.DICTIONARIES,
        part=(Kind.DICTIONARIES, None),
        identity=(ComparedKind.DICTIONARIES, owner.directory, row.status_id if by_code else row.id),
        parents=frozenset({(ComparedKind.DICTIONARIES, owner.directory)}),
        siblings=(owner.directory,),
        entity_type=None,
        item_id=row.id,
        code=f"{owner.directory}:{row.status_id}",
        label=row.name,
        attributes={
            "status_id": row.status_id,
            "name": row.name,
            "sort": row.sort,
            "system": row.system,
        },
    )


def _standard_field(row: StandardField) -> Item:
    return Item(
        kind=ComparedKind.STANDARD_FIELDS,
        part=(Kind.STANDARD_FIELDS, row.entity_type),
        identity=(ComparedKind.STANDARD_FIELDS, row.entity_type, row.code),
        parents=_inside(row.entity_type),
        siblings=(row.entity_type,),
        entity_type=row.entity_type,
        item_id=None,
        code=row.code,
        label=row.label,
        attributes={
            "api_name": row.api_name,
            "label": row.label,
            "type": row.type,
            "multiple": row.multiple,
            "mandatory": row.mandatory,
            "read_only": row.read_only,
        },
    )


def _user_field(row: UserField, *, by_code: bool) -> Item:
    return Item(
        kind=ComparedKind.USER_FIELDS,
        part=(Kind.USER_FIELDS, row.entity_type),
        identity=field_identity(row, by_code=by_code),
        parents=_inside(row.entity_type),
        siblings=(row.entity_type,),
        entity_type=row.entity_type,
        item_id=row.id,
        code=row.code,
        label=next(iter(row.labels.values()), None),
        attributes={
            "code": row.code,
            "api_name": row.api_name,
            "labels": row.labels,
            "type": row.type,
            "multiple": row.multiple,
            "mandatory": row.mandatory,
            "sort": row.sort,
            "settings": row.settings,
        },
    )


def _list_values(owner: Item, rows: tuple[ListValue, ...], *, by_code: bool) -> Iterator[Item]:
    if not by_code:
        yield from (_list_value(owner, row, (row.id,)) for row in rows)
        return
    repeated: Counter[str] = Counter()
    for row in rows:
        yield _list_value(owner, row, (row.value, repeated[row.value]))
        repeated[row.value] += 1


def _list_value(owner: Item, row: ListValue, own_identity: Identity) -> Item:
    return Item(
        kind=ComparedKind.LIST_VALUES,
        part=owner.part,
        identity=(ComparedKind.LIST_VALUES, *owner.identity, *own_identity),
        parents=frozenset({owner.identity, *owner.parents}),
        siblings=owner.identity,
        entity_type=owner.entity_type,
        item_id=row.id,
        code=owner.code,
        label=row.value,
        attributes={"value": row.value, "sort": row.sort, "default": row.default, "xml_id": row.xml_id},
    )


def _user(row: User) -> Item:
    return Item(
        kind=ComparedKind.USERS,
        part=(Kind.USERS, None),
        identity=(ComparedKind.USERS, row.id),
        parents=frozenset(),
        siblings=(),
        entity_type=None,
        item_id=row.id,
        code=None,
        label=row.name,
        attributes={
            "name": row.name,
            "active": row.active,
            "position": row.position,
            "departments": list(row.departments),
        },
    )


def _department(row: Department) -> Item:
    return Item(
        kind=ComparedKind.DEPARTMENTS,
        part=(Kind.DEPARTMENTS, None),
        identity=(ComparedKind.DEPARTMENTS, row.id),
        parents=frozenset(),
        siblings=(),
        entity_type=None,
        item_id=row.id,
        code=None,
        label=row.name,
        attributes={"name": row.name, "parent_id": row.parent_id, "head_id": row.head_id},
    )
