"""A read that says what the last one said is confirmed at once, and leaves exactly what merging it would have left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.db import recording, snapshots
from shared.db.recording import Recorded
from shared.db.session import Database
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.snapshot import NotUnderstood, Snapshot
from shared.domain.unchanged import confirmed_by
from tests.builders import READ_AT, a_reader, a_snapshot, a_stage, a_user, with_coverage
from tests.stories import reading
from tools.simulator.portal import SimulatedPortal

FORBIDDEN = {"state": State.FORBIDDEN, "reason": Reason(ReasonCode.NO_RIGHTS)}
NOT_SEEN = replace(with_coverage(a_snapshot(), Kind.USERS, items=0, **FORBIDDEN), users=())
PARTLY = with_coverage(
    a_snapshot(), Kind.USERS, state=State.PARTIAL, reason=Reason(ReasonCode.ROWS_MISSING, "1 / 2")
)
ODD = a_snapshot(
    stages=(a_stage(color=None, not_understood=(NotUnderstood("color", "#"),)), *a_snapshot().stages[1:])
)


def _no_people(portal: SimulatedPortal) -> None:
    portal.switches.missing_methods = {"user.get", "department.get"}


def _no_types(portal: SimulatedPortal) -> None:
    portal.switches.missing_methods = {"crm.type.list"}


def _nothing_odd(_portal: SimulatedPortal) -> None:
    """As it is."""


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("user", ["admin", "employee", 12])
@pytest.mark.parametrize("oddly", [_nothing_odd, _no_people, _no_types])
def test_two_equal_reads_of_a_portal_by_anybody(
    worker_db: Database,
    portal_id: UUID,
    user: str | int,
    oddly: Callable[[SimulatedPortal], None],
    full: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    with reading.a_portal() as portal:
        oddly(portal)
        reads = [reading.read(portal, user=user, full=full) for _ in range(2)]
    assert _is_confirmed(worker_db, portal_id, [reads[0], _later(reads[1])])


@pytest.mark.parametrize("size", ["S", "M", "empty"])
def test_two_equal_reads_of_portals_of_all_sizes(worker_db: Database, portal_id: UUID, size: str) -> None:
    with reading.a_portal(size) as portal:
        reads = [reading.read(portal) for _ in range(2)]
    assert _is_confirmed(worker_db, portal_id, [reads[0], _later(reads[1])])


@pytest.mark.parametrize(
    "reads",
    [
        [a_snapshot(), a_snapshot()],
        [NOT_SEEN, NOT_SEEN],
        [PARTLY, PARTLY],
        [ODD, ODD],
        [NOT_SEEN, a_snapshot(), a_snapshot()],
    ],
)
def test_whatever_has_gaps_and_is_as_it_was(
    worker_db: Database, portal_id: UUID, reads: list[Snapshot]
) -> None:
    assert _is_confirmed(worker_db, portal_id, reads)


@pytest.mark.parametrize(
    "reads",
    [
        [a_snapshot()],
        [a_snapshot(), a_snapshot(users=(a_user(name="Другая"),))],
        [a_snapshot(), NOT_SEEN],
        [a_snapshot(), NOT_SEEN, NOT_SEEN],
        [NOT_SEEN, a_snapshot()],
        [a_snapshot(), PARTLY],
        [PARTLY, a_snapshot()],
        [a_snapshot(), ODD],
        [a_snapshot(), a_snapshot(reader=a_reader(name="Другой"))],
        [a_snapshot(), a_snapshot(reader=a_reader(admin=False))],
        [a_snapshot(), a_snapshot(users=()), a_snapshot(users=())],
        [a_snapshot(), a_snapshot(users=()), a_snapshot()],
    ],
)
def test_whatever_may_be_news_is_merged(worker_db: Database, portal_id: UUID, reads: list[Snapshot]) -> None:
    assert not _is_confirmed(worker_db, portal_id, reads)


def _later(read: Snapshot, hours: int = 1) -> Snapshot:
    at = read.read_at + timedelta(hours=hours)
    coverage = tuple(replace(entry, read_at=at) for entry in read.coverage)
    return replace(read, read_at=at, coverage=coverage)


def _is_confirmed(db: Database, portal_id: UUID, reads: list[Snapshot]) -> bool:
    """Whether the last of these reads, an hour after each other, is confirmed. Then it leaves what merging leaves."""
    *earlier, last = (
        _later(read, number) if read.read_at == READ_AT else read for number, read in enumerate(reads)
    )
    for read in earlier:
        with db.session() as session:
            recording.record(session, portal_id, read)
    with db.session() as session:
        known = snapshots.known(session, portal_id)
    confirmed = confirmed_by(last, known.lines)
    if confirmed is None:
        return False

    def confirm(session: Session) -> Recorded:
        return recording.confirm(session, portal_id, known, confirmed, read_at=last.read_at)

    def merge(session: Session) -> Recorded:
        return recording.record(session, portal_id, last)

    assert _left_by(db, confirm) == _left_by(db, merge)
    return True


def _left_by(db: Database, work: Callable[[Session], Recorded]) -> list[Any]:
    """What was recorded, and every row that says what is known."""
    with db.session() as session:
        left: list[Any] = [work(session)]
        for table in ("coverage", "snapshot", "snapshot_part", "part", "change"):
            left += session.execute(text(f"select * from {table} order by 1, 2, 3")).all()  # noqa: S608
        session.rollback()
    return left
