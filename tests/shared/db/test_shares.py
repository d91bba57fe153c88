"""Who may take a slot: no cabinet, no host and no kind of portals fills a worker, whatever is queued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.db import jobs, portal_states, portals
from shared.db.session import Database, Role
from shared.db.tables.portals import PortalRow
from shared.domain.errors import Unreachable
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import Lane
from shared.domain.shares import SLOW_AFTER
from tests.newcomers import a_newcomer
from tests.plans import rows_read, stated

SLOTS = 8
OWNER = "the worker"


@pytest.fixture
def session(worker_db: Database) -> Iterator[Session]:
    with worker_db.session() as found:
        yield found


@pytest.fixture
def cabinets(database_url: str, worker_db: Database) -> Iterator[Iterator[UUID]]:
    """New cabinets, one after the other."""
    operator = Database(database_url, Role.OPERATOR, worker_db.keyring)

    def another() -> UUID:
        with operator.session() as found:
            return a_newcomer(found).cabinet_id

    yield (another() for _ in count())
    operator.close()


def wish(
    session: Session,
    cabinet: UUID | None,
    *,
    host: str | None = None,
    known: bool = True,
    slow: bool = False,
    lane: Lane = Lane.WAITING,
) -> UUID:
    """Somebody wants a portal read that is connected by webhook, or by the application when there is no cabinet."""
    row = PortalRow(
        kind=PortalKind.WEBHOOK if cabinet else PortalKind.APP,
        member_id=None if cabinet else uuid4().hex,
        cabinet_id=cabinet,
        domain=host or f"{uuid4().hex}.example",
        state=PortalState.ACTIVE,
        slow=slow,
        read_at=portals.now(session) if known else None,
    )
    session.add(row)
    session.flush()
    jobs.request_job(session, row.id, lane=lane)
    return row.id


def taken(session: Session, *, owner: str = OWNER, least: Lane = Lane.SLOW) -> list[UUID]:
    """The portals of everything the worker may take now, in the order it takes it."""
    found = []
    while job := jobs.claim(session, owner=owner, slots=SLOTS, least=least):
        found.append(job.portal_id)
    return found


def test_a_cabinet_fills_half_of_the_slots_and_another_gets_one_at_once(
    session: Session, cabinets: Iterator[UUID]
) -> None:
    greedy, modest = next(cabinets), next(cabinets)
    for _ in range(40):
        wish(session, greedy)
    assert len(taken(session)) == SLOTS / 2
    waiting = wish(session, modest)
    assert taken(session) == [waiting]


def test_a_host_fills_half_of_the_slots_however_many_cabinets_name_it(
    session: Session, cabinets: Iterator[UUID]
) -> None:
    for _ in range(SLOTS):
        wish(session, next(cabinets), host="one.example")
    assert len(taken(session)) == SLOTS / 2
    waiting = wish(session, next(cabinets))
    assert taken(session) == [waiting]


def test_of_portals_never_read_a_cabinet_gets_a_quarter_and_all_of_them_half(
    session: Session, cabinets: Iterator[UUID]
) -> None:
    for cabinet in (next(cabinets), next(cabinets), next(cabinets)):
        for _ in range(10):
            wish(session, cabinet, known=False)
    found = taken(session)
    assert len(found) == SLOTS / 2
    query = text("select count(*) from portal where id = any(:ids) group by cabinet_id")
    assert max(session.execute(query, {"ids": found}).scalars()) <= SLOTS / 4
    known = wish(session, next(cabinets))
    assert taken(session) == [known]


def test_a_host_never_read_cannot_keep_those_waiting_who_are_known_there(
    session: Session, cabinets: Iterator[UUID]
) -> None:
    """Anybody may invent webhooks of somebody else's portal."""
    stranger = next(cabinets)
    for _ in range(10):
        wish(session, stranger, host="victim.example", known=False)
    assert len(taken(session)) == SLOTS / 4
    installed = wish(session, None, host="victim.example")
    assert taken(session) == [installed]


def test_slow_portals_share_a_quarter_of_the_slots(session: Session) -> None:
    for _ in range(10):
        wish(session, None, slow=True)
    assert len(taken(session)) == SLOTS / 4
    new, quick = wish(session, None, known=False), wish(session, None)
    assert set(taken(session)) == {new, quick}


def test_slow_portals_are_read_by_schedule_once_the_others_are(session: Session) -> None:
    slow = [wish(session, None, slow=True, lane=Lane.SLOW) for _ in range(5)]
    quick = [wish(session, None, lane=Lane.ROUTINE) for _ in range(3)]
    assert taken(session) == [*quick, *slow[: SLOTS // 4]]


def test_many_slow_portals_that_wait_cost_a_claim_nothing(database_url: str, worker_db: Database) -> None:
    with worker_db.session() as session:
        for _ in range(300):
            wish(session, None, slow=True, lane=Lane.SLOW)
        taken(session)
    with psycopg.connect(database_url, autocommit=True) as owner:
        # The plan is that of such tables, whatever the database was lent for before.
        owner.execute("vacuum analyze")
    with worker_db.session() as session, stated(worker_db.engine) as statements:
        assert taken(session) == []
    with worker_db.session() as session:
        read = rows_read(session, statements[-1])
    assert max(read.values()) < SLOTS


def test_what_a_cabinet_cannot_take_here_another_worker_takes(
    session: Session, cabinets: Iterator[UUID]
) -> None:
    greedy = next(cabinets)
    for _ in range(SLOTS):
        wish(session, greedy)
    assert len(taken(session)) == SLOTS / 2
    assert len(taken(session, owner="another worker")) == SLOTS / 2


def test_a_slot_that_is_free_again_is_taken_again(session: Session, cabinets: Iterator[UUID]) -> None:
    greedy = next(cabinets)
    for _ in range(SLOTS):
        wish(session, greedy)
    held = [jobs.claim(session, owner=OWNER, slots=SLOTS) for _ in range(SLOTS)]
    assert held[-1] is None
    assert held[0] is not None
    jobs.finish(session, held[0])
    assert len(taken(session)) == 1


def test_who_holds_least_comes_first_of_those_who_are_equally_urgent(
    session: Session, cabinets: Iterator[UUID]
) -> None:
    greedy, modest = next(cabinets), next(cabinets)
    first, second = wish(session, greedy), wish(session, greedy)
    late = wish(session, modest)
    session.execute(
        text("update job set run_after = now() - interval '1 minute' where portal_id = :id"), {"id": first}
    )
    assert taken(session, least=Lane.EVENT) == [first, late, second]


def test_portals_of_the_application_share_with_nobody(session: Session) -> None:
    for _ in range(SLOTS):
        wish(session, None)
    assert len(taken(session)) == SLOTS


def test_a_portal_is_slow_from_a_long_read_until_a_quick_one(session: Session) -> None:
    portal = wish(session, None)
    silent = Unreachable(host="silent.example", what="silent")

    def failed(*, took: timedelta) -> bool:
        began = portals.now(session) - took
        assert portal_states.read_failed(session, portal, silent, started_at=began)
        return session.get_one(PortalRow, portal).slow

    assert [failed(took=SLOW_AFTER * 2), failed(took=SLOW_AFTER / 2)] == [True, False]
