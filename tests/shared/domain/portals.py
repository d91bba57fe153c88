"""Portals as they may exist, made by a seed, with few ids and names so that two of them have much in common.

The strategies draw seeds: whole portals drawn attribute by attribute take Hypothesis a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

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
from tests.builders import a_snapshot

T = TypeVar("T")

ENTITY_TYPES = {
    "deal": EntityType("deal", 2, None, "Сделка", "CRM_DEAL", "D"),
    "contact": EntityType("contact", 3, None, "Контакт", "CRM_CONTACT", "C"),
    "dynamic_162": EntityType("dynamic_162", 162, 9, "Поставка", "CRM_9", "Ta2"),
    "dynamic_1040": EntityType("dynamic_1040", 1040, 162, "Ремонт", "CRM_162", "T410"),
}
NAMES = ("Новая", "Розница", "Опт", None)
TEXTS = ("Курьер", "Самовывоз", "Почта")
SORTS = (10, 20, 30, 40, 500)

dice = st.integers(0, 2**32).map(Random)


def examples(count: int = 100) -> settings:
    """How many portals to try; that a busy machine takes long over one is no failure."""
    return settings(max_examples=count, deadline=None)


def snapshots() -> st.SearchStrategy[Snapshot]:
    """A portal read completely and in full by an administrator, its rows in any order."""
    return dice.map(portal)


def two_reads() -> st.SearchStrategy[tuple[Snapshot, Snapshot]]:
    """A portal at two times: unchanged, with one thing changed, or with hardly anything left as it was."""

    def reads(dice: Random) -> tuple[Snapshot, Snapshot]:
        first = portal(dice)
        again = shuffled(first, dice)
        return first, dice.choice((again, renamed(again, dice), portal(dice)))

    return dice.map(reads)


def portal(dice: Random) -> Snapshot:
    keys = _some(dice, ENTITY_TYPES)
    pipelines = tuple(row for key in keys if key != "contact" for row in _pipelines(dice, key))
    return shuffled(
        a_snapshot(
            entity_types=tuple(replace(ENTITY_TYPES[key], title=dice.choice(NAMES)) for key in keys),
            pipelines=pipelines,
            stages=tuple(stage for row in pipelines for stage in _stages(dice, row)),
            dictionaries=tuple(_dictionary(dice, name) for name in _some(dice, ("SOURCE", "INDUSTRY"))),
            standard_fields=tuple(field for key in keys for field in _standard_fields(dice, key)),
            user_fields=tuple(field for key in keys for field in _fields(dice, key)),
            users=_numbered(dice, lambda number: _user(dice, number)),
            departments=_numbered(
                dice,
                lambda number: Department(
                    number, dice.choice(NAMES), dice.choice((None, 1)), dice.choice((None, 12))
                ),
            ),
        ),
        dice,
    )


def shuffled(snapshot: Snapshot, dice: Random) -> Snapshot:
    """The same portal with every collection and every map in another order."""

    def mixed(rows: Iterable[T]) -> tuple[T, ...]:
        found = list(rows)
        dice.shuffle(found)
        return tuple(found)

    return replace(
        snapshot,
        entity_types=mixed(snapshot.entity_types),
        pipelines=mixed(snapshot.pipelines),
        stages=mixed(snapshot.stages),
        orphan_stages=mixed(snapshot.orphan_stages),
        dictionaries=mixed(replace(row, items=mixed(row.items)) for row in snapshot.dictionaries),
        standard_fields=mixed(snapshot.standard_fields),
        user_fields=mixed(
            replace(
                row,
                values=mixed(row.values),
                labels=dict(mixed(row.labels.items())),
                settings=dict(mixed(row.settings.items())),
            )
            for row in snapshot.user_fields
        ),
        users=mixed(snapshot.users),
        departments=mixed(snapshot.departments),
    )


def renamed(snapshot: Snapshot, dice: Random) -> Snapshot:
    """The same portal with one item under a name of its own, if it has any of the kind chosen."""
    collection = dice.choice(("users", "stages", "departments", "pipelines"))
    rows = list(getattr(snapshot, collection))
    if rows:
        place = dice.randrange(len(rows))
        rows[place] = replace(rows[place], name="Совсем другое")
    changes: dict[str, Any] = {collection: tuple(rows)}
    return replace(snapshot, **changes)


def _some(dice: Random, choice: Iterable[T]) -> list[T]:
    return [one for one in choice if dice.random() < 0.7]


def _numbered(dice: Random, build: Callable[[int], T]) -> tuple[T, ...]:
    """Some rows, each with a number of its own."""
    return tuple(build(number) for number in _some(dice, range(1, 7)))


def _pipelines(dice: Random, key: str) -> tuple[Pipeline, ...]:
    number_of_type = ENTITY_TYPES[key].entity_type_id
    return _numbered(
        dice,
        lambda number: Pipeline(
            key,
            number,
            dice.choice(NAMES),
            dice.choice(SORTS),
            is_default=dice.random() < 0.5,
            directory=f"DEAL_STAGE_{number}" if key == "deal" else f"DYNAMIC_{number_of_type}_STAGE_{number}",
        ),
    )


def _stages(dice: Random, pipeline: Pipeline) -> tuple[Stage, ...]:
    return _numbered(
        dice,
        lambda number: Stage(
            pipeline.entity_type,
            pipeline.id,
            pipeline.directory,
            status_id=dice.choice(("NEW", "WON", "UC_1")),
            id=100 * pipeline.id + number,
            name=dice.choice(NAMES),
            sort=dice.choice(SORTS),
            meaning=dice.choice(tuple(Meaning)),
            color=dice.choice(("#39A8EF", None)),
            system=dice.random() < 0.5,
        ),
    )


def _dictionary(dice: Random, directory: str) -> Dictionary:
    items = _numbered(
        dice,
        lambda number: DictionaryItem(
            dice.choice(TEXTS), number, dice.choice(NAMES), dice.choice(SORTS), system=dice.random() < 0.5
        ),
    )
    return Dictionary(directory, dice.choice(NAMES), items)


def _standard_fields(dice: Random, key: str) -> list[StandardField]:
    return [
        StandardField(
            key,
            code,
            dice.choice(("title", None)),
            dice.choice(("string", "crm_status")),
            multiple=dice.random() < 0.1,
            mandatory=dice.random() < 0.5,
            read_only=dice.random() < 0.5,
            label=dice.choice(NAMES),
        )
        for code in ("ID", *_some(dice, ("TITLE", "STAGE_ID", "UTM_SOURCE")))
    ]


def _fields(dice: Random, key: str) -> tuple[UserField, ...]:
    def values() -> tuple[ListValue, ...]:
        return _numbered(
            dice,
            lambda number: ListValue(
                number, dice.choice(TEXTS), dice.choice(SORTS), dice.random() < 0.5, dice.choice(NAMES)
            ),
        )

    return _numbered(
        dice,
        lambda number: UserField(
            entity_type=key,
            id=10 * ENTITY_TYPES[key].entity_type_id + number,
            code=dice.choice(("UF_CRM_A", "UF_CRM_B", "UF_STATUS_LINE")),
            api_name=dice.choice(("ufCrmA", None)),
            type=dice.choice(("string", "enumeration")),
            multiple=dice.random() < 0.5,
            mandatory=dice.random() < 0.5,
            sort=dice.choice(SORTS),
            labels={"ru": dice.choice(TEXTS)},
            values=values(),
            settings={name: dice.choice((*TEXTS, [1, 2])) for name in _some(dice, ("SIZE", "ROWS"))},
        ),
    )


def _user(dice: Random, number: int) -> User:
    return User(
        number,
        dice.choice(NAMES),
        active=dice.random() < 0.5,
        position=dice.choice(NAMES),
        departments=dice.choice(((), (1,), (1, 2))),
    )
