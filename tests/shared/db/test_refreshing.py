"""A refresh: which portals are read when somebody asks, and when."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select, update

from shared.db import refreshing
from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from shared.db.tables.work import JobRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import BETWEEN_REQUESTS, REQUESTS_AT_ONCE, Lane


def a_portal(session: Session, state: PortalState = PortalState.ACTIVE) -> UUID:
    row = PortalRow(kind=PortalKind.APP, member_id="a" * 32, domain="a.example", state=state)
    session.add(row)
    session.flush()
    return row.id


def waits(session: Session, refresh_id: UUID) -> bool:
    """True for a read that does not begin at once."""
    query = select(col(JobRow.run_after) > func.clock_timestamp()).where(JobRow.id == refresh_id)
    return session.exec(query).one()


def was_asked(session: Session, portal: UUID, *, times: int) -> None:
    """So many requests went to the portal just now."""
    rested_at = func.clock_timestamp() + times * BETWEEN_REQUESTS
    session.execute(update(PortalRow).where(col(PortalRow.id) == portal).values(rested_at=rested_at))
    session.expire_all()


@pytest.mark.parametrize("state", [state for state in PortalState if state is not PortalState.REMOVED])
def test_a_portal_is_read_before_all_others_whatever_is_wrong_with_it(
    worker_db: Database, state: PortalState
) -> None:
    with worker_db.session() as session:
        refresh = refreshing.request(session, a_portal(session, state))
        assert refresh is not None
        assert session.get_one(JobRow, refresh).lane == Lane.WAITING


def test_a_portal_without_us_is_not_read_and_neither_is_one_nobody_knows(worker_db: Database) -> None:
    with worker_db.session() as session:
        assert refreshing.request(session, a_portal(session, PortalState.REMOVED)) is None
        assert refreshing.request(session, uuid4()) is None
        assert session.exec(select(JobRow)).all() == []


def test_a_portal_that_was_asked_a_little_is_read_at_once(worker_db: Database) -> None:
    with worker_db.session() as session:
        portal = a_portal(session)
        was_asked(session, portal, times=REQUESTS_AT_ONCE // 2)
        refresh = refreshing.request(session, portal)
        assert refresh is not None
        assert not waits(session, refresh)


def test_a_portal_that_was_asked_a_lot_is_left_in_peace_for_a_moment(worker_db: Database) -> None:
    with worker_db.session() as session:
        portal = a_portal(session)
        # Far more than any read, so that a machine that is slow now does not matter.
        was_asked(session, portal, times=10_000)
        refresh = refreshing.request(session, portal)
        assert refresh is not None
        ((wait,),) = session.execute(
            select(col(JobRow.run_after) - func.now()).where(JobRow.id == refresh)
        ).all()
        assert timedelta(0) < wait <= BETWEEN_REQUESTS
