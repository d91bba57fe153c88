"""A portal changed by many hands at once, together with the list of what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from shared.domain.snapshot import FIRST_SMART_PROCESS, Meaning, Pipeline, Snapshot, Stage, UserField
from tests.builders import (
    a_department,
    a_dictionary_item,
    a_list_field,
    a_list_value,
    a_pipeline,
    a_smart_process,
    a_stage,
    a_user,
    complete_coverage,
)
from tests.shared.domain.attributes import another

T = TypeVar("T")

Told = list[tuple[Any, ...]]

NEW = 7777

_EDITABLE = {
    "entity_types": ("title", "type_id", "field_owner", "binding_prefix"),
    "pipelines": ("name", "is_default"),
    "stages": ("status_id", "name", "meaning", "color", "system"),
    "dictionaries": ("status_id", "name", "system"),
    "user_fields": ("code", "type", "multiple", "mandatory", "labels", "settings"),
    "list_values": ("value", "default", "xml_id"),
    "users": ("name", "active", "position", "departments"),
    "departments": ("name", "parent_id", "head_id"),
}


class ManyHands:
    """Changes a portal and keeps the list of changes, written as ``comparing.short`` writes them.

    In each list either things come, go and are edited, or one of them is moved: that a number was changed beside
    a new neighbour is not told, because a portal does the same to make room.
    """

    def __init__(self, dice: Random) -> None:
        self.told: Told = []
        self._dice = dice

    def change(self, portal: Snapshot) -> Snapshot:
        new_type = a_smart_process(key="dynamic_1044", entity_type_id=1044)
        entity_types = self._changed("entity_types", portal.entity_types, new_type)
        keys = {row.key for row in entity_types}
        pipelines = [
            row
            for key, rows in _lists(portal.pipelines, lambda row: row.entity_type)
            if key in keys
            for row in self._changed("pipelines", rows, _new_pipeline(key))
        ]
        directories = {row.directory for row in pipelines}
        stages = [
            row
            for directory, rows in _lists(portal.stages, lambda row: row.directory)
            if directory in directories
            for row in self._changed("stages", rows, replace(rows[0], id=NEW, sort=900))
        ]
        user_fields = [
            self._with_other_values(row)
            for key, rows in _lists(portal.user_fields, lambda row: row.entity_type)
            if key in keys
            for row in self._changed("user_fields", rows, _new_field(key))
        ]
        dictionaries = [
            replace(row, items=self._changed("dictionaries", row.items, a_dictionary_item(id=NEW, sort=900)))
            for row in portal.dictionaries
        ]
        # What the new entity type and new pipelines bring along is implied by them.
        user_fields += [_new_field(row.key) for row in entity_types if row is new_type]
        stages += [_stage_of(row) for row in pipelines if row.id == NEW]
        changed = replace(
            portal,
            entity_types=entity_types,
            pipelines=tuple(pipelines),
            stages=tuple(stages),
            dictionaries=tuple(dictionaries),
            standard_fields=tuple(row for row in portal.standard_fields if row.entity_type in keys),
            user_fields=tuple(user_fields),
            users=self._changed("users", portal.users, a_user(id=NEW)),
            departments=self._changed("departments", portal.departments, a_department(id=NEW)),
        )
        return replace(changed, coverage=complete_coverage(changed))

    def _with_other_values(self, row: UserField) -> UserField:
        if row.id == NEW:
            return row
        return replace(row, values=self._changed("list_values", row.values, a_list_value(id=NEW, sort=900)))

    def _changed(self, kind: str, rows: tuple[T, ...], new: T) -> tuple[T, ...]:
        if hasattr(new, "sort") and rows and self._dice.random() < 0.3:
            return self._moved(kind, rows)
        found = [self._edited(kind, row) for row in rows if not self._removed(kind, row)]
        if self._dice.random() < 0.3:
            self.told.append(("added", kind, _number(new)))
            found.append(new)
        return tuple(found)

    def _moved(self, kind: str, rows: tuple[Any, ...]) -> tuple[Any, ...]:
        place = self._dice.randrange(len(rows))
        row = rows[place]
        sort = self._dice.choice([sort for sort in (5, 10, 15, 20, 25, 30, 35, 45, 600) if sort != row.sort])
        self.told.append((kind, _number(row), "sort", row.sort, sort))
        return (*rows[:place], replace(row, sort=sort), *rows[place + 1 :])

    def _removed(self, kind: str, row: Any) -> bool:
        gone = self._dice.random() < 0.1
        if gone:
            self.told.append(("removed", kind, _number(row)))
        return gone

    def _edited(self, kind: str, row: Any) -> Any:
        if self._dice.random() < 0.7:
            return row
        # What the portal calls by itself nobody renames; it is called otherwise in another language.
        is_its_own = kind == "entity_types" and row.entity_type_id < FIRST_SMART_PROCESS
        attribute = self._dice.choice(_EDITABLE[kind][1:] if is_its_own else _EDITABLE[kind])
        was = getattr(row, attribute)
        now = _otherwise(was)
        if was is not None or kind != "list_values":
            # What a list value had not was not read.
            self.told.append((kind, _number(row), attribute, _plain(was), _plain(now)))
        return replace(row, **{attribute: now})


def _lists(rows: Iterable[T], owner: Callable[[T], str]) -> Iterable[tuple[str, tuple[T, ...]]]:
    """The rows of every owner."""
    lists: dict[str, list[T]] = {}
    for row in rows:
        lists.setdefault(owner(row), []).append(row)
    return [(key, tuple(found)) for key, found in lists.items()]


def _new_pipeline(entity_type: str) -> Pipeline:
    return a_pipeline(entity_type=entity_type, id=NEW, sort=900, directory=f"{entity_type}_{NEW}")


def _stage_of(pipeline: Pipeline) -> Stage:
    return a_stage(
        entity_type=pipeline.entity_type, pipeline_id=pipeline.id, directory=pipeline.directory, id=NEW
    )


def _new_field(entity_type: str) -> UserField:
    return a_list_field("Да", "Нет", id=NEW, sort=900, entity_type=entity_type)


def _number(row: Any) -> int:
    number: int = row.id if hasattr(row, "id") else row.entity_type_id
    return number


def _otherwise(value: Any) -> Any:
    match value:
        case None:
            return "Иначе"
        case ():
            return (7,)
        case {} if not value:
            return {"SIZE": 40}
        case {"SIZE": _} | {"ROWS": _}:
            return {**value, "SIZE": 40}
    return another(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Meaning):
        return value.value
    return list(value) if isinstance(value, tuple) else value
