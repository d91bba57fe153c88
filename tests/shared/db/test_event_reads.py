"""When a portal is read because of its events: at once while it has reads in hand, then one a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from shared.db import event_reads, jobs, portals
from shared.db.event_reads import Noted
from shared.db.inbox import Incoming
from shared.db.jobs import ClaimedJob
from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from shared.domain.schedule import AFTER_EVENT, EVENT_READ_BACK_AFTER, EVENT_READS_IN_HAND, Lane
from tests.waiting import WAITS_FOR_LOCK, until

ALL_SPENT = EVENT_READS_IN_HAND * EVENT_READ_BACK_AFTER


def event(db: Database, portal_id: UUID) -> timedelta | None:
    """How long the read that an event requested waits; ``None`` if it requested none."""
    with db.session() as session:
        if event_reads.mark_dirty(session, portal_id) is None:
            return None
        query = text("select run_after - now() from job where state = 'queued'")
        wait: timedelta = session.execute(query).scalar_one()
        return wait


def begun(db: Database, portal_id: UUID) -> ClaimedJob:
    """A read that somebody asked for is under way."""
    with db.session() as session:
        jobs.request_job(session, portal_id, lane=Lane.WAITING)
        job = jobs.claim(session, owner="one")
        assert job is not None
        return job


def read(db: Database) -> None:
    """The read that was requested is over."""
    with db.session() as session:
        session.execute(text("update job set run_after = now()"))
        job = jobs.claim(session, owner="one")
        assert job is not None
        jobs.finish(session, job)


def test_changes_one_after_the_other_are_read_at_once_until_the_reads_in_hand_are_spent(
    worker_db: Database, portal_id: UUID
) -> None:
    for _ in range(EVENT_READS_IN_HAND):
        assert event(worker_db, portal_id) == AFTER_EVENT
        read(worker_db)
    wait = event(worker_db, portal_id)
    assert wait is not None
    assert AFTER_EVENT < wait <= EVENT_READ_BACK_AFTER


def test_events_before_a_read_share_it(worker_db: Database, portal_id: UUID) -> None:
    assert [event(worker_db, portal_id) for _ in range(20)] == [AFTER_EVENT, *[None] * 19]
    with worker_db.session() as session:
        spent = session.execute(text("select event_reads_back_at - now() from portal")).scalar_one()
    assert spent <= EVENT_READ_BACK_AFTER, "one read was spent"


def test_an_event_during_a_read_waits_for_its_end(worker_db: Database, portal_id: UUID) -> None:
    job = begun(worker_db, portal_id)
    assert event(worker_db, portal_id) is None
    with worker_db.session() as session:
        jobs.finish(session, job)
    with worker_db.session() as session:
        assert portals.request_due(session) == 1
        assert session.execute(text("select run_after <= now() from job where state = 'queued'")).scalar_one()


def not_due(db: Database) -> None:
    with db.session() as session:
        session.execute(text("update portal set next_read_at = now() + interval '6 hours'"))


def test_an_event_during_a_read_does_not_wait_for_what_that_read_put_off(
    worker_db: Database, portal_id: UUID
) -> None:
    not_due(worker_db)
    job = begun(worker_db, portal_id)
    assert event(worker_db, portal_id) is None
    with worker_db.session() as session:
        jobs.finish(session, job)
        jobs.request_job(session, portal_id, lane=Lane.ROUTINE, after=timedelta(hours=1))
    with worker_db.session() as session:
        assert portals.request_due(session) == 1
        assert session.execute(text("select run_after <= now() from job where state = 'queued'")).scalar_one()


def test_a_read_that_waits_its_turn_after_many_events_is_not_requested_again(
    worker_db: Database, portal_id: UUID
) -> None:
    not_due(worker_db)
    with worker_db.session() as session:
        back_at = text("update portal set event_reads_back_at = now() + cast(:all as interval)")
        session.execute(back_at, {"all": ALL_SPENT})
    assert event(worker_db, portal_id) != AFTER_EVENT
    with worker_db.session() as session:
        assert portals.request_due(session) == 0


def test_an_event_brings_a_read_forward_that_was_put_off(worker_db: Database, portal_id: UUID) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, portal_id, lane=Lane.ROUTINE, after=timedelta(minutes=10))
    assert event(worker_db, portal_id) == AFTER_EVENT


def test_the_reads_come_back_with_time(worker_db: Database, portal_id: UUID) -> None:
    with worker_db.session() as session:
        back_at = text("update portal set event_reads_back_at = now() + cast(:all as interval)")
        session.execute(back_at, {"all": ALL_SPENT - EVENT_READ_BACK_AFTER})
    assert event(worker_db, portal_id) == AFTER_EVENT, "one is back"
    read(worker_db)
    assert event(worker_db, portal_id) != AFTER_EVENT


def noted(db: Database, portal_id: UUID, number: int) -> Noted:
    """What became of the event with this number, as the gateway stores it."""
    with db.session() as session:
        return event_reads.note(session, db.keyring, portal_id, numbered(portal_id, number))


def numbered(portal_id: UUID, number: int) -> Incoming:
    return Incoming(
        dedupe=number.to_bytes(32),
        event="ONCRMDEALUSERFIELDADD",
        member_id="a" * 32,
        body={},
        portal_id=portal_id,
        verdict="done",
    )


def test_a_copy_of_an_event_marks_nothing(gateway_db: Database, portal_id: UUID) -> None:
    assert noted(gateway_db, portal_id, 1) == Noted(is_stored=True, read_in=AFTER_EVENT)
    with gateway_db.session() as session:
        session.execute(text("update portal set dirty_since = null"))
        session.execute(text("update job set state = 'done'"))
    assert noted(gateway_db, portal_id, 1) == Noted(is_stored=False)
    with gateway_db.session() as session:
        assert session.execute(text("select dirty_since from portal")).scalar_one() is None
        assert session.execute(text("select count(*) from job where state = 'queued'")).scalar_one() == 0


def test_an_event_that_waited_for_another_one_shares_its_read(
    gateway_db: Database, worker_db: Database, portal_id: UUID
) -> None:
    with ThreadPoolExecutor(1) as thread:
        with gateway_db.session() as session:
            first = event_reads.note(session, gateway_db.keyring, portal_id, numbered(portal_id, 1))
            second = thread.submit(noted, gateway_db, portal_id, 2)
            with worker_db.session() as watching:
                until(lambda: watching.execute(text(WAITS_FOR_LOCK)).scalar_one(), what="the second waits")
        assert (first.read_in, second.result()) == (AFTER_EVENT, Noted(is_stored=True))
    with gateway_db.session() as session:
        assert session.execute(text("select count(*) from inbox")).scalar_one() == 2
        spent = session.execute(text("select event_reads_back_at - now() from portal")).scalar_one()
    assert spent <= EVENT_READ_BACK_AFTER, "one read was spent"


def test_an_event_that_waited_for_the_end_of_a_read_requests_another(
    gateway_db: Database, worker_db: Database, portal_id: UUID
) -> None:
    job = begun(worker_db, portal_id)
    with ThreadPoolExecutor(1) as thread:
        with worker_db.session() as session:
            session.get_one(PortalRow, portal_id, with_for_update=True)
            jobs.finish(session, job)
            late = thread.submit(noted, gateway_db, portal_id, 1)
            with gateway_db.session() as watching:
                until(lambda: watching.execute(text(WAITS_FOR_LOCK)).scalar_one(), what="the event waits")
        assert late.result() == Noted(is_stored=True, read_in=AFTER_EVENT)
