"""Pruning: what is kept stays whole, what happened stays told, and what the rest costs is counted to the byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from services.sync_worker.app import create_worker
from services.sync_worker.dispatching import tick
from shared.db import changes, recording, retention, snapshots
from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.snapshot import Snapshot
from shared.settings import Settings
from tests.builders import READ_AT, a_snapshot, a_stage
from tests.conftest import KEY

DAY = timedelta(days=1)


@pytest.fixture
def portal_id(worker_db: Database) -> UUID:
    row = PortalRow(kind=PortalKind.APP, member_id="a" * 32, domain="a.example", state=PortalState.ACTIVE)
    with worker_db.session() as session:
        session.add(row)
    return row.id


def named(name: str, at: datetime) -> Snapshot:
    read = a_snapshot(stages=(a_stage(name=name), *a_snapshot().stages[1:]))
    return replace(read, read_at=at, coverage=tuple(replace(row, read_at=at) for row in read.coverage))


def record(db: Database, portal_id: UUID, *names: str, every: timedelta = DAY) -> None:
    """A version a day that calls the first stage so."""
    for number, name in enumerate(names):
        with db.session() as session:
            recording.record(session, portal_id, named(name, READ_AT + number * every))


def pruned(db: Database, portal_id: UUID, *, before: datetime) -> int:
    with db.session() as session:
        return retention.prune(session, portal_id, before=before)


def kept(db: Database, portal_id: UUID) -> dict[int, str | None]:
    """The versions that can still be looked at, with what each calls the first stage."""
    with db.session() as session:
        numbers = [row.number for row in snapshots.versions(session, portal_id)]
        found = {number: snapshots.version(session, portal_id, number) for number in sorted(numbers)}
    return {number: read.stages[0].name for number, read in found.items() if read is not None}


def count(db: Database, query: str) -> int:
    with db.session() as session:
        return int(session.execute(text(query)).scalar_one())


def test_old_versions_go_and_what_happened_stays_told(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, "А", "Б", "В", "Г", "Д")
    parts = count(worker_db, "select count(*) from part")
    assert pruned(worker_db, portal_id, before=READ_AT + 3 * DAY) == 2
    assert kept(worker_db, portal_id) == {3: "В", 4: "Г", 5: "Д"}
    assert count(worker_db, "select count(*) from part") == parts - 2
    with worker_db.session() as session:
        told = [(one.change.before, one.change.after) for one in changes.since(session, portal_id)]
    assert sorted(told) == [("А", "Б"), ("Б", "В"), ("В", "Г"), ("Г", "Д")]


def test_a_portal_is_looked_at_once_it_has_a_version_from_before_the_time_kept(
    worker_db: Database, portal_id: UUID
) -> None:
    record(worker_db, portal_id, "А", "Б")
    with worker_db.session() as session:
        assert retention.with_old_versions(session, before=READ_AT) == []
        assert retention.with_old_versions(session, before=READ_AT + timedelta(microseconds=1)) == [portal_id]


def test_a_part_that_a_kept_version_shares_with_a_pruned_one_stays(
    worker_db: Database, portal_id: UUID
) -> None:
    record(worker_db, portal_id, "А", "Б", "А", "В")
    assert pruned(worker_db, portal_id, before=READ_AT + 3 * DAY) == 2
    assert kept(worker_db, portal_id) == {3: "А", 4: "В"}


def test_the_newest_stays_however_old_and_history_goes_on_from_it(
    worker_db: Database, portal_id: UUID
) -> None:
    record(worker_db, portal_id, "А", "Б", "В")
    later = READ_AT + 1000 * DAY
    assert pruned(worker_db, portal_id, before=later) == 2
    assert pruned(worker_db, portal_id, before=later) == 0
    with worker_db.session() as session:
        recorded = recording.record(session, portal_id, named("Г", later))
    assert (recorded.number, [change.before for change in recorded.changes]) == (4, ["В"])
    assert kept(worker_db, portal_id) == {3: "В", 4: "Г"}


def test_a_portal_that_is_being_recorded_is_left_for_another_time(
    worker_db: Database, portal_id: UUID
) -> None:
    record(worker_db, portal_id, "А", "Б", "В")
    with worker_db.session() as session:
        recording.record(session, portal_id, named("Г", READ_AT + 4 * DAY))
        assert pruned(worker_db, portal_id, before=READ_AT + 9 * DAY) == 0
    assert len(kept(worker_db, portal_id)) == 4


def test_only_portals_with_something_old_are_looked_at(worker_db: Database, portal_id: UUID) -> None:
    def found(before: datetime) -> list[UUID]:
        with worker_db.session() as session:
            return retention.with_old_versions(session, before=before)

    record(worker_db, portal_id, "А")
    assert found(READ_AT + DAY) == []
    record(worker_db, portal_id, "А", "Б")
    assert found(READ_AT) == []
    assert found(READ_AT + DAY) == [portal_id]


def test_the_price_of_a_history_is_counted_to_the_byte(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, "А", "Б")
    with worker_db.session() as session:
        (cost,) = retention.costs(session)
    assert (cost.portal_id, cost.domain, cost.versions, cost.changes) == (portal_id, "a.example", 2, 1)
    assert cost.oldest_at == READ_AT
    assert cost.parts == count(worker_db, "select count(*) from part")
    assert cost.bytes == count(worker_db, "select sum(octet_length(body)) from part")


def test_beat_prunes_by_itself(
    worker_db: Database, portal_id: UUID, database_url: str, broker_url: str
) -> None:
    settings = Settings(
        database_url=SecretStr(database_url),
        broker_url=SecretStr(broker_url),
        secret_keys=SecretStr(KEY),
        keep_versions=timedelta(days=30),
    )
    record(worker_db, portal_id, "А", "Б", "В")
    with worker_db.session() as session:
        session.execute(text("update snapshot set read_at = now() - interval '300 days' where number < 3"))
    worker = create_worker(settings)
    try:
        tick(worker)
    finally:
        worker.db.close()
        worker.celery.close()
    assert kept(worker_db, portal_id) == {2: "Б", 3: "В"}
