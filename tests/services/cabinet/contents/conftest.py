"""Accounts that were read, as pages find them in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from services.cabinet.base.words import Words
from services.cabinet.contents.reading import Contents, contents
from shared.db import accounts, recording
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow
from shared.domain.snapshot import Snapshot
from tests.builders import READ_AT
from tests.services.cabinet.conftest import Tenant

IN_RUSSIAN = Words("ru", UTC, READ_AT + timedelta(hours=2))
IN_ENGLISH = Words("en", UTC, READ_AT + timedelta(hours=2))


@pytest.fixture
def portal_id(ours: Tenant, database_url: str, keyring: Keyring) -> Iterator[UUID]:
    """A portal of our cabinet that was never read."""
    operator = Database(database_url, Role.OPERATOR, keyring)
    with operator.session() as session:
        account_id, _ = accounts.connect_webhook(
            session, keyring, ours.cabinet_id, url="https://new.example/rest/1/c0de/", host="new.example"
        )
        found = session.get_one(AccountRow, account_id).portal_id
    yield found
    operator.close()


@pytest.fixture
def read(portal_id: UUID, worker_db: Database) -> Callable[[Snapshot], None]:
    """The portal is read with this outcome."""

    def recorded(snapshot: Snapshot) -> None:
        with worker_db.session() as session:
            recording.record(session, portal_id, snapshot)

    return recorded


@pytest.fixture
def session(ours: Tenant, cabinet_db: Database) -> Iterator[Session]:
    with ExitStack() as stack:
        yield stack.enter_context(cabinet_db.session(cabinet=ours.cabinet_id))


@pytest.fixture
def known(read: Callable[[Snapshot], None], portal_id: UUID, session: Session) -> Callable[..., Contents]:
    """What pages know of the portal after it was read like this, one read after the other."""

    def after(*snapshots: Snapshot, number: int | None = None) -> Contents:
        for snapshot in snapshots:
            read(snapshot)
        found = contents(session, portal_id, number=number)
        assert found is not None
        return found

    return after
