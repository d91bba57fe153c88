"""Recording reads that are full now and then: standard fields come and go with them, and nothing has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from shared.db import changes, recording, snapshots
from shared.db.recording import Recorded
from shared.db.session import Database
from shared.db.tables.snapshots import CoverageRow, SearchBlockRow
from shared.domain.coverage import Kind
from shared.domain.search_blocks import Block
from shared.domain.snapshot import Snapshot
from tests.builders import READ_AT, a_snapshot, a_standard_field

TITLE, STAGE = a_standard_field(), a_standard_field(code="STAGE_ID", label="Стадия")
ORDINARY = a_snapshot()
FULL = a_snapshot(standard_fields=(STAGE, TITLE))


def record(db: Database, portal_id: UUID, read: Snapshot, hours: int = 0) -> Recorded:
    at = READ_AT + timedelta(hours=hours)
    coverage = tuple(replace(entry, read_at=at) for entry in read.coverage)
    with db.session() as session:
        return recording.record(session, portal_id, replace(read, read_at=at, coverage=coverage))


def latest(session: Session, portal_id: UUID) -> Snapshot:
    found = snapshots.latest(session, portal_id)
    assert found is not None
    return found


def found_by_search(session: Session, portal_id: UUID) -> set[str | None]:
    rows = session.exec(select(SearchBlockRow).where(SearchBlockRow.portal_id == portal_id)).all()
    items = [item for row in rows for item in Block(row.folded, row.items).matching(())]
    return {item.code for item in items if item.kind == "standard_fields"}


def test_they_are_stored_and_found_with_the_first_full_read(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, ORDINARY)
    step = record(worker_db, portal_id, FULL, 1)
    assert (step.number, step.is_new, step.changes) == (2, True, ())
    assert step.counts["standard_fields"] == 2
    with worker_db.session() as session:
        assert latest(session, portal_id).standard_fields == (STAGE, TITLE)
        assert found_by_search(session, portal_id) == {"STAGE_ID", "TITLE"}


def test_they_leave_with_the_last_and_stay_in_their_version(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, FULL)
    step = record(worker_db, portal_id, ORDINARY, 1)
    assert (step.number, step.is_new, step.changes) == (2, True, ())
    again = record(worker_db, portal_id, ORDINARY, 2)
    assert (again.number, again.is_new) == (2, False)
    with worker_db.session() as session:
        assert not latest(session, portal_id).is_full
        kinds = session.exec(select(CoverageRow.kind).where(col(CoverageRow.portal_id) == portal_id)).all()
        assert Kind.STANDARD_FIELDS not in kinds
        assert found_by_search(session, portal_id) == set()
        past = snapshots.version(session, portal_id, 1)
        assert past is not None
        assert past.standard_fields == (STAGE, TITLE)


def test_an_edit_between_two_full_reads_is_a_change(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, FULL)
    edited = replace(FULL, standard_fields=(replace(STAGE, mandatory=True), TITLE))
    (change,) = record(worker_db, portal_id, edited, 1).changes
    assert (change.kind.value, change.code, change.attribute) == ("standard_fields", "STAGE_ID", "mandatory")
    with worker_db.session() as session:
        (told,) = changes.since(session, portal_id)
        assert (told.change.kind, told.change.code) == ("standard_fields", "STAGE_ID")
