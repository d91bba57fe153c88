"""Events as they came in: once, without secrets in sight, and worked off one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from shared.db import inbox
from shared.db.inbox import MOST_ATTEMPTS, Incoming, Waiting
from shared.db.sealed import Keyring
from shared.db.session import Database

MEMBER = "a" * 32
TOKENS = {"access_token": "AT-1", "refresh_token": "RT-1"}


def incoming(number: int = 1, **changed: Any) -> Incoming:
    values: dict[str, Any] = {
        "dedupe": number.to_bytes(32),
        "event": "ONAPPINSTALL",
        "member_id": MEMBER,
        "body": {"version": "1"},
        "secrets": TOKENS,
        **changed,
    }
    return Incoming(**values)


def store(db: Database, event: Incoming) -> int | None:
    with db.session() as session:
        return inbox.store(session, db.keyring, event)


def claim(db: Database) -> Waiting | None:
    with db.session() as session:
        return inbox.claim(session, db.keyring)


def claimed(db: Database) -> Waiting:
    found = claim(db)
    assert found is not None
    return found


def rows(db: Database, query: str) -> list[Any]:
    with db.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_an_event_is_stored_once_in_two_days(gateway_db: Database) -> None:
    assert store(gateway_db, incoming()) is not None
    assert store(gateway_db, incoming()) is None
    assert store(gateway_db, incoming(2)) is not None
    rows_changed = "update inbox set received_on = received_on - {}"
    with gateway_db.session() as session:
        session.execute(text(rows_changed.format(1)))
    assert store(gateway_db, incoming()) is None
    with gateway_db.session() as session:
        session.execute(text(rows_changed.format(1)))
    assert store(gateway_db, incoming()) is not None


def test_copies_at_once_are_one_row(gateway_db: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda _: store(gateway_db, incoming()), range(24)))
    assert len([number for number in stored if number is not None]) == 1


def test_secrets_are_sealed_and_gone_with_the_verdict(gateway_db: Database, worker_db: Database) -> None:
    store(gateway_db, incoming())
    assert "AT-1" not in repr(rows(worker_db, "select * from inbox"))
    waiting = claimed(worker_db)
    assert waiting.secrets == TOKENS
    assert "AT-1" not in repr(waiting) + repr(incoming())
    with worker_db.session() as session:
        inbox.settle(session, waiting, "done")
    assert rows(worker_db, "select verdict, secrets, handled_at is not null from inbox") == [
        ("done", None, True)
    ]


def test_secrets_that_open_nowhere_hold_nobody_up(gateway_db: Database, worker_db: Database) -> None:
    store(gateway_db, incoming(1))
    store(gateway_db, incoming(2, secrets={"access_token": "AT-2"}))
    with gateway_db.session() as session:
        # Sealed for one row, they do not open in another.
        session.execute(text("update inbox set secrets_id = gen_random_uuid()"))
    assert claimed(worker_db).secrets == {}
    assert claimed(worker_db).secrets == {}


def test_an_event_that_needs_no_verification_is_never_claimed(
    gateway_db: Database, worker_db: Database
) -> None:
    for number, verdict in enumerate(("done", "ignored", "late", "rejected")):
        store(gateway_db, incoming(number, verdict=verdict, secrets={}))
    assert claim(worker_db) is None
    assert rows(worker_db, "select count(*) from inbox where handled_at is null") == [(0,)]


def test_the_oldest_event_is_verified_first_and_by_one_worker(
    gateway_db: Database, worker_db: Database
) -> None:
    for number in range(3):
        store(gateway_db, incoming(number, body={"number": number}))
    first, second = claimed(worker_db), claimed(worker_db)
    assert [first.body["number"], second.body["number"]] == [0, 1]
    with worker_db.session() as session:
        assert inbox.due_events(session, most=9) == [incoming().event]


def test_an_event_whose_worker_died_is_claimed_again(gateway_db: Database, worker_db: Database) -> None:
    store(gateway_db, incoming())
    first = claimed(worker_db)
    assert claim(worker_db) is None
    with worker_db.session() as session:
        session.execute(text("update inbox set lease_until = now() - interval '1 s'"))
    again = claimed(worker_db)
    assert (again.id, again.attempts) == (first.id, first.attempts + 1)
    assert again.attempts < MOST_ATTEMPTS


def test_an_event_that_is_put_off_waits_its_time(gateway_db: Database, worker_db: Database) -> None:
    store(gateway_db, incoming())
    waiting = claimed(worker_db)
    with worker_db.session() as session:
        inbox.put_off(session, waiting, after=timedelta(minutes=5))
    assert claim(worker_db) is None
    with worker_db.session() as session:
        session.execute(text("update inbox set try_after = now()"))
    assert claimed(worker_db).secrets == TOKENS


def test_handled_events_are_dropped_after_their_time_and_waiting_ones_are_not(
    gateway_db: Database, worker_db: Database
) -> None:
    store(gateway_db, incoming(1))
    store(gateway_db, incoming(2, verdict="done"))
    with worker_db.session() as session:
        assert inbox.drop_old(session, older_than=timedelta(days=30)) == 0
        session.execute(text("update inbox set received_at = received_at - interval '31 days'"))
        assert inbox.drop_old(session, older_than=timedelta(days=30)) == 1
    assert rows(worker_db, "select verdict from inbox") == [("new",)]


def test_secrets_can_be_opened_after_a_change_of_keys(
    gateway_db: Database, worker_db: Database, keyring: Keyring
) -> None:
    store(gateway_db, incoming())
    worker_db.keyring = Keyring(["a new first key for everything", "a key of the tests and of nobody else"])
    assert claimed(worker_db).secrets == TOKENS
    assert not keyring.is_current(b"\0" * 20)
