"""Storing what was read. A version exists because something changed, never because time passed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from shared.db.snapshots import Known, last_version, part_key, parts
from shared.db.stored import dump_coverage, dump_doubt, dump_facts, dump_reader, load_doubt, load_reader
from shared.db.tables.snapshots import (
    ChangeRow,
    CoverageRow,
    PartRow,
    SearchBlockRow,
    SnapshotPartRow,
    SnapshotRow,
)
from shared.domain.coverage import Coverage, item_counts
from shared.domain.diff import Change, Op
from shared.domain.digest import canonical, fingerprint
from shared.domain.history import Advance, Baseline, Provenance, advance
from shared.domain.parts import Items, PartKey, with_parts
from shared.domain.search import entries
from shared.domain.search_blocks import Block, blocks_of, revised
from shared.domain.snapshot import Snapshot

_COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcome of recording a read: the portal's current version and what it changed (nothing, mostly)."""

    number: int
    is_new: bool
    changes: tuple[Change, ...]
    # How many items of each kind are known now.
    counts: Mapping[str, int]
    # Items are missing; that is believed only after another read, ``shared.domain.doubts.CONFIRM_AFTER`` later.
    is_in_doubt: bool


@dataclass(frozen=True, slots=True)
class _Stored:
    """A part in its stored form."""

    digest: bytes
    body: bytes


def record(session: Session, portal_id: UUID, read: Snapshot) -> Recorded:
    """The snapshot is stored: its coverage always, a new version with its changes only if some part differs.

    Two reads of one portal are recorded one after the other. No row is locked for that: recording a large portal
    takes seconds, and an event of the portal must not wait meanwhile.
    """
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:portal, 0))"), {"portal": str(portal_id)}
    )
    last_row = last_version(session, portal_id)
    step = advance(_baseline(session, portal_id, last_row), read)
    stored_parts = {key: _stored(items) for key, items in step.parts.items()}
    digest = _digest_of(stored_parts)
    is_new = last_row is None or last_row.digest != digest
    number = 1 if last_row is None else last_row.number + is_new
    if is_new:
        version = SnapshotRow(
            portal_id=portal_id,
            number=number,
            read_at=read.read_at,
            digest=digest,
            fingerprint=fingerprint(with_parts(read, step.parts)),
            portal=dump_facts(read.portal),
            reader=dump_reader(read.reader),
            coverage=[dump_coverage(entry) for entry in step.receipt],
            changes=len(step.changes),
        )
        _store_version(session, version, stored_parts, step.changes)
        _store_search(session, portal_id, with_parts(read, step.parts))
    _store_coverage(session, portal_id, read, step)
    changes = step.changes if is_new else ()
    return Recorded(number, is_new, changes, _counts(step.receipt), bool(step.questioned))


def confirm(
    session: Session, portal_id: UUID, known: Known, lines: Collection[PartKey], *, read_at: datetime
) -> Recorded:
    """These lines of the receipt are of a read at this time, which changed nothing else of what is known."""
    session.execute(
        text(
            "update coverage set read_at = :at where portal_id = :portal and kind || '/' || entity_type = any(:lines)"
        ),
        {"at": read_at, "portal": portal_id, "lines": _texts(lines)},
    )
    return Recorded(known.number, is_new=False, changes=(), counts=_counts(known.receipt), is_in_doubt=False)


def _stored(items: Items) -> _Stored:
    body = canonical(items)
    return _Stored(hashlib.sha256(body).digest(), body)


def _baseline(session: Session, portal_id: UUID, last_row: SnapshotRow | None) -> Baseline | None:
    if last_row is None:
        return None
    rows = session.exec(select(CoverageRow).where(CoverageRow.portal_id == portal_id)).all()
    provenance = {
        part_key(row.kind, row.entity_type): Provenance(
            row.read_at, load_reader(row.reader), row.complete, row.items
        )
        for row in rows
    }
    doubts = {part_key(row.kind, row.entity_type): load_doubt(row.doubt) for row in rows if row.doubt}
    return Baseline(parts(session, portal_id, last_row.number), provenance, doubts)


def _digest_of(stored_parts: Mapping[PartKey, _Stored]) -> bytes:
    hasher = hashlib.sha256()
    for (kind, entity_type), part in sorted(
        stored_parts.items(), key=lambda item: (item[0][0], item[0][1] or "")
    ):
        hasher.update(f"{kind}/{entity_type or ''}:".encode() + part.digest)
    return hasher.digest()


def _store_version(
    session: Session,
    version: SnapshotRow,
    stored_parts: Mapping[PartKey, _Stored],
    changes: tuple[Change, ...],
) -> None:
    session.execute(
        insert(PartRow).on_conflict_do_nothing(),
        [
            {
                "portal_id": version.portal_id,
                "digest": part.digest,
                "body": zlib.compress(part.body, _COMPRESSION),
            }
            for part in stored_parts.values()
        ],
    )
    session.add(version)
    session.flush()
    session.execute(
        insert(SnapshotPartRow),
        [
            {
                "portal_id": version.portal_id,
                "number": version.number,
                "kind": kind.value,
                "entity_type": entity_type or "",
                "digest": part.digest,
            }
            for (kind, entity_type), part in stored_parts.items()
        ],
    )
    if changes:
        session.execute(insert(ChangeRow), [_change_values(version, change) for change in changes])


def _store_search(session: Session, portal_id: UUID, current: Snapshot) -> None:
    """What can be found is what there is now. Blocks without a change are not written again."""
    query = (
        select(SearchBlockRow.place, SearchBlockRow.folded, SearchBlockRow.items)
        .where(SearchBlockRow.portal_id == portal_id)
        .order_by(col(SearchBlockRow.place))
    )
    stored = {place: Block(folded, items) for place, folded, items in session.exec(query)}
    cleared, added = revised(stored, list(blocks_of(entries(current))))
    if cleared:
        session.execute(
            delete(SearchBlockRow).where(
                col(SearchBlockRow.portal_id) == portal_id, col(SearchBlockRow.place).in_(cleared)
            )
        )
    if added:
        session.execute(
            insert(SearchBlockRow),
            [{"portal_id": portal_id, "place": place, **asdict(block)} for place, block in added.items()],
        )


def _change_values(version: SnapshotRow, change: Change) -> dict[str, Any]:
    values = asdict(change)
    inside = values.pop("inside")
    # An edit has values before and after; for a removed or added item these columns hold what is inside it.
    values |= {Op.REMOVED: {"before": inside}, Op.ADDED: {"after": inside}}.get(change.op, {})
    return values | {
        "portal_id": version.portal_id,
        "snapshot_number": version.number,
        "kind": change.kind.value,
        "op": change.op.value,
        "at": version.read_at,
    }


def _store_coverage(session: Session, portal_id: UUID, read: Snapshot, step: Advance) -> None:
    """One row per kind, replaced in place."""
    session.execute(
        text(
            "delete from coverage where portal_id = :portal and not (kind || '/' || entity_type = any(:present))"
        ),
        {"portal": portal_id, "present": _texts(entry.key for entry in step.receipt)},
    )
    rows = [_coverage_values(portal_id, entry, step, read) for entry in step.receipt]
    statement = insert(CoverageRow)
    key = ("portal_id", "kind", "entity_type")
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _texts(keys: Iterable[PartKey]) -> list[str]:
    """The keys as statements compare them."""
    return [f"{kind}/{entity_type or ''}" for kind, entity_type in keys]


def _counts(receipt: Iterable[Coverage]) -> dict[str, int]:
    return {kind.value: count for kind, count in item_counts(receipt).items()}


def _coverage_values(portal_id: UUID, entry: Coverage, step: Advance, read: Snapshot) -> dict[str, Any]:
    provenance = step.provenance.get(entry.key)
    return {
        "portal_id": portal_id,
        "kind": entry.kind.value,
        "entity_type": entry.entity_type or "",
        "state": entry.state.value,
        "items": entry.items,
        "reason_code": entry.reason.code.value if entry.reason else None,
        "reason_detail": entry.reason.detail if entry.reason else "",
        "read_at": entry.read_at,
        # The portal itself is not a part: every read brings its facts.
        "reader": dump_reader(provenance.reader if provenance else read.reader),
        "complete": provenance is not None and provenance.complete,
        "doubt": dump_doubt(step.doubts.get(entry.key)),
    }
