"""What a new read adds to what is known: which kinds to believe, what to keep, and what changed by that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.diff import Change, diff
from shared.domain.doubts import Doubt, doubts
from shared.domain.not_understood import completed
from shared.domain.parts import Items, PartKey, parts_of, same_items, with_parts
from shared.domain.snapshot import Reader, Snapshot

_TYPES: PartKey = (Kind.ENTITY_TYPES, None)
_PEOPLE: PartKey = (Kind.USERS, None)


@dataclass(frozen=True, slots=True)
class Seen:
    """When and by whom a part was read, whether that was all of it, and how many items it counts."""

    at: datetime
    reader: Reader
    complete: bool
    items: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a portal before a read: the last version's parts, how each was seen, and what was doubted."""

    parts: Mapping[PartKey, Items]
    seen: Mapping[PartKey, Seen]
    doubts: Mapping[PartKey, Doubt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advance:
    """What is known after a read: the parts of the version it makes or confirms, and what changed.

    ``receipt`` tells how the read went. Of a part that stays from an earlier read it has that read's count and moment;
    of stages it has the number that is shown.
    ``questioned`` are the parts this very read brought less of than can be believed yet: it takes another to tell.
    """

    parts: Mapping[PartKey, Items]
    seen: Mapping[PartKey, Seen]
    doubts: Mapping[PartKey, Doubt]
    questioned: frozenset[PartKey]
    receipt: tuple[Coverage, ...]
    changes: tuple[Change, ...]

    @property
    def known(self) -> Known:
        """What the next read adds to."""
        return Known(self.parts, self.seen, self.doubts)


def advance(known: Known | None, read: Snapshot) -> Advance:
    """The state of knowledge after ``read``.

    A kind is believed when it was read completely by eyes that see at least as much as those of its last complete
    read, and has not lost too much to be believed at once (``shared.domain.doubts``). Otherwise the last good part
    stays. So does what was last understood of an attribute that makes no sense now
    (``shared.domain.not_understood``). A kind that was never read completely shows what there is. Changes are drawn
    between believed parts only: what is merely absent is never a deletion.
    """
    known = known or Known({}, {})
    fresh = {key: completed(items, known.parts.get(key, ())) for key, items in parts_of(read).items()}
    complete = {
        entry.key for entry in read.coverage if entry.key in fresh and _is_complete(entry, known, read)
    }
    questioned = doubts(
        read,
        known.parts,
        {key: fresh[key] for key in complete if key in known.seen and known.seen[key].complete},
        earlier=known.doubts,
    )
    believed = complete - questioned.keys()
    kept = {
        key
        for key, last in known.seen.items()
        if key in known.parts
        and key not in believed
        # Something incomplete is better than nothing, but never better than what was read completely.
        and (last.complete or not fresh.get(key))
        and not _is_gone(key, believed, read)
    }
    parts = {
        # What was merely said in another way keeps its digest, so that it makes no version.
        key: known.parts[key] if key in known.parts and same_items(known.parts[key], items) else items
        for key, items in fresh.items()
        if key not in kept
    }
    seen = {
        entry.key: Seen(read.read_at, read.reader, entry.key in believed, entry.items)
        for entry in read.coverage
        if entry.key in parts
    }
    parts |= {key: known.parts[key] for key in known.parts if key in kept}
    seen |= {key: known.seen[key] for key in known.seen if key in kept}
    receipt = tuple(_receipt(read, {key: seen[key] for key in kept}, questioned=questioned))
    return Advance(
        parts=parts,
        seen=seen,
        doubts={key: doubt for key, doubt in {**known.doubts, **questioned}.items() if key in kept},
        questioned=frozenset(questioned),
        receipt=tuple(_stages_counted(receipt, parts, read)),
        changes=_changes(known, read, parts, believed),
    )


def _is_complete(entry: Coverage, known: Known, read: Snapshot) -> bool:
    if entry.state is not State.COMPLETE:
        return False
    last = known.seen.get(entry.key)
    if last is None or not last.complete:
        return True
    if entry.kind is Kind.USERS and read.reader.sees_of_people < last.reader.sees_of_people:
        return False
    return read.reader.sees_at_least(last.reader)


def _is_gone(key: PartKey, believed: Collection[PartKey], read: Snapshot) -> bool:
    """True for fields that are known to be there no more, or that nobody asks for any longer.

    The first holds where their entity type exists no more (one that is merely not seen keeps its fields), the second
    for standard fields once reads are no longer full.
    """
    kind, entity_type = key
    if kind is Kind.STANDARD_FIELDS and not read.is_full:
        return True
    if not kind.is_per_entity or _TYPES not in believed:
        return False
    return entity_type not in {entity.key for entity in read.entity_types}


def _receipt(
    read: Snapshot, kept: Mapping[PartKey, Seen], *, questioned: Collection[PartKey]
) -> Iterator[Coverage]:
    of_types = Coverage(Kind.ENTITY_TYPES, State.FAILED, 0, read.read_at)
    for entry in read.coverage:
        told = entry
        if entry.key in kept:
            told = replace(entry, items=kept[entry.key].items, read_at=kept[entry.key].at)
            if entry.key in questioned:
                brought = f"{entry.items} / {told.items}"
                told = replace(told, state=State.PARTIAL, reason=Reason(ReasonCode.LOSS_UNCONFIRMED, brought))
            elif entry.state is State.COMPLETE:
                # All that this reader is shown, and somebody else was shown more.
                told = replace(told, state=State.PARTIAL, reason=_narrower(read.reader))
        of_types = told if entry.key == _TYPES else of_types
        yield told
    for kind, entity_type in sorted(kept.keys() - {entry.key for entry in read.coverage}, key=str):
        # The fields of an entity type that was not named were not asked for, for the same reason.
        last = kept[kind, entity_type]
        yield Coverage(kind, of_types.state, last.items, last.at, entity_type, of_types.reason)


def _stages_counted(
    receipt: tuple[Coverage, ...], parts: Mapping[PartKey, Items], read: Snapshot
) -> Iterator[Coverage]:
    """Stages and pipelines may be of two reads, and which stages belong to no pipeline depends on both."""
    for entry in receipt:
        if entry.kind is Kind.STAGES:
            yield replace(entry, items=len(with_parts(replace(read, coverage=receipt), parts).stages))
        else:
            yield entry


def _narrower(reader: Reader) -> Reason:
    if reader.admin:
        return Reason(ReasonCode.SCOPE_MISSING, "user_basic")
    return Reason(ReasonCode.READER_NOT_ADMIN, "" if reader.id is None else str(reader.id))


def _changes(
    known: Known, read: Snapshot, parts: Mapping[PartKey, Items], believed: Iterable[PartKey]
) -> tuple[Change, ...]:
    complete = {key for key, seen in known.seen.items() if seen.complete}
    comparable = complete.intersection(believed)
    if _PEOPLE in comparable and known.seen[_PEOPLE].reader.sees_of_people != read.reader.sees_of_people:
        # Columns that were not shown before have not changed.
        comparable.discard(_PEOPLE)
    earlier = (known.seen[key].reader for key in sorted(comparable, key=str))
    # Whoever saw less before decides: what more rights bring to light is no addition.
    narrowest = next((reader for reader in earlier if not reader.sees_at_least(read.reader)), read.reader)
    old = replace(
        with_parts(read, known.parts),
        reader=narrowest,
        coverage=_certified(known.parts.keys(), complete, read),
    )
    new = replace(with_parts(read, parts), coverage=_certified(parts.keys(), comparable, read))
    return diff(old, new).changes


def _certified(keys: Iterable[PartKey], certain: Iterable[PartKey], read: Snapshot) -> tuple[Coverage, ...]:
    complete = set(certain)
    return tuple(
        Coverage(
            kind, State.COMPLETE if (kind, entity) in complete else State.FAILED, 0, read.read_at, entity
        )
        for kind, entity in keys
    )
