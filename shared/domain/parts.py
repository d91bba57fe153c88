"""Splits a snapshot into parts: one per kind, and for fields one per kind and entity type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from shared.domain.coverage import Kind, State
from shared.domain.nothing import says_the_same
from shared.domain.order import in_business_order
from shared.domain.snapshot import Pipeline, Snapshot, Stage, StandardField, UserField
from shared.domain.stages import split_orphans

# The kind and, for fields, the entity type. Each line of the receipt has such a key.
PartKey = tuple[Kind, str | None]
Items = tuple[Any, ...]


def parts_of(snapshot: Snapshot) -> dict[PartKey, Items]:
    """The items of every part in the snapshot's coverage, in their order. A part may be empty."""
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


def same_items(before: Items, after: Items) -> bool:
    """True for items that are equal except for how they write empty values (``shared.domain.nothing``)."""
    return len(before) == len(after) and all(
        mine == yours or (type(mine) is type(yours) and says_the_same(asdict(mine), asdict(yours)))
        for mine, yours in zip(before, after, strict=True)
    )


def with_parts(snapshot: Snapshot, parts: Mapping[PartKey, Items]) -> Snapshot:
    """The same snapshot with these items instead of its own, in business order.

    Stages without a known pipeline become orphan stages if the receipt says that all pipelines are known.
    """

    def of(kind: Kind) -> Items:
        return tuple(item for (part_kind, _), items in parts.items() if part_kind is kind for item in items)

    pipelines: tuple[Pipeline, ...] = of(Kind.PIPELINES)
    stages: tuple[Stage, ...] = of(Kind.STAGES)
    directories = {row.directory for row in pipelines}
    own, orphans = split_orphans(stages, directories, is_certain=_knows_all_pipelines(snapshot))
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
