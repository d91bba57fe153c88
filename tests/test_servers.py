"""Databases of tests: what one test left is not there for the next."""

from __future__ import annotations

from contextlib import ExitStack, closing

import psycopg
import pytest

from tests.servers import Databases

_ROW = "insert into audit (actor, action) values ('a test', 'test.left') returning id"


def left(databases: Databases, statement: str) -> str:
    """The address of the database in which a test has said this, and stayed connected."""
    with ExitStack() as stack:
        with databases.lent() as url:
            connection = stack.enter_context(closing(psycopg.connect(url, autocommit=True)))
            connection.execute(statement)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    return url


def test_rows_and_connections_do_not_stay(postgres_server: Databases) -> None:
    url = left(postgres_server, _ROW)
    with postgres_server.lent() as again, psycopg.connect(again) as connection:
        assert again == url
        assert connection.execute("select count(*) from audit").fetchone() == (0,)
        assert connection.execute(_ROW).fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "create table another (id integer)",
        "drop table search_block",
        "alter table audit add column more integer",
        "alter table audit alter column actor drop not null",
        "grant delete on audit to crmap_gateway",
        "alter table audit disable row level security",
        "update alembic_version set version_num = '0001'",
    ],
)
def test_a_database_whose_schema_was_changed_is_not_lent_again(
    postgres_server: Databases, statement: str
) -> None:
    url = left(postgres_server, statement)
    with postgres_server.lent() as another:
        assert another != url
