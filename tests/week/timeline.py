"""The time of a simulated week, and a database that believes in it, so that our own statements live through it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import event, make_url
from sqlalchemy.engine import Connection

from shared.db.session import Database

Action = Callable[[], None]

# ``now()`` of a statement is found here first. Defaults of columns were bound to the real clock when they were made.
_MOVED = """
create schema moved;
create function moved.now() returns timestamptz language sql stable
  as $$ select current_setting('moved.at')::timestamptz $$;
create function moved.clock_timestamp() returns timestamptz language sql stable
  as $$ select current_setting('moved.at')::timestamptz $$;
grant usage on schema moved to public;
"""
_WITH_THE_REAL_CLOCK = (
    "select table_name, column_name from information_schema.columns"
    " where table_schema = 'public' and column_default = 'now()'"
)


class Timeline:
    """What is to happen happens in its order, and no time passes in between."""

    def __init__(self, begin: datetime) -> None:
        self.begin = self.now = begin
        self._plans: list[tuple[datetime, int, Action]] = []
        self._count = itertools.count()

    def seconds(self) -> float:
        """The seconds since some moment, as a monotonic clock tells them."""
        return (self.now - self.begin).total_seconds()

    def at(self, moment: datetime, action: Action) -> None:
        heapq.heappush(self._plans, (max(moment, self.now), next(self._count), action))

    def after(self, seconds: float, action: Action) -> None:
        self.at(self.now + timedelta(seconds=seconds), action)

    def every(self, seconds: float, action: Action) -> None:
        def again() -> None:
            action()
            self.after(seconds, again)

        self.after(seconds, again)

    def run(self, until: datetime) -> None:
        while self._plans and self._plans[0][0] <= until:
            self.now, _, action = heapq.heappop(self._plans)
            action()
        self.now = until

    def rule(self, db: Database) -> None:
        """Every transaction of ``db`` begins and ends at the moment that is now."""

        @event.listens_for(db.engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.info.get("at") != self.now:
                connection.exec_driver_sql(
                    "select set_config('moved.at', %s, false)", (self.now.isoformat(),)
                )
                connection.info["at"] = self.now

        @event.listens_for(db.engine, "rollback")
        def forget(connection: Connection) -> None:
            connection.info.pop("at", None)


def believe_in_a_timeline(url: str) -> None:
    """The database at this address takes its time from a timeline from now on. Needs its owner's rights."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_MOVED)
        name = psycopg.sql.Identifier(str(make_url(url).database))
        path = psycopg.sql.SQL("alter database {} set search_path = moved, pg_catalog, public")
        connection.execute(path.format(name))
        rows: list[Any] = connection.execute(_WITH_THE_REAL_CLOCK).fetchall()
        for names in rows:
            table, column = (psycopg.sql.Identifier(name) for name in names)
            default = psycopg.sql.SQL("alter table {} alter column {} set default moved.now()")
            connection.execute(default.format(table, column))
