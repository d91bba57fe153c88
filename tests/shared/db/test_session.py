"""Sessions: what they say to the server, and that nobody notices when it has closed their connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from shared.db.session import Database

ONE = text("select 1")


class Wire:
    """What is sent over the connection that sessions share."""

    def __init__(self, db: Database, file: Path) -> None:
        self._written, self._read = file.open("w"), file.open()
        with db.session() as session:
            connection: Any = session.connection().connection.dbapi_connection
            connection.pgconn.trace(self._written.fileno())
        self.sent()

    def sent(self) -> list[str]:
        """The texts of the statements since this was asked last."""
        lines = [line.split("\t") for line in self._read]
        return [words[-1].split('"')[-2] for words in lines if words[3] in ("Query", "Parse")]

    def close(self) -> None:
        self._written.close()
        self._read.close()


@pytest.fixture
def wire(worker_db: Database, tmp_path: Path) -> Iterator[Wire]:
    found = Wire(worker_db, tmp_path / "wire")
    yield found
    worker_db.close()
    found.close()


def test_a_connection_used_just_now_is_not_asked_whether_it_is_alive(worker_db: Database, wire: Wire) -> None:
    with worker_db.session() as session:
        session.execute(ONE)
    assert wire.sent() == ["BEGIN", "select 1", "COMMIT"]


def test_a_statement_alone_needs_no_beginning_and_no_end(worker_db: Database, wire: Wire) -> None:
    with worker_db.session(autocommit=True) as session:
        session.execute(ONE)
    assert wire.sent() == ["select 1"]
    with worker_db.session() as session:
        session.execute(ONE)
    assert len(wire.sent()) == 3, "the next one is a transaction again"


def test_nobody_notices_that_the_server_has_closed_all_connections(worker_db: Database) -> None:
    with worker_db.session() as one, worker_db.session() as other:
        for session in (one, other):
            session.execute(ONE)
    _close_all(worker_db)
    for autocommit in (False, True):
        with worker_db.session() as one, worker_db.session(autocommit=autocommit) as other:
            assert one.execute(ONE).scalar_one() == other.execute(ONE).scalar_one()


def _close_all(db: Database) -> None:
    """Every session of the server is ended, and each has ended."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
