"""A portal's items under names that other portals may have too, since ids mean nothing outside a portal.

A pipeline is recognised by its name and its entity, a stage by its code inside such a pipeline, a dictionary's row and
a field by their codes, a value of a list by its text, a smart process by its title. People and departments are each
portal's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from shared.domain.coverage import Kind, State
from shared.domain.identity import ComparedKind, Identity, Item, items_of
from shared.domain.order import STANDARD_ENTITY_TYPES, in_business_order
from shared.domain.parts import PartKey
from shared.domain.snapshot import EntityType, Snapshot

TYPES: Final[PartKey] = (Kind.ENTITY_TYPES, None)

# What an item is recognised inside of.
_INSIDE: Final[Mapping[ComparedKind, ComparedKind]] = {
    ComparedKind.STAGES: ComparedKind.PIPELINES,
    ComparedKind.LIST_VALUES: ComparedKind.USER_FIELDS,
    ComparedKind.DICTIONARIES: ComparedKind.DICTIONARIES,
}


class Portable:
    """A snapshot by portable names. Parts are named with them too: an entity type by its name instead of its key."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = in_business_order(snapshot)
        self._states = {entry.key: entry.state for entry in snapshot.coverage}
        self._entities = {entity.key: entity for entity in self._snapshot.entity_types}
        self._names = dict(_names(self._snapshot.entity_types))
        self._keys = {name: key for key, name in self._names.items()}
        self.sees_all = snapshot.reader.admin

    def has(self, name: str | None) -> bool:
        """True where the portal is known to have an entity type of this name."""
        return name in self._keys

    def key_of(self, name: str | None) -> str | None:
        """The key, in this portal, of the entity type with this name; the name itself for one it does not know."""
        return None if name is None else self._keys.get(name, name)

    def state(self, part: PartKey) -> State | None:
        """How a part was read; ``None`` for what the receipt does not mention."""
        kind, name = part
        return self._states.get((kind, self.key_of(name)))

    def field_parts(self) -> Iterator[PartKey]:
        """The fields of every entity type the receipt speaks of."""
        yield from ((kind, self._names.get(key, key)) for kind, key in self._states if key is not None)

    def pipelines(self) -> dict[tuple[str, str], bool]:
        """The pipelines by entity and name, and whether each is its entity's default."""
        return {
            (self._names.get(row.entity_type, row.entity_type), (row.name or "").casefold()): row.is_default
            for row in self._snapshot.pipelines
        }

    def items(self, *, without: Collection[PartKey], defaults_meet: Collection[str]) -> dict[Identity, Item]:
        """Every item outside the parts ``without``, by portable identity, in its order.

        The default pipelines of the entities ``defaults_meet`` have an identity without a name.
        """
        found: dict[Identity, Item] = {}
        portable: dict[Identity, Identity] = {}
        repeated: Counter[Identity] = Counter()
        for item in items_of(self._snapshot, by_code=True):
            name = self._names.get(item.entity_type or "", item.entity_type)
            if (item.part[0], name if item.part[1] else None) in without:
                continue
            if TYPES in without and item.entity_type not in (None, *STANDARD_ENTITY_TYPES):
                # Nobody knows which smart process of the other portal this one is.
                continue
            owner = portable.get(_owner(item), (name,))
            plain = (item.kind, *owner, self._own_name(item, name, defaults_meet))
            identity = (*plain, repeated[plain])
            repeated[plain] += 1
            portable[item.identity] = identity
            parents = frozenset(portable.get(parent, parent) for parent in item.parents)
            found[identity] = item._replace(identity=identity, parents=parents, siblings=owner)
        return found

    def _own_name(self, item: Item, entity: str | None, defaults_meet: Collection[str]) -> str | None:
        """What tells the item from others of its kind inside the same owner."""
        code, label = item.code or "", item.label or ""
        match item.kind:
            case ComparedKind.ENTITY_TYPES:
                return None
            case ComparedKind.PIPELINES:
                return None if item.attributes["is_default"] and entity in defaults_meet else label.casefold()
            case ComparedKind.STAGES:
                # Outside the first pipeline the pipeline's number stands before the code: C3:NEW, DT1040_7:NEW
                # (Bitrix24 REST documentation, crm.status).
                return code.rpartition(":")[2]
            case ComparedKind.USER_FIELDS:
                return self._field_code(item.entity_type, code)
            case ComparedKind.LIST_VALUES:
                return label
            case _:
                return code

    def _field_code(self, entity_type: str | None, code: str) -> str:
        # The number of a smart process stands in its fields' codes (Bitrix24 REST documentation, user fields).
        entity = self._entities.get(entity_type or "")
        number = None if entity is None else entity.type_id
        return code if number is None else code.replace(f"UF_CRM_{number}_", "UF_CRM_", 1)


def _owner(item: Item) -> Identity:
    inside = _INSIDE.get(item.kind)
    return next((parent for parent in item.parents if parent[0] == inside), ())


def _names(entity_types: tuple[EntityType, ...]) -> Iterator[tuple[str, str]]:
    """The key of each entity type with its portable name."""
    repeated: Counter[str] = Counter()
    for entity in entity_types:
        if entity.key in STANDARD_ENTITY_TYPES or not entity.title:
            yield entity.key, entity.key
        else:
            # No key has a space in it.
            title = f"smart process {entity.title.casefold()}"
            yield entity.key, f"{title} {repeated[title]}"
            repeated[title] += 1
