"""What a history may say, concluded from the portal's own ledger: no line of this looks at how CRMAP compares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.diff import Change

Truth = Mapping[str, Any]
Key = tuple[str, str | None, Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something the portal has: what is true of it, and what it is part of."""

    traits: Mapping[str, Any]
    owners: tuple[Key, ...] = ()


#: Rows of stages whose pipeline is gone. Whoever could not read the pipelines may tell what changed about one.
_LEFT_OVER = "left over"


def things(truth: Truth) -> dict[Key, Thing]:
    """Everything a change may speak of."""
    return {**dict(_structure(truth)), **dict(_lists(truth)), **dict(_fields(truth))}


def _structure(truth: Truth) -> Iterator[tuple[Key, Thing]]:
    for row in truth["entity_types"]:
        yield _entity(row["key"]), Thing(row)
    for row in truth["pipelines"]:
        yield ("pipelines", row["entity_type"], row["id"]), Thing(row, (_entity(row["entity_type"]),))
    for row in truth["stages"]:
        pipeline = ("pipelines", row["entity_type"], row["pipeline_id"])
        yield ("stages", row["entity_type"], row["id"]), Thing(row, (_entity(row["entity_type"]), pipeline))
    for row in truth["orphan_stages"].values():
        yield (_LEFT_OVER, row["entity_type"], row["id"]), Thing(row)


def _lists(truth: Truth) -> Iterator[tuple[Key, Thing]]:
    for directory in truth["dictionaries"].values():
        own: Key = ("dictionaries", None, directory["directory"])
        yield own, Thing({"name": directory["name"]})
        for row in directory["items"]:
            yield ("dictionaries", None, row["id"]), Thing(row, (own,))
    for kind in ("users", "departments"):
        for row in truth[kind]:
            yield (kind, None, row["id"]), Thing(row)


def _fields(truth: Truth) -> Iterator[tuple[Key, Thing]]:
    for row in truth.get("standard_fields", ()):
        yield ("standard_fields", row["entity_type"], row["code"]), Thing(row, (_entity(row["entity_type"]),))
    for row in truth["user_fields"]:
        entity = _entity(row["entity_type"])
        own: Key = ("user_fields", row["entity_type"], row["id"])
        yield own, Thing(row, (entity,))
        for value in row["values"]:
            yield ("list_values", row["entity_type"], value["id"]), Thing(value, (own, entity))


def _entity(key: str) -> Key:
    return ("entity_types", key, key)


def key_of(change: Change) -> Key:
    if change.kind.value == "entity_types":
        return _entity(change.entity_type or "")
    return (
        change.kind.value,
        change.entity_type,
        change.code if change.item_id is None else change.item_id,
    )


def false_changes(
    changes: Iterable[Change], before: Sequence[dict[Key, Thing]], during: Sequence[dict[Key, Thing]]
) -> Iterator[str]:
    """Each change that no moment of this read, together with some moment before it, bears out."""
    for change in changes:
        if not any(_borne_out(change, (*before, *during[:place]), now) for place, now in enumerate(during)):
            yield f"false change: {change}"


def _borne_out(change: Change, before: Sequence[dict[Key, Thing]], now: dict[Key, Thing]) -> bool:
    key = key_of(change)
    match change.op.value:
        case "removed":
            return key not in now and any(key in then for then in before)
        case "added":
            return key in now and any(key not in then for then in before)
    return (
        _same(_trait(now, change), change.after)
        and not _same(change.before, change.after)
        and any(_same(_trait(then, change), change.before) for then in before)
    )


def untold(told: Sequence[Change], first: dict[Key, Thing], last: dict[Key, Thing]) -> Iterator[str]:
    """What differs between two moments and no change in between tells, neither by itself nor by what it is part of."""
    first, last = (
        {key: thing for key, thing in side.items() if key[0] != _LEFT_OVER} for side in (first, last)
    )
    keys = {(change.op.value, key_of(change)) for change in told}
    edits = {
        (key_of(change), change.attribute): change.after for change in told if change.op.value == "edited"
    }
    for op, some, other in (("removed", first, last), ("added", last, first)):
        for key in some.keys() - other.keys():
            if not any((op, each) in keys for each in (key, *some[key].owners)):
                yield f"never told: {op} {key}"
    for key in first.keys() & last.keys():
        was_away = ("removed", key) in keys or any(("removed", each) in keys for each in first[key].owners)
        for name, value in last[key].traits.items():
            # Where one row moved, only it is told, whatever numbers the others got.
            if was_away or name in ("sort", "values", "items") or _same(first[key].traits[name], value):
                continue
            if not _same(edits.get((key, name), _NEVER), value):
                yield f"never told: {key} {name} is {value!r}"


_NEVER = object()


def _trait(truth: dict[Key, Thing], change: Change) -> Any:
    """What is true of the thing a change speaks of; what is true of nothing where there is no such thing."""
    key = key_of(change)
    left_over = (_LEFT_OVER, *key[1:]) if key[0] == "stages" else key
    thing = truth.get(key) or truth.get(left_over)
    return thing.traits.get(change.attribute or "", _NEVER) if thing else _NEVER


def _same(one: Any, other: Any) -> bool:
    if one is _NEVER or other is _NEVER:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
