"""Sessions: one transaction each, in the database role of the service and limited to the rows of one tenant."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from shared.db.clock import DatabaseClock
from shared.db.sealed import Keyring


class Role(StrEnum):
    """The database role of each service. Privileges and row-level security are granted to these."""

    GATEWAY = "crmap_gateway"
    WORKER = "crmap_worker"
    CABINET = "crmap_cabinet"
    OPERATOR = "crmap_operator"


# What a session raises when the database is away or refuses for now. None of its work is done then, unless
# only the answer to the commit was lost.
DATABASE_TROUBLE = (OperationalError, InterfaceError, PoolTimeout)

# How long one statement may take before the database cancels it, in milliseconds: people wait for the first two.
_STATEMENT_MS = {Role.GATEWAY: 2_000, Role.CABINET: 5_000, Role.WORKER: 60_000, Role.OPERATOR: 60_000}

# Otherwise each statement would see what has been stored by then, and a page would mix two states of a portal.
_OF_ONE_MOMENT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# What lies between may forget a connection that is idle for longer, and tell neither end.
_IDLE_S = 30.0


class Database:
    """A service's access to the database. It connects with the first session.

    ``patience_s``: for a connection and for each statement, where it is not what the role has otherwise.
    """

    def __init__(
        self, url: str, role: Role, keyring: Keyring, *, pool_size: int = 5, patience_s: int | None = None
    ) -> None:
        self.keyring = keyring
        self.role = role
        self.clock = DatabaseClock()
        self.engine = _engine(url, role, pool_size, patience_s)
        self._autocommitting = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def session(
        self,
        *,
        cabinet: UUID | None = None,
        portal: UUID | None = None,
        person: UUID | None = None,
        read_only: bool = False,
        autocommit: bool = False,
    ) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back when the block raises.

        The cabinet's role sees only rows of ``cabinet``, of ``portal`` (a frame) and of ``person``; without
        any of them it sees almost no rows. ``read_only``: nothing can be changed, and all statements see
        what was stored when the first began. ``autocommit``: each statement is a transaction of its own, which saves
        beginning and ending one.
        """
        engine = self._autocommitting if autocommit else self.engine
        with Session(engine, expire_on_commit=False) as session, session.begin():
            if read_only:
                session.connection(execution_options=_OF_ONE_MOMENT)
            tenant = {"cabinet": cabinet, "portal": portal, "person": person}
            settings = {name: str(value) for name, value in tenant.items() if value is not None}
            if settings:
                columns = ", ".join(f"set_config('app.{name}', :{name}, true)" for name in settings)
                session.execute(text(f"select {columns}"), settings)
            yield session

    def ping(self) -> None:
        """Raises DATABASE_TROUBLE when the database does not answer. It has told the time of its clock."""
        with self.session(autocommit=True) as session:
            self.clock.ask(session)

    def now(self) -> datetime:
        """The time by the database's clock, which is asked once a minute. Raises DATABASE_TROUBLE.

        Within a session ``portals.now`` costs less: this may take a connection of its own.
        """
        moment = self.clock.now()
        if moment is None:
            with self.session(autocommit=True) as session:
                moment = self.clock.ask(session)
        return moment

    def close(self) -> None:
        """All connections are closed."""
        self.engine.dispose()


def _engine(url: str, role: Role, pool_size: int, patience_s: int | None) -> Engine:
    statement_ms = _STATEMENT_MS[role] if patience_s is None else 1000 * patience_s
    engine = create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=5,
        # The connection used last is the one that is surely alive, and it knows the statements.
        pool_use_lifo=True,
        pool_recycle=1800,
        pool_timeout=2,
        # Errors would otherwise quote the values of statements: e-mail addresses, and sealed tokens.
        hide_parameters=True,
        connect_args={"connect_timeout": patience_s or 2},
    )

    @event.listens_for(engine, "connect")
    def take_role(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"set role {role}")
            cursor.execute(f"set statement_timeout = {statement_ms}")
            cursor.execute("set idle_in_transaction_session_timeout = '15s'")
            # Row-level security makes statements look expensive, and compiling one takes longer than running it.
            cursor.execute("set jit = off")
        connection.commit()

    @event.listens_for(engine, "checkin")
    def note_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def make_sure(connection: Any, record: Any, _proxy: object) -> None:
        if not _may_be_dead(connection, record.info.get("used_at")):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return engine


def _may_be_dead(connection: Any, used_at: float | None) -> bool:
    """True for a connection to ask before it is used: its server has said something unasked, or it was idle for long.

    A server that ends says so, which a look at the socket shows. So most connections need no question, which would
    cost as much as many a statement.
    """
    if connection.closed or (used_at is not None and time.monotonic() - used_at > _IDLE_S):
        return True
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))


def driver_url(url: str) -> str:
    """The URL with our driver, which operators rarely write."""
    head, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if head in ("postgres", "postgresql") else url
