"""Merges a new read into what is known: which parts to accept, which to keep, and what changed."""

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
class Provenance:
    """When and by whom a part was read, whether it was complete, and its number of items."""

    at: datetime
    reader: Reader
    complete: bool
    items: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a read is merged into: the parts of the last version, how each was read, and the doubts."""

    parts: Mapping[PartKey, Items]
    provenance: Mapping[PartKey, Provenance]
    doubts: Mapping[PartKey, Doubt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advance:
    """What is known after a read: the parts of the version it makes or confirms, and the changes.

    ``receipt`` says how the read went. A part kept from an earlier read has the count and time of that read; stages
    have the number that is shown. ``questioned`` are the parts whose loss in this read is not accepted yet.
    """

    parts: Mapping[PartKey, Items]
    provenance: Mapping[PartKey, Provenance]
    doubts: Mapping[PartKey, Doubt]
    questioned: frozenset[PartKey]
    receipt: tuple[Coverage, ...]
    changes: tuple[Change, ...]

    @property
    def baseline(self) -> Baseline:
        """What the next read is merged into."""
        return Baseline(self.parts, self.provenance, self.doubts)


def advance(baseline: Baseline | None, read: Snapshot) -> Advance:
    """What is known after ``read``.

    A part is accepted if it was read completely, by a reader who sees at least as much as the reader of its last
    complete read, and if it did not lose too many items (``shared.domain.doubts``). Otherwise the last complete part
    is kept. An attribute that makes no sense now keeps its last value (``shared.domain.not_understood``). A part that
    was never read completely has the items that came. Changes are computed between accepted parts only: an item that
    is merely absent is not a deletion.
    """
    baseline = baseline or Baseline({}, {})
    fresh = {key: completed(items, baseline.parts.get(key, ())) for key, items in parts_of(read).items()}
    complete = {
        entry.key for entry in read.coverage if entry.key in fresh and _is_complete(entry, baseline, read)
    }
    questioned = doubts(
        read,
        baseline.parts,
        {
            key: fresh[key]
            for key in complete
            if key in baseline.provenance and baseline.provenance[key].complete
        },
        earlier=baseline.doubts,
    )
    believed = complete - questioned.keys()
    kept = {
        key
        for key, last in baseline.provenance.items()
        if key in baseline.parts
        and key not in believed
        # An incomplete part replaces an incomplete one if it has items, but never a complete one.
        and (last.complete or not fresh.get(key))
        and not is_gone(key, believed, read)
    }
    parts = {
        # A part that differs only in how it writes empty values keeps its digest, so it makes no new version.
        key: baseline.parts[key]
        if key in baseline.parts and same_items(baseline.parts[key], items)
        else items
        for key, items in fresh.items()
        if key not in kept
    }
    provenance = {
        entry.key: Provenance(read.read_at, read.reader, entry.key in believed, entry.items)
        for entry in read.coverage
        if entry.key in parts
    }
    parts |= {key: baseline.parts[key] for key in baseline.parts if key in kept}
    provenance |= {key: baseline.provenance[key] for key in baseline.provenance if key in kept}
    receipt = tuple(_receipt(read, {key: provenance[key] for key in kept}, questioned=questioned))
    return Advance(
        parts=parts,
        provenance=provenance,
        doubts={key: doubt for key, doubt in {**baseline.doubts, **questioned}.items() if key in kept},
        questioned=frozenset(questioned),
        receipt=tuple(_stages_counted(receipt, parts, read)),
        changes=_changes(baseline, read, parts, believed),
    )


def _is_complete(entry: Coverage, baseline: Baseline, read: Snapshot) -> bool:
    if entry.state is not State.COMPLETE:
        return False
    last = baseline.provenance.get(entry.key)
    if last is None or not last.complete:
        return True
    if entry.kind is Kind.USERS and read.reader.sees_of_people < last.reader.sees_of_people:
        return False
    return read.reader.sees_at_least(last.reader)


def is_gone(key: PartKey, believed: Collection[PartKey], read: Snapshot) -> bool:
    """True for fields that no longer exist or are no longer asked for.

    Fields no longer exist if their entity type was removed; an entity type that is only not visible keeps them.
    Standard fields are no longer asked for when reads are not full any more.
    """
    kind, entity_type = key
    if kind is Kind.STANDARD_FIELDS and not read.is_full:
        return True
    if not kind.is_per_entity or _TYPES not in believed:
        return False
    return entity_type not in {entity.key for entity in read.entity_types}


def _receipt(
    read: Snapshot, kept: Mapping[PartKey, Provenance], *, questioned: Collection[PartKey]
) -> Iterator[Coverage]:
    of_types = Coverage(Kind.ENTITY_TYPES, State.FAILED, 0, read.read_at)
    for entry in read.coverage:
        line = entry
        if entry.key in kept:
            line = replace(entry, items=kept[entry.key].items, read_at=kept[entry.key].at)
            if entry.key in questioned:
                count_of_known = f"{entry.items} / {line.items}"
                line = replace(
                    line, state=State.PARTIAL, reason=Reason(ReasonCode.LOSS_UNCONFIRMED, count_of_known)
                )
            elif entry.state is State.COMPLETE:
                # The list is complete for this reader, but an earlier reader saw more.
                line = replace(line, state=State.PARTIAL, reason=_narrower(read.reader))
        of_types = line if entry.key == _TYPES else of_types
        yield line
    for kind, entity_type in sorted(kept.keys() - {entry.key for entry in read.coverage}, key=str):
        # Its entity type was not listed, so its fields were not asked for. The reason is that of entity types.
        last = kept[kind, entity_type]
        yield Coverage(kind, of_types.state, last.items, last.at, entity_type, of_types.reason)


def _stages_counted(
    receipt: tuple[Coverage, ...], parts: Mapping[PartKey, Items], read: Snapshot
) -> Iterator[Coverage]:
    """The receipt with the number of stages shown: stages and pipelines may come from two different reads."""
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
    baseline: Baseline, read: Snapshot, parts: Mapping[PartKey, Items], believed: Iterable[PartKey]
) -> tuple[Change, ...]:
    complete = {key for key, provenance in baseline.provenance.items() if provenance.complete}
    comparable = complete.intersection(believed)
    if (
        _PEOPLE in comparable
        and baseline.provenance[_PEOPLE].reader.sees_of_people != read.reader.sees_of_people
    ):
        # Columns that one of the readers could not see have not changed.
        comparable.discard(_PEOPLE)
    earlier = (baseline.provenance[key].reader for key in sorted(comparable, key=str))
    # An earlier reader with fewer rights decides: items seen only with more rights are no additions.
    narrowest = next((reader for reader in earlier if not reader.sees_at_least(read.reader)), read.reader)
    old = replace(
        with_parts(read, baseline.parts),
        reader=narrowest,
        coverage=_certified(baseline.parts.keys(), complete, read),
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
