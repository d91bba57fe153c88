"""Recognizes a read that says what the last one said, by digests: nothing has to be loaded, merged or compared then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.domain.coverage import Coverage, State
from shared.domain.digest import digest
from shared.domain.history import is_gone
from shared.domain.parts import PartKey, parts_of
from shared.domain.snapshot import Reader, Snapshot


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line of the current receipt, and what is known of its part.

    ``reader`` and ``complete`` are of the read that brought the part, whose ``digest`` is that of its items, if any
    was brought. ``doubted``: items were missing in a later read that was not believed.
    """

    coverage: Coverage
    reader: Reader
    complete: bool
    doubted: bool
    digest: str | None


def confirmed_by(read: Snapshot, known: Collection[KnownLine]) -> frozenset[PartKey] | None:
    """The lines that are of this read from now on, if that is all it changes; ``None`` if more may be different.

    Only what ``shared.domain.history.advance`` would certainly leave as it is counts as unchanged. Lines without items
    that were not read completely stay of the earlier read.
    """
    lines = {line.coverage.key: line for line in known}
    if lines.keys() != {entry.key for entry in read.coverage}:
        return None
    parts = parts_of(read)
    complete = {entry.key for entry in read.coverage if entry.state is State.COMPLETE}
    confirmed = {
        key for key in lines if key in complete or parts.get(key, True) or is_gone(key, complete, read)
    }
    is_same = all(
        _is_same(lines[entry.key], entry, is_part=entry.key in parts)
        and (entry.key not in confirmed or lines[entry.key].reader == read.reader)
        for entry in read.coverage
    ) and all(lines[key].digest == digest(items) for key, items in parts.items())
    return frozenset(confirmed) if is_same else None


def _is_same(line: KnownLine, entry: Coverage, *, is_part: bool) -> bool:
    """True if the kind was read as well as the last time, and its part is the one that came then."""
    return (
        not line.doubted
        and entry.state is line.coverage.state
        and entry.reason == line.coverage.reason
        and line.complete == (is_part and entry.state is State.COMPLETE)
    )
