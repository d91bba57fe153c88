"""What a new read adds to what is known: which kinds to believe, what to keep, and what changed by that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.coverage import Coverage, Kind, State
from shared.domain.diff import Change, diff
from shared.domain.parts import Items, PartKey, parts_of, with_parts
from shared.domain.snapshot import Reader, Snapshot


@dataclass(frozen=True, slots=True)
class LastComplete:
    """When and by whom a kind was last read completely."""

    at: datetime
    reader: Reader


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a portal before a read: the last version's parts, and each kind's last complete read."""

    parts: Mapping[PartKey, Items]
    complete: Mapping[PartKey, LastComplete]


@dataclass(frozen=True, slots=True)
class Advance:
    """What is known after a read: the parts of the version it makes or confirms, what is new, and the changes."""

    parts: Mapping[PartKey, Items]
    believed: frozenset[PartKey]
    changes: tuple[Change, ...]


def advance(known: Known | None, read: Snapshot) -> Advance:
    """The state of knowledge after ``read``.

    A kind is believed when it was read completely by eyes that see at least as much as those of its last complete
    read. Otherwise the last good part stays. A kind that was never read completely shows what there is. Changes are
    drawn between believed parts only: what is merely absent is never a deletion.
    """
    fresh = parts_of(read)
    if known is None:
        complete = frozenset(entry.key for entry in read.coverage if entry.state is State.COMPLETE)
        return Advance(fresh, complete & fresh.keys(), ())
    believed = frozenset(
        entry.key for entry in read.coverage if entry.key in fresh and _is_believed(entry, known, read.reader)
    )
    parts: dict[PartKey, Items] = {}
    for key, items in fresh.items():
        # Something incomplete is better than nothing, but never better than what was read completely.
        keeps = key not in believed and key in known.parts and (key in known.complete or not items)
        parts[key] = known.parts[key] if keeps else items
    if (Kind.ENTITY_TYPES, None) not in believed:
        # An entity type that is merely not seen keeps its fields.
        parts |= {key: items for key, items in known.parts.items() if key not in parts}
    return Advance(parts, believed, _changes(known, read, parts, believed))


def _is_believed(entry: Coverage, known: Known, reader: Reader) -> bool:
    if entry.state is not State.COMPLETE:
        return False
    last = known.complete.get(entry.key)
    return last is None or reader.sees_at_least(last.reader)


def _changes(
    known: Known, read: Snapshot, parts: Mapping[PartKey, Items], believed: frozenset[PartKey]
) -> tuple[Change, ...]:
    comparable = believed & known.complete.keys()
    earlier = (known.complete[key].reader for key in sorted(comparable, key=str))
    # Whoever saw less before decides: what more rights bring to light is no addition.
    narrowest = next((reader for reader in earlier if not reader.sees_at_least(read.reader)), read.reader)
    old = replace(
        with_parts(read, known.parts),
        reader=narrowest,
        coverage=_certified(known.parts.keys(), known.complete.keys(), read),
    )
    new = replace(with_parts(read, parts), coverage=_certified(parts.keys(), comparable, read))
    return diff(old, new).changes


def _certified(keys: Iterable[PartKey], complete: Iterable[PartKey], read: Snapshot) -> tuple[Coverage, ...]:
    certain = set(complete)
    return tuple(
        Coverage(kind, State.COMPLETE if (kind, entity) in certain else State.FAILED, 0, read.read_at, entity)
        for kind, entity in keys
    )
