"""A search over many accounts: in the order of their titles, and no further than it has to look."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest

from shared.db import people, recording, searching
from shared.db.session import Database
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from tests.builders import a_snapshot, a_stage
from tests.plans import stated

Found = Callable[[str], list[tuple[str, str | None]]]
MANY = 150


@pytest.fixture
def cabinet_id(cabinet_db: Database) -> UUID:
    person_id, cabinet_id = uuid4(), uuid4()
    with cabinet_db.session(cabinet=cabinet_id, person=person_id) as session:
        people.add(
            session, person_id=person_id, cabinet_id=cabinet_id, email="anna@example.com", password_hash=None
        )
    return cabinet_id


@pytest.fixture
def found(cabinet_db: Database, cabinet_id: UUID) -> Found:
    """The title of the account and the name of each item that a search finds."""

    def of(words: str) -> list[tuple[str, str | None]]:
        with cabinet_db.session(cabinet=cabinet_id) as session:
            return [(one.account, one.label) for one in searching.find(session, cabinet_id, words)]

    return of


def an_account(db: Database, cabinet_id: UUID, title: str, stages: Sequence[str]) -> None:
    """An account of a portal with these stages was read."""
    portal = PortalRow(
        kind=PortalKind.APP, member_id=uuid4().hex, domain="a.example", state=PortalState.ACTIVE
    )
    rows = tuple(
        a_stage(id=number, status_id=f"S{number}", name=name) for number, name in enumerate(stages, 900)
    )
    with db.session() as session:
        session.add(portal)
        session.flush()
        session.add(AccountRow(cabinet_id=cabinet_id, portal_id=portal.id, title=title))
        recording.record(session, portal.id, a_snapshot(stages=rows))


def test_of_very_many_accounts_each_is_found_in_its_place(
    worker_db: Database, cabinet_id: UUID, found: Found
) -> None:
    titles = [f"Счет {number:03}" for number in range(MANY)]
    for title in random.Random(7).sample(titles, MANY):
        an_account(worker_db, cabinet_id, title, ["Приемка", f"Отгрузка {title[-3:]}"])
    assert found("отгрузка") == [(title, f"Отгрузка {title[-3:]}") for title in titles]
    assert found("приемка отгрузка") == []
    assert found("ОТГРУЗКА 149") == [("Счет 149", "Отгрузка 149")]


def test_a_search_that_has_enough_looks_no_further(
    worker_db: Database, cabinet_db: Database, cabinet_id: UUID, found: Found
) -> None:
    for number in range(searching.MOST_FOUND // 10):
        an_account(worker_db, cabinet_id, f"Счет {number:03}", [f"Приемка {row}" for row in range(15)])
    an_account(worker_db, cabinet_id, "Я", ["Неприметное"])
    with stated(cabinet_db.engine) as statements:
        assert len(found("приемка")) == searching.MOST_FOUND
        assert sum("search_block" in statement for statement, _ in statements) == 1
        assert found("неприметное") == [("Я", "Неприметное")]
        assert sum("search_block" in statement for statement, _ in statements) == 3
