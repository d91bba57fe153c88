"""Recording a read: a new version only for a change, at a cost in proportion to it; erasing leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, func, insert, select, text
from sqlmodel import Session, col

from shared.db import accounts, changes, portals, recording, snapshots
from shared.db.metadata import METADATA
from shared.db.recording import Recorded
from shared.db.session import Database, driver_url
from shared.db.tables.portals import PortalRow
from shared.db.tables.snapshots import SearchBlockRow
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.search_blocks import Block
from shared.domain.snapshot import NotUnderstood, Snapshot
from tests.builders import (
    READ_AT,
    a_list_field,
    a_portal,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.shared.db.rows import app_portal, fill
from tests.stories import reading

COUNTED = [METADATA.tables[name] for name in ("part", "snapshot", "coverage", "change", "search_block")]


def record(db: Database, portal_id: UUID, read: Snapshot) -> Recorded:
    with db.session() as session:
        return recording.record(session, portal_id, read)


def known(db: Database, portal_id: UUID) -> Snapshot:
    with db.session() as session:
        found = snapshots.latest(session, portal_id)
    assert found is not None
    return found


def counted(db: Database) -> dict[str, int]:
    with db.session() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in COUNTED
        }


def searchable_stages(db: Database, portal_id: UUID) -> list[tuple[str | None, str]]:
    """The names of stages that are found, and the text by which each is."""
    with db.session() as session:
        rows = session.scalars(select(SearchBlockRow).where(col(SearchBlockRow.portal_id) == portal_id)).all()
    blocks = [Block(row.folded, row.items) for row in rows]
    lines = [line for block in blocks for line in block.folded.split("\n")]
    items = [item for block in blocks for item in block.matching(())]
    return sorted(
        (item.label, line) for line, item in zip(lines, items, strict=True) if item.kind == "stages"
    )


def search_writes(db: Database, portal_id: UUID) -> set[tuple[int, str]]:
    """The place of every block of the search and the transaction that wrote it."""
    query = text("select place, xmin::text from search_block where portal_id = :portal")
    with db.session() as session:
        return {(row.place, row.xmin) for row in session.execute(query, {"portal": portal_id})}


def later(snapshot: Snapshot, hours: int = 1, **changes: Any) -> Snapshot:
    at = READ_AT + timedelta(hours=hours)
    coverage = tuple(replace(entry, read_at=at) for entry in snapshot.coverage)
    return replace(snapshot, read_at=at, coverage=coverage, **changes)


def renamed(name: str) -> tuple[Any, ...]:
    return (a_stage(name=name), *a_snapshot().stages[1:])


def test_what_was_read_is_what_is_shown(worker_db: Database, portal_id: UUID) -> None:
    read = a_snapshot(
        entity_types=(an_entity_type(), a_smart_process()),
        user_fields=(a_user_field(settings={"rows": 3}), a_list_field("А", "Б", id=502, code="UF_2")),
        orphan_stages=(a_stage(pipeline_id=9, directory="DEAL_STAGE_9", status_id="C9:NEW", id=950),),
    )
    recorded = record(worker_db, portal_id, read)
    assert (recorded.number, recorded.is_new, recorded.changes) == (1, True, ())
    assert known(worker_db, portal_id) == replace(read, number=1)


def test_what_was_not_understood_is_kept_until_it_is(worker_db: Database, portal_id: UUID) -> None:
    odd = a_stage(color=None, not_understood=(NotUnderstood("color", "#"),))
    first = a_snapshot(stages=(odd, *a_snapshot().stages[1:]))
    assert record(worker_db, portal_id, first).number == 1
    assert known(worker_db, portal_id).stages == first.stages
    understood = later(a_snapshot(), hours=1)
    assert record(worker_db, portal_id, understood).changes == ()
    assert known(worker_db, portal_id).stages == understood.stages
    assert record(worker_db, portal_id, later(first, hours=2)).is_new is False


def test_a_whole_portal_comes_out_as_it_went_in(worker_db: Database, portal_id: UUID) -> None:
    with reading.a_portal() as portal:
        read = reading.read(portal)
    record(worker_db, portal_id, read)
    found = known(worker_db, portal_id)
    assert replace(found, number=None, portal=read.portal) == read


def test_an_unchanged_read_costs_an_update_of_the_receipt(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, a_snapshot())
    before = counted(worker_db)
    recorded = record(worker_db, portal_id, later(a_snapshot()))
    assert (recorded.number, recorded.is_new, recorded.changes) == (1, False, ())
    assert counted(worker_db) == before
    assert known(worker_db, portal_id) == later(a_snapshot(), number=1)


def test_a_change_costs_one_part_one_version_and_itself(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, a_snapshot())
    before = counted(worker_db)
    recorded = record(worker_db, portal_id, later(a_snapshot(stages=renamed("Лид"))))
    after = counted(worker_db)
    assert (recorded.number, recorded.is_new) == (2, True)
    assert (after["part"], after["snapshot"], after["change"]) == (before["part"] + 1, 2, 1)
    assert (after["coverage"], after["search_block"]) == (before["coverage"], before["search_block"])
    with worker_db.session() as session:
        (told,) = changes.since(session, portal_id)
    assert (told.version, told.change.op, told.change.attribute) == (2, "edited", "name")
    assert (told.change.before, told.change.after, told.at) == (
        "Новая заявка",
        "Лид",
        READ_AT + timedelta(hours=1),
    )


def test_a_past_version_is_shown_as_it_was(worker_db: Database, portal_id: UUID) -> None:
    first = with_coverage(
        a_snapshot(), Kind.USERS, state=State.PARTIAL, reason=Reason(ReasonCode.ROWS_MISSING, "1 / 2")
    )
    record(worker_db, portal_id, first)
    record(worker_db, portal_id, later(a_snapshot(stages=renamed("Лид"))))
    with worker_db.session() as session:
        assert snapshots.version(session, portal_id, 1) == replace(first, number=1)
        assert snapshots.version(session, portal_id, 3) is None


def test_two_hundred_reads_with_ten_changes_are_eleven_versions(worker_db: Database, portal_id: UUID) -> None:
    """Some reads of a kind fail in between, which is not a change of the portal."""
    for hour in range(200):
        read = later(a_snapshot(stages=renamed(f"Название {(hour + 10) // 20}")), hour)
        if hour % 3 == 1:
            read = with_coverage(replace(read, users=()), Kind.USERS, state=State.FAILED, items=0)
        record(worker_db, portal_id, read)
    found = counted(worker_db)
    kinds = len(a_snapshot().coverage) - 1
    assert (found["snapshot"], found["change"], found["part"]) == (11, 10, kinds + 10)
    assert found["coverage"] == kinds + 1


def test_a_kind_that_failed_is_shown_with_its_age(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, a_snapshot())
    reason = Reason(ReasonCode.NO_RIGHTS)
    read = with_coverage(
        later(a_snapshot(), users=()), Kind.USERS, state=State.FORBIDDEN, items=0, reason=reason
    )
    assert not record(worker_db, portal_id, read).is_new
    shown = known(worker_db, portal_id)
    assert shown.users == (a_user(),)
    assert shown.read_at == READ_AT + timedelta(hours=1)
    (entry,) = (entry for entry in shown.coverage if entry.kind is Kind.USERS)
    assert (entry.state, entry.items, entry.read_at, entry.reason) == (State.FORBIDDEN, 1, READ_AT, reason)


def test_a_kind_that_emptied_is_gone_only_when_a_second_read_says_the_same(
    worker_db: Database, portal_id: UUID
) -> None:
    """The doubt is stored, so another process may do the second read."""
    record(worker_db, portal_id, a_snapshot())
    empty = a_snapshot(users=(), coverage=a_snapshot().coverage)
    first, second = (record(worker_db, portal_id, later(empty, hour)) for hour in (1, 2))
    assert (first.is_in_doubt, first.is_new, first.counts["users"]) == (True, False, 1)
    assert (second.is_in_doubt, [change.op.value for change in second.changes]) == (False, ["removed"])
    assert record(worker_db, portal_id, later(empty, 3)).changes == ()


def test_the_fields_of_an_unseen_entity_type_stay_on_the_receipt(
    worker_db: Database, portal_id: UUID
) -> None:
    """The receipt counts the fields that are shown, also after an incomplete read."""
    field = a_user_field(entity_type="dynamic_1040", id=900)
    types = (an_entity_type(), a_smart_process())
    record(worker_db, portal_id, a_snapshot(entity_types=types, user_fields=(a_user_field(), field)))
    for hour in (1, 2):
        read = with_coverage(later(a_snapshot(), hour), Kind.ENTITY_TYPES, state=State.FAILED, items=0)
        record(worker_db, portal_id, read)
        shown = known(worker_db, portal_id)
        assert sum(entry.items for entry in shown.coverage if entry.kind is Kind.USER_FIELDS) == len(
            shown.user_fields
        )
        assert field in shown.user_fields


def test_whose_eyes_and_which_portal_are_those_of_the_last_read(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, a_snapshot())
    record(worker_db, portal_id, later(a_snapshot(reader=a_reader(id=13, name="Другая Анна"))))
    with worker_db.session() as session:
        portal = session.get_one(PortalRow, portal_id)
        portal.domain, portal.plan = "renamed.example", "ru_ent"
        session.add(portal)
    shown = known(worker_db, portal_id)
    assert shown.reader.id == 13
    assert (shown.portal.domain, shown.portal.plan) == ("renamed.example", "ru_ent")
    with worker_db.session() as session:
        first = snapshots.version(session, portal_id, 1)
    assert first is not None
    assert (first.reader.id, first.portal.domain) == (12, a_portal().domain)


def test_a_search_finds_what_there_is_now(worker_db: Database, portal_id: UUID) -> None:
    for name in ("Ёлка", "Лид"):
        record(worker_db, portal_id, later(a_snapshot(stages=renamed(name))))
        found = searchable_stages(worker_db, portal_id)
        assert [label for label, _ in found] == [name, "Оплачена"]
    assert found[0] == ("Лид", "new лид 101")


def test_a_change_writes_its_block_of_the_search_and_no_other(worker_db: Database, portal_id: UUID) -> None:
    with reading.a_portal("M") as portal:
        record(worker_db, portal_id, reading.read(portal))
        first = search_writes(worker_db, portal_id)
        portal.edit("promote_user", user_id=2, position="Новая должность")
        assert record(worker_db, portal_id, reading.read(portal)).is_new
        assert search_writes(worker_db, portal_id) == first
        stage = portal.crm.directories["DEAL_STAGE"].rows[0]
        portal.edit("rename_stage", row_id=stage.id, to="Неприметное")
        assert record(worker_db, portal_id, reading.read(portal)).is_new
    then = search_writes(worker_db, portal_id)
    assert len(first) > 20
    # Two where the change moves the end of a block.
    assert 1 <= len(then - first) <= 2


def test_counts_are_those_of_what_is_known(worker_db: Database, portal_id: UUID) -> None:
    record(worker_db, portal_id, a_snapshot())
    read = with_coverage(later(a_snapshot(), users=()), Kind.USERS, state=State.FAILED, items=0)
    counts = record(worker_db, portal_id, read).counts
    assert {name: counts[name] for name in ("pipelines", "stages", "user_fields", "users")} == {
        "pipelines": 1,
        "stages": 2,
        "user_fields": 1,
        "users": 1,
    }


def test_reads_recorded_at_once_are_versions_one_after_the_other(
    worker_db: Database, portal_id: UUID
) -> None:
    reads = [later(a_snapshot(stages=renamed(f"Имя {n}")), n) for n in range(4)]
    with ThreadPoolExecutor(4) as threads:
        numbers = [
            recorded.number
            for recorded in threads.map(lambda read: record(worker_db, portal_id, read), reads)
        ]
    assert sorted(numbers) == [1, 2, 3, 4]
    assert counted(worker_db)["change"] == 3


def test_a_portal_of_which_nothing_could_be_read_has_a_receipt_all_the_same(
    worker_db: Database, portal_id: UUID
) -> None:
    nothing = a_snapshot(
        entity_types=(), pipelines=(), stages=(), dictionaries=(), user_fields=(), users=(), departments=()
    )
    read = replace(
        nothing, coverage=tuple(replace(entry, state=State.FAILED, items=0) for entry in nothing.coverage)
    )
    assert record(worker_db, portal_id, read).number == 1
    assert known(worker_db, portal_id) == replace(read, number=1)
    only_itself = replace(read, coverage=read.coverage[:1])
    assert record(worker_db, portal_id, only_itself).number == 1


@pytest.fixture
def everything(database_url: str) -> Iterator[Session]:
    """A session that no row-level security restricts. The tests fill every table themselves."""
    engine = create_engine(driver_url(database_url))
    with Session(engine) as session:
        yield session
    engine.dispose()


def traces(session: Session, *secrets: object) -> set[str]:
    """The tables with a row that holds one of these values in any column."""
    found = set()
    for table in METADATA.sorted_tables:
        for row in session.execute(select(*table.columns)):
            if set(map(str, secrets)) & set(map(str, row)):
                found.add(table.name)
    return found


def test_of_an_erased_portal_nothing_is_left_but_the_record_of_its_erasure(
    everything: Session, worker_db: Database
) -> None:
    """No table has a trace of it, not even of an event that came before the portal was known."""
    rows = fill(everything.connection(), portal=app_portal())
    portal = rows["portal"]
    inbox = METADATA.tables["inbox"]
    unknown = {
        "dedupe": b"1",
        "event": "ONAPPINSTALL",
        "member_id": portal["member_id"],
        "secrets_id": portal["id"],
    }
    everything.execute(insert(inbox).values(**unknown, verdict="done"))
    everything.execute(text("update portal set purge_at = now() - interval '1 second'"))
    others = fill(everything.connection(), portal=app_portal())
    everything.commit()
    assert len(traces(everything, portal["id"], portal["member_id"])) >= 10
    with worker_db.session() as session:
        assert portals.erase_due(session) == [portal["id"]]
    everything.rollback()
    assert traces(everything, portal["id"], portal["member_id"], portal["domain"]) == {"audit"}
    assert "snapshot" in traces(everything, others["portal"]["id"])


def test_a_webhook_portal_is_gone_with_its_account(everything: Session, cabinet_db: Database) -> None:
    rows = fill(everything.connection())
    everything.commit()
    cabinet_id, portal_id = rows["cabinet"]["id"], rows["portal"]["id"]
    with cabinet_db.session(cabinet=cabinet_id) as session:
        account = accounts.one(session, cabinet_id, rows["link"]["id"], every=timedelta(hours=6))
        assert account is not None
        accounts.unlink(session, cabinet_id, account, actor="person 1")
    assert traces(everything, portal_id, rows["link"]["id"]) == {"audit"}


def test_a_receipt_has_one_order_however_the_server_finds_its_rows(
    worker_db: Database, portal_id: UUID
) -> None:
    record(worker_db, portal_id, a_snapshot())
    with worker_db.session() as session:
        former = snapshots.known(session, portal_id).receipt
        # A row that is written anew lies behind the others.
        session.execute(text("update coverage set items = items where kind = 'portal'"))
        session.execute(text("set local enable_indexscan = off"))
        session.execute(text("set local enable_bitmapscan = off"))
        assert snapshots.known(session, portal_id).receipt == former
