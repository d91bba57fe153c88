"""The queue: one active job per portal, held by a lease, requeued from the dead, quarantined after three."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.db import due_jobs, jobs
from shared.db.jobs import LeaseLost
from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import Lane


def a_portal(session: Session, member: str = "a") -> UUID:
    row = PortalRow(
        kind=PortalKind.APP, member_id=member * 32, domain=f"{member}.example", state=PortalState.ACTIVE
    )
    session.add(row)
    session.flush()
    return row.id


def test_asking_twice_gives_one_job_as_urgent_as_the_more_urgent_wish(worker_db: Database) -> None:
    with worker_db.session() as session:
        portal = a_portal(session)
        routine = jobs.request_job(session, portal, lane=Lane.ROUTINE, after=timedelta(hours=1))
        waiting = jobs.request_job(session, portal, lane=Lane.WAITING)
    with worker_db.session() as session:
        claimed = jobs.claim(session, owner="first")
    assert routine == waiting
    assert claimed is not None
    assert claimed.lane is Lane.WAITING


def test_a_job_is_claimed_once(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT)
    with worker_db.session() as session:
        assert jobs.claim(session, owner="first") is not None
        assert jobs.claim(session, owner="second") is None


def test_who_waits_comes_before_the_schedule(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session, "a"), lane=Lane.ROUTINE)
        watched = jobs.request_job(session, a_portal(session, "b"), lane=Lane.WAITING)
        claimed = jobs.claim(session, owner="first")
    assert claimed is not None
    assert claimed.id == watched


def test_a_busy_worker_leaves_routine_jobs_alone(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.ROUTINE)
        assert jobs.claim(session, owner="first", least=Lane.EVENT) is None


def test_what_is_due_later_is_not_claimed_now(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT, after=timedelta(seconds=30))
        assert jobs.claim(session, owner="first") is None
        assert due_jobs.listed(session, most=1) == []


def test_a_worker_whose_lease_ran_out_writes_nothing(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT)
        claimed = jobs.claim(session, owner="first")
        assert claimed is not None
        session.execute(text("update job set lease_until = now() - interval '1 second'"))
    with worker_db.session() as session, pytest.raises(LeaseLost):
        jobs.finish(session, claimed)


def test_a_heartbeat_keeps_everything_its_owner_holds(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT)
        claimed = jobs.claim(session, owner="first")
        session.execute(text("update job set lease_until = now() + interval '1 second'"))
        assert claimed is not None
        assert jobs.prolong(session, owner="second", in_progress=[claimed.id]) == 0
        assert jobs.prolong(session, owner="first", in_progress=[claimed.id]) == 1
    with worker_db.session() as session:
        jobs.finish(session, claimed)


def test_a_heartbeat_releases_what_nobody_works_on(worker_db: Database) -> None:
    with worker_db.session() as session:
        for member in "ab":
            jobs.request_job(session, a_portal(session, member), lane=Lane.EVENT)
        working, dropped = (jobs.claim(session, owner="first") for _ in range(2))
        assert working is not None
        assert dropped is not None
        assert jobs.release_idle(session, owner="first") == 0, "they were claimed just now"
        session.execute(text("update job set started_at = now() - interval '10 seconds'"))
        assert jobs.prolong(session, owner="first", in_progress=[working.id]) == 1
        assert jobs.release_idle(session, owner="first", in_progress=[working.id]) == 1
        again = jobs.claim(session, owner="second")
    assert again is not None
    assert again.id == dropped.id


def test_a_job_claimed_anew_is_not_written_by_the_thread_that_had_it_before(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT)
        before = jobs.claim(session, owner="one")
    with worker_db.session() as session:
        assert jobs.release_all(session, owner="one") == 1
        now = jobs.claim(session, owner="one")
    assert before is not None
    assert now is not None
    with worker_db.session() as session, pytest.raises(LeaseLost):
        jobs.finish(session, before)
    with worker_db.session() as session:
        jobs.finish(session, now)


def _worker_dies(session: Session, *, alone: bool) -> None:
    assert jobs.claim(session, owner="doomed", alone=alone) is not None
    session.execute(text("update job set lease_until = now() - interval '1 second' where state = 'running'"))
    assert jobs.requeue_lost(session).count == 1


def test_a_job_that_kills_its_worker_is_quarantined_after_three_losses_alone(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT)
        _worker_dies(session, alone=False)
        assert jobs.claim(session, owner="busy") is None, "it runs alone from now on"
        for _ in range(3):
            _worker_dies(session, alone=True)
        state, error = session.execute(text("select state, error from job")).one()
    assert (state, error) == ("quarantined", "worker_lost")


def test_a_quarantined_job_does_not_keep_its_portal_from_being_read_again(worker_db: Database) -> None:
    with worker_db.session() as session:
        portal = a_portal(session)
        jobs.request_job(session, portal, lane=Lane.EVENT)
        _worker_dies(session, alone=False)
        for _ in range(3):
            _worker_dies(session, alone=True)
        jobs.request_job(session, portal, lane=Lane.WAITING)
        assert jobs.claim(session, owner="next") is not None


def test_a_stopping_worker_hands_its_job_to_the_next(worker_db: Database) -> None:
    with worker_db.session() as session:
        jobs.request_job(session, a_portal(session), lane=Lane.EVENT)
        claimed = jobs.claim(session, owner="stopping")
        assert claimed is not None
        jobs.hand_back(session, claimed)
        again = jobs.claim(session, owner="next")
    assert again is not None
    assert again.attempts == 1


def test_jobs_that_are_long_over_are_gone(worker_db: Database) -> None:
    with worker_db.session() as session:
        for member in "abc":
            jobs.request_job(session, a_portal(session, member), lane=Lane.EVENT)
        old, recent = (jobs.claim(session, owner="first") for _ in range(2))
        assert old is not None
        assert recent is not None
        for job in (old, recent):
            jobs.finish(session, job)
        session.execute(
            text("update job set finished_at = now() - interval '4 days' where id = :id"), {"id": old.id}
        )
        assert jobs.drop_old(session, older_than=timedelta(days=3)) == 1
        left = session.execute(text("select state from job order by state")).scalars().all()
    assert left == ["done", "queued"]
