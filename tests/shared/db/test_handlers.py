"""When handlers are checked: at once where they may be missing, else after a while, and by one read at a time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.db import handlers
from shared.db.handlers import Check
from shared.db.session import Database, Role
from shared.db.tables.portals import ApplicationRow, InstallationRow, PortalRow
from shared.domain.events import NoEvents
from shared.domain.portal import PortalKind, PortalState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def portal(database_url: str, worker_db: Database) -> tuple[UUID, UUID]:
    """The id of a portal with two applications, and that of the one it is read with."""
    operator = Database(database_url, Role.OPERATOR, worker_db.keyring)
    row = PortalRow(kind=PortalKind.APP, member_id="a" * 32, domain="a.example", state=PortalState.ACTIVE)
    own, other = (
        ApplicationRow(client_id=name, client_secret=b"", title="CRMAP") for name in ("app", "local")
    )
    with operator.session() as session:
        session.add_all([row, own, other])
        session.flush()
        session.add_all([InstallationRow(portal_id=row.id, application_id=one.id) for one in (own, other)])
        session.flush()
        found = row.id, own.id
    operator.close()
    return found


def begun(db: Database, portal: tuple[UUID, UUID]) -> list[Check]:
    with db.session() as session:
        return handlers.begin_checks(session, *portal, every=HOUR, others_every=DAY)


def ended(db: Database, check: Check, problem: NoEvents | None) -> None:
    with db.session() as session:
        handlers.end_check(session, check, problem)


def later(db: Database, hours: float) -> None:
    with db.session() as session:
        session.execute(
            text(
                "update installation set handlers_checked_at = handlers_checked_at - make_interval(secs => :s)"
            ),
            {"s": hours * 3600},
        )


def unchecked(db: Database, portal_id: UUID) -> bool:
    with db.session() as session:
        return handlers.are_unchecked(session, portal_id)


def test_a_check_is_due_again_after_its_time(worker_db: Database, portal: tuple[UUID, UUID]) -> None:
    first = begun(worker_db, portal)
    assert [check.application_id == portal[1] for check in first] == [True, False]
    for check in first:
        ended(worker_db, check, None)
    assert begun(worker_db, portal) == []
    later(worker_db, 1.1)
    assert [check.application_id for check in begun(worker_db, portal)] == [portal[1]]
    later(worker_db, 24)
    assert len(begun(worker_db, portal)) == 2


def test_a_check_without_an_end_is_due_with_the_next_read(
    worker_db: Database, portal: tuple[UUID, UUID]
) -> None:
    assert len(begun(worker_db, portal)) == 2
    assert unchecked(worker_db, portal[0])
    checks = begun(worker_db, portal)
    assert len(checks) == 2
    for check in checks:
        ended(worker_db, check, NoEvents.REFUSED)
    assert not unchecked(worker_db, portal[0])
    assert begun(worker_db, portal) == []


def test_an_installation_during_the_check_is_checked_again(
    worker_db: Database, portal: tuple[UUID, UUID]
) -> None:
    checks = begun(worker_db, portal)
    with worker_db.session() as session:
        handlers.doubt(session, *portal)
    for check in checks:
        ended(worker_db, check, None)
    assert [check.application_id for check in begun(worker_db, portal)] == [portal[1]]
