"""Loading snapshots of a portal: the current one, a past one, the list of versions and their changes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from shared.db.stored import load_coverage, load_facts, load_reader
from shared.db.tables.portals import PortalRow
from shared.db.tables.snapshots import CoverageRow, PartRow, SnapshotPartRow, SnapshotRow
from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.parts import Items, PartKey, with_parts
from shared.domain.snapshot import CrmMode, PortalFacts, Snapshot
from shared.domain.unchanged import KnownLine
from shared.part_json import load_part


def latest(session: Session, portal_id: UUID) -> Snapshot | None:
    """The portal as it is known now: the last version's items with the current receipt; ``None`` if never read."""
    return _filled(session, portal_id, outline(session, portal_id))


def version(session: Session, portal_id: UUID, number: int) -> Snapshot | None:
    """The portal as it was in a past version, with the receipt of that time; ``None`` if there is no such version."""
    return _filled(session, portal_id, outline(session, portal_id, number))


def outline(session: Session, portal_id: UUID, number: int | None = None) -> Snapshot | None:
    """The same as ``latest``, or as ``version`` of this number, without items.

    Moment, reader and portal facts of the current one are those of the last read, even if it made no
    version.
    """
    if number is not None:
        past_row = session.get(SnapshotRow, (portal_id, number))
        return (
            None
            if past_row is None
            else _outline(past_row, tuple(load_coverage(entry) for entry in past_row.coverage))
        )
    row = last_version(session, portal_id)
    if row is None:
        return None
    rows = _coverage_rows(session, portal_id)
    snapshot = _outline(row, tuple(map(_coverage, rows)))
    portal_entry = next((entry for entry in rows if entry.kind == Kind.PORTAL), None)
    if portal_entry is None:
        return snapshot
    facts = _facts_of_today(snapshot.portal, session.get_one(PortalRow, portal_id))
    return replace(
        snapshot, portal=facts, read_at=portal_entry.read_at, reader=load_reader(portal_entry.reader)
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a portal before it is read: its version, 0 for one never read, and its receipt line by line."""

    number: int
    lines: tuple[KnownLine, ...]

    @property
    def receipt(self) -> tuple[Coverage, ...]:
        """How completely each kind is known; empty for a portal that was never read."""
        return tuple(line.coverage for line in self.lines)


_KNOWN = text(
    """
    select kind, entity_type, state, items, reason_code, reason_detail, read_at, reader, complete,
           doubt <> '{}' as doubted, encode(digest, 'hex') as digest, last.number
      from coverage
     cross join (select coalesce(max(number), 0) as number from snapshot where portal_id = :portal) last
      left join snapshot_part using (portal_id, number, kind, entity_type)
     where portal_id = :portal order by kind, entity_type
    """
)


def known(session: Session, portal_id: UUID) -> Known:
    """What is known of the portal before it is read."""
    rows = session.execute(_KNOWN, {"portal": portal_id}).all()
    lines = (
        KnownLine(_coverage(row), load_reader(row.reader), row.complete, row.doubted, row.digest)
        for row in rows
    )
    return Known(rows[0].number if rows else 0, tuple(lines))


def versions(
    session: Session, portal_id: UUID, *, before: int | None = None, most: int = 200
) -> list[SnapshotRow]:
    """The portal's versions, or those below number ``before``, newest first."""
    query = select(SnapshotRow).where(SnapshotRow.portal_id == portal_id)
    if before is not None:
        query = query.where(SnapshotRow.number < before)
    return list(session.exec(query.order_by(col(SnapshotRow.number).desc()).limit(most)).all())


def last_version(session: Session, portal_id: UUID) -> SnapshotRow | None:
    return next(iter(versions(session, portal_id, most=1)), None)


def parts(
    session: Session, portal_id: UUID, number: int, *, only: Iterable[PartKey] | None = None
) -> dict[PartKey, Items]:
    """The items of a version by kind and entity type; with ``only``, just those of these parts."""
    return {
        key: load_part(key[0], body)
        for key, body in part_bodies(session, portal_id, number, only=only).items()
    }


def part_bodies(
    session: Session, portal_id: UUID, number: int, *, only: Iterable[PartKey] | None = None
) -> dict[PartKey, bytes]:
    """The same as ``parts``, with the items as JSON."""
    query = (
        select(SnapshotPartRow.kind, SnapshotPartRow.entity_type, PartRow.body)
        .join(
            PartRow,
            (col(PartRow.portal_id) == col(SnapshotPartRow.portal_id))
            & (col(PartRow.digest) == col(SnapshotPartRow.digest)),
        )
        .where(SnapshotPartRow.portal_id == portal_id, SnapshotPartRow.number == number)
    )
    if only is not None:
        keys = [(kind.value, entity_type or "") for kind, entity_type in only]
        query = query.where(tuple_(col(SnapshotPartRow.kind), col(SnapshotPartRow.entity_type)).in_(keys))
    return {
        part_key(kind, entity_type): zlib.decompress(body)
        for kind, entity_type, body in session.exec(query).all()
    }


def complete_parts(session: Session, portal_id: UUID) -> frozenset[PartKey]:
    """The parts whose known items were complete when they were read; a later read may have failed."""
    query = select(CoverageRow.kind, CoverageRow.entity_type).where(
        CoverageRow.portal_id == portal_id, col(CoverageRow.complete)
    )
    return frozenset(part_key(*row) for row in session.exec(query).all())


def parts_in_common(session: Session, portal_id: UUID, one: int, other: int) -> set[PartKey]:
    """The parts that are equal in both versions."""
    other_part = aliased(SnapshotPartRow)
    query = (
        select(SnapshotPartRow.kind, SnapshotPartRow.entity_type)
        .join(
            other_part,
            (col(other_part.portal_id) == col(SnapshotPartRow.portal_id))
            & (col(other_part.kind) == col(SnapshotPartRow.kind))
            & (col(other_part.entity_type) == col(SnapshotPartRow.entity_type))
            & (col(other_part.digest) == col(SnapshotPartRow.digest)),
        )
        .where(
            SnapshotPartRow.portal_id == portal_id, SnapshotPartRow.number == one, other_part.number == other
        )
    )
    return {part_key(kind, entity_type) for kind, entity_type in session.exec(query).all()}


def _outline(row: SnapshotRow, coverage: tuple[Coverage, ...]) -> Snapshot:
    return Snapshot(
        portal=load_facts(row.portal),
        read_at=row.read_at,
        reader=load_reader(row.reader),
        coverage=coverage,
        number=row.number,
    )


def _filled(session: Session, portal_id: UUID, snapshot: Snapshot | None) -> Snapshot | None:
    if snapshot is None or snapshot.number is None:
        return None
    return with_parts(snapshot, parts(session, portal_id, snapshot.number))


def _facts_of_today(facts: PortalFacts, portal: PortalRow) -> PortalFacts:
    return replace(
        facts,
        domain=portal.domain,
        language=portal.language or facts.language,
        plan=portal.plan or facts.plan,
        crm_mode=CrmMode(portal.crm_mode) if portal.crm_mode else facts.crm_mode,
    )


def part_key(kind: str, entity_type: str) -> PartKey:
    return Kind(kind), entity_type or None


def _coverage_rows(session: Session, portal_id: UUID) -> Sequence[CoverageRow]:
    # Documents are known by what they are made from, and the server may return rows in another order each time.
    query = select(CoverageRow).where(CoverageRow.portal_id == portal_id)
    return session.exec(query.order_by(col(CoverageRow.kind), col(CoverageRow.entity_type))).all()


def _coverage(row: CoverageRow | Row[Any]) -> Coverage:
    reason = Reason(ReasonCode(row.reason_code), row.reason_detail) if row.reason_code else None
    return Coverage(Kind(row.kind), State(row.state), row.items, row.read_at, row.entity_type or None, reason)
