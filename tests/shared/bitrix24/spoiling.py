"""Answers spoiled at any depth: keys lost, added, renamed and retyped, rows lost and doubled, totals changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.errors import portal_error

#: Choices a spoiled value is taken from: ``choose(n)`` is a number below n.
Choose = Callable[[int], int]

JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, 42, -1, 1.5, 1e300, 10**20, float("inf")),
    *("", "0", "x", "Y", "9" * 30, "\ud800", "\x00", "a\nb"),
    *([], {}, [1], ["x"], [[]], [{}], {"0": {}}, {"x": []}),
)
TOTALS: tuple[int | None, ...] = (None, 0, 1, 49, 50, 51, 10**9)
CODES = (
    "ACCESS_DENIED",
    "insufficient_scope",
    "ERROR_METHOD_NOT_FOUND",
    "NOT_FOUND",
    "ERROR_CORE",
    "",
    "100",
    "0",
)
#: Keys that say what a row is; a row is recognised, placed or counted by them.
TELLING = frozenset(
    {
        *("ID", "id", "ENTITY_ID", "STATUS_ID", "CATEGORY_ID", "IS_ENABLED", "SEMANTICS", "EXTRA"),
        *("entityTypeId", "entityId", "types", "categories", "fields", "items", "upperName", "type"),
        *("FIELD_NAME", "fieldName", "USER_TYPE_ID", "userTypeId", "LIST", "SETTINGS", "settings"),
    }
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One spoiling: of the answer to which command, of what sort, and the name it struck last."""

    key: Key
    sort: str
    name: str = ""


def spoiled(answers: dict[Key, Answer], choose: Choose) -> tuple[dict[Key, Answer], Mutation]:
    """The answers with one of them spoiled; the others are the same objects."""
    # Pages beyond the end have nothing in them to spoil.
    keys = [key for key, answer in answers.items() if answer.value] or list(answers)
    keys.sort(key=lambda key: key.text)
    key = keys[choose(len(keys))]
    answer = answers[key]
    match choose(8):
        case 0:
            return {**answers, key: replace(answer, total=TOTALS[choose(len(TOTALS))])}, Mutation(
                key, "total"
            )
        case 1:
            code = CODES[choose(len(CODES))]
            error = portal_error(code, "", method=answer.method)
            return {**answers, key: Answer(answer.method, error=error)}, Mutation(key, "error")
        case 2:
            return {**answers, key: replace(answer, value=JUNK[choose(len(JUNK))])}, Mutation(key, "retype")
        case 3:
            return {**answers, key: replace(answer, next=(choose(3) - 1) * 50)}, Mutation(key, "next")
        case _:
            value, mutation = inside(answer.value, key, "", choose)
            return {**answers, key: replace(answer, value=value)}, mutation


def inside(value: Any, key: Key, name: str, choose: Choose) -> tuple[Any, Mutation]:
    """The value with something in it spoiled: here, or in one of the things it holds."""
    if not isinstance(value, dict | list) or not value or choose(4) == 0:
        return _here(value, key, name, choose)
    names = list(value) if isinstance(value, dict) else list(range(len(value)))
    telling = [name for name in names if name in TELLING]
    if telling and choose(4):
        names = telling
    chosen = names[choose(len(names))]
    inner, mutation = inside(value[chosen], key, chosen if isinstance(chosen, str) else name, choose)
    if isinstance(value, dict):
        return {**value, chosen: inner}, mutation
    return [*value[:chosen], inner, *value[chosen + 1 :]], mutation


def _here(value: Any, key: Key, name: str, choose: Choose) -> tuple[Any, Mutation]:
    if isinstance(value, dict) and value:
        chosen = list(value)[choose(len(value))]
        rest = {other: inner for other, inner in value.items() if other != chosen}
        match choose(4):
            case 0:
                return rest, Mutation(key, "remove", chosen)
            case 1:
                return {**rest, f"{chosen}X": value[chosen]}, Mutation(key, "rename", chosen)
            case 2:
                return {**value, "x": JUNK[choose(len(JUNK))]}, Mutation(key, "add", "x")
    elif isinstance(value, list) and value:
        place = choose(len(value))
        match choose(5):
            case 0:
                return [*value[:place], *value[place + 1 :]], Mutation(key, "remove", name)
            case 1:
                return [row for row in value for _ in range(2)], Mutation(key, "double", name)
            case 2:
                return [], Mutation(key, "remove", name)
            case 3:
                return {str(at): row for at, row in enumerate(value)}, Mutation(key, "as_object", name)
    return JUNK[choose(len(JUNK))], Mutation(key, "retype", name)
