"""Row-level security without any help of a query: what exists in the cabinet's role, for every table there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Column, Connection, Table, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from shared.db import searching
from shared.db.metadata import METADATA
from shared.db.sealed import Keyring
from shared.db.session import Database, Role, driver_url
from tests.conftest import KEY
from tests.servers import Databases
from tests.shared.db.rows import Row, Rows, a_row, app_portal, fill

TABLES = {table.name: table for table in METADATA.sorted_tables}
# Counters of tries: asked before anybody is known, and about nobody's portal.
WITHOUT_TENANT = {"attempt"}
# Tables the cabinet's role has no business with at all.
OUT_OF_BOUNDS = {"chain", "inbox", "installation", "visit"}
OF_A_PORTAL = {"portal", "job", "snapshot", "snapshot_part", "part", "coverage", "change", "search_block"}
OF_A_PERSON = {"person", "session", "cabinet", "membership"}
READABLE = sorted(TABLES.keys() - OUT_OF_BOUNDS - WITHOUT_TENANT)
TENANTS = sorted(TABLES.keys() - WITHOUT_TENANT)
# Pointing at somebody else's row with one's own is no way to see it, except where a cabinet takes a person in.
MAY_POINT_ELSEWHERE = {("membership", "person_id"), ("api_token", "person_id"), ("audit", "portal_id")}


@dataclass(frozen=True)
class Town:
    """Two cabinets with a row in every table each, and a portal with our application that both of them see."""

    db: Database
    own: Rows
    foreign: Rows
    shared: Rows


@pytest.fixture(scope="module")
def town(postgres_server: Databases) -> Iterator[Town]:
    url = postgres_server.fresh()
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        own, foreign, shared = fill(connection), fill(connection), fill(connection, portal=app_portal())
        for tenant in (own, foreign):
            portal_id = shared["portal"]["id"]
            connection.execute(adding(TABLES["link"], a_row(TABLES["link"], tenant, portal_id=portal_id)))
    engine.dispose()
    db = Database(url, Role.CABINET, Keyring([KEY]), pool_size=1)
    yield Town(db, own, foreign, shared)
    db.close()
    postgres_server.drop(url)


@contextmanager
def acting(town: Town, **tenant: UUID | str) -> Iterator[Connection]:
    """A transaction of the cabinet's role for this tenant; nothing of it stays."""
    with town.db.engine.connect() as connection:
        for name, value in tenant.items():
            setting = {"name": f"app.{name}", "value": str(value)}
            connection.execute(text("select set_config(:name, :value, true)"), setting)
        yield connection
        connection.rollback()


@contextmanager
def as_own_cabinet(town: Town) -> Iterator[Connection]:
    with acting(town, cabinet=town.own["cabinet"]["id"], person=town.own["person"]["id"]) as connection:
        yield connection


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def keys(connection: Connection, table: Table) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(select(*table.primary_key))}


def is_row(table: Table, row: Row) -> Any:
    condition = text("true")
    for column in table.primary_key:
        condition = condition & (column == row[column.name])
    return condition


def changes(connection: Connection, statement: Any) -> int:
    """How many rows a statement changes: none where it is not allowed at all."""
    try:
        with connection.begin_nested():
            options = {"preserve_rowcount": True}
            return int(connection.execute(statement, execution_options=options).rowcount)
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        return 0


def any_column(table: Table) -> Column[Any]:
    """A column to write to, rather not one of the key."""
    return next((column for column in table.columns if not column.primary_key), next(iter(table.columns)))


def adding(table: Table, row: Row) -> Any:
    # Inline: to be told the new row's id, one would need the right to see it.
    return insert(table).inline().values(row)


def test_every_table_has_policies(town: Town) -> None:
    """A new table without a line in the migration is found here."""
    query = text(
        "select relname from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace"
    )
    with town.db.engine.connect() as connection:
        assert set(connection.execute(query).scalars()) == TABLES.keys() - WITHOUT_TENANT
        policies = connection.execute(
            text("select tablename from pg_policies where 'crmap_cabinet' = any(roles) and cmd = 'SELECT'")
        )
        assert set(policies.scalars()) == TABLES.keys() - WITHOUT_TENANT


@pytest.mark.parametrize("name", READABLE)
def test_a_cabinet_sees_its_own_rows_and_no_others(town: Town, name: str) -> None:
    table = TABLES[name]
    with as_own_cabinet(town) as connection:
        seen = keys(connection, table)
    assert key_of(table, town.own[name]) in seen
    assert key_of(table, town.foreign[name]) not in seen
    assert (key_of(table, town.shared[name]) in seen) == (name in OF_A_PORTAL)


@pytest.mark.parametrize("name", sorted(OUT_OF_BOUNDS))
def test_a_cabinet_may_not_even_look_at_tokens_and_events(town: Town, name: str) -> None:
    with as_own_cabinet(town) as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(select(TABLES[name]))


@pytest.mark.parametrize("name", TENANTS)
def test_no_row_of_another_cabinet_can_be_changed_or_removed(town: Town, name: str) -> None:
    table = TABLES[name]
    columns = [column for column in table.columns if not column.primary_key] or list(table.columns)
    with as_own_cabinet(town) as connection:
        for tenant in (town.foreign, town.shared):
            if tenant is town.shared and name == "job":
                continue
            row = is_row(table, tenant[name])
            for column in columns:
                assert changes(connection, update(table).where(row).values({column: column})) == 0
            assert changes(connection, delete(table).where(row)) == 0


@pytest.mark.parametrize("name", TENANTS)
def test_no_row_can_be_added_to_another_cabinet(town: Town, name: str) -> None:
    table = TABLES[name]
    with as_own_cabinet(town) as connection:
        assert changes(connection, adding(table, a_row(table, town.foreign))) == 0


def pointers() -> list[tuple[str, str]]:
    """Every column that leads from one tenant's row to another row."""
    known = {"portal_id", "cabinet_id", "person_id", "group_id", "link_id", "application_id"}
    return [
        (name, column.name) for name in TENANTS for column in TABLES[name].columns if column.name in known
    ]


@pytest.mark.parametrize(("name", "column"), pointers())
def test_no_row_of_ones_own_can_lead_into_another_cabinet(town: Town, name: str, column: str) -> None:
    table = TABLES[name]
    elsewhere = {column: town.foreign[name][column]}
    with as_own_cabinet(town) as connection:
        moved = changes(connection, update(table).where(is_row(table, town.own[name])).values(elsewhere))
    with as_own_cabinet(town) as connection:
        added = changes(connection, adding(table, a_row(table, town.own, **elsewhere)))
    assert (added, moved) == (0, 0) or (name, column) in MAY_POINT_ELSEWHERE


@pytest.mark.parametrize("column", sorted({column for name, column in pointers() if name == "link"}))
def test_a_cabinet_does_not_let_itself_into_a_portal_with_our_application(town: Town, column: str) -> None:
    """Not even into one it sees: who sees it is for the portal to say."""
    table = TABLES["link"]
    with as_own_cabinet(town) as connection:
        connection.execute(delete(table).where(table.c.portal_id == town.shared["portal"]["id"]))
        row = a_row(table, town.own, **{column: town.shared["link"][column]})
        assert changes(connection, adding(table, row)) == 0


def test_a_cabinet_may_leave_a_portal_it_shares_and_rename_it_for_itself(town: Town) -> None:
    table = TABLES["link"]
    shared = table.c.portal_id == town.shared["portal"]["id"]
    with as_own_cabinet(town) as connection:
        assert changes(connection, update(table).where(shared).values(title="ours")) == 1
        assert changes(connection, delete(table).where(shared)) == 1
        assert key_of(TABLES["portal"], town.shared["portal"]) not in keys(connection, TABLES["portal"])


def test_a_cabinet_works_with_what_is_its_own(town: Town) -> None:
    """The walls above stand where they should, and not across every way."""
    with as_own_cabinet(town) as connection:
        for name in ("api_token", "application", "portal", "account_group", "audit"):
            assert changes(connection, adding(TABLES[name], a_row(TABLES[name], town.own))) == 1
        for name in ("person", "cabinet", "portal", "job", "link_token"):
            table = TABLES[name]
            column = any_column(table)
            own = is_row(table, town.own[name])
            assert changes(connection, update(table).where(own).values({column: column})) == 1
        assert (
            changes(connection, delete(TABLES["portal"]).where(is_row(TABLES["portal"], town.own["portal"])))
            == 1
        )


def test_one_member_cannot_change_another(town: Town) -> None:
    """They see each other's names in the cabinet they share, and that is all."""
    person, membership = TABLES["person"], TABLES["membership"]
    other = town.foreign["person"]
    with as_own_cabinet(town) as connection:
        connection.execute(adding(membership, a_row(membership, town.own, person_id=other["id"])))
        assert key_of(person, other) in keys(connection, person)
        assert changes(connection, update(person).where(is_row(person, other)).values(password_hash="x")) == 0
        assert changes(connection, delete(person).where(is_row(person, other))) == 0


@pytest.mark.parametrize("name", READABLE)
def test_a_page_inside_a_portal_sees_that_portal_alone(town: Town, name: str) -> None:
    table = TABLES[name]
    with acting(town, portal=town.shared["portal"]["id"]) as connection:
        seen = keys(connection, table)
    assert seen == ({key_of(table, town.shared[name])} if name in OF_A_PORTAL else set())


@pytest.mark.parametrize("name", sorted(TABLES.keys() - WITHOUT_TENANT - {"job"}))
def test_a_page_inside_a_portal_writes_nothing_but_its_wish_for_a_read(town: Town, name: str) -> None:
    table = TABLES[name]
    column = any_column(table)
    with acting(town, portal=town.shared["portal"]["id"]) as connection:
        assert changes(connection, adding(table, a_row(table, town.shared))) == 0
        assert changes(connection, update(table).values({column: column})) == 0
        assert changes(connection, delete(table)) == 0


@pytest.mark.parametrize("name", READABLE)
def test_somebody_signed_in_sees_himself_and_his_cabinets(town: Town, name: str) -> None:
    with acting(town, person=town.own["person"]["id"]) as connection:
        seen = keys(connection, TABLES[name])
    assert seen == ({key_of(TABLES[name], town.own[name])} if name in OF_A_PERSON else set())


def test_nobody_lets_himself_into_a_cabinet(town: Town) -> None:
    table = TABLES["membership"]
    row = {
        "cabinet_id": town.foreign["cabinet"]["id"],
        "person_id": town.own["person"]["id"],
        "role": "owner",
    }
    with acting(town, person=town.own["person"]["id"]) as connection:
        assert changes(connection, adding(table, row)) == 0


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize(
    "tenant",
    [{}, {"cabinet": ""}, {"cabinet": "", "portal": "", "person": ""}],
    ids=["none", "empty", "all empty"],
)
def test_without_a_tenant_nothing_exists(town: Town, name: str, tenant: dict[str, str]) -> None:
    with acting(town, **tenant) as connection:
        assert keys(connection, TABLES[name]) == set()
        assert changes(connection, delete(TABLES[name])) == 0


def test_a_tenant_is_forgotten_with_its_transaction(town: Town) -> None:
    """The pool has one connection, so the second session comes after the first on the very same."""
    with town.db.session(cabinet=town.own["cabinet"]["id"]) as session:
        backend = session.execute(text("select pg_backend_pid()")).scalar_one()
        assert keys(session.connection(), TABLES["link"]) != set()
    with town.db.session() as session:
        assert session.execute(text("select pg_backend_pid()")).scalar_one() == backend
        for name in READABLE:
            assert keys(session.connection(), TABLES[name]) == set()


def test_what_is_no_id_shows_nothing_either(town: Town) -> None:
    with acting(town, cabinet="' or true --") as connection, pytest.raises(Exception, match="uuid"):
        keys(connection, TABLES["link"])


def test_a_search_in_the_name_of_another_cabinet_finds_nothing(town: Town) -> None:
    with town.db.session(cabinet=town.own["cabinet"]["id"]) as session:
        for rows in (town.foreign, town.shared):
            words = rows["search_block"]["folded"]
            assert searching.find(session, town.foreign["cabinet"]["id"], words) == []


def test_a_table_of_a_visitor_is_not_taken_for_ours(town: Town) -> None:
    """Functions with more rights than their caller look at our tables, whatever he has put in their place."""
    with acting(town) as connection:
        connection.execute(text("create temporary table person (id uuid, email text, password_hash text)"))
        connection.execute(
            text("insert into pg_temp.person values (gen_random_uuid(), 'a@example.com', 'known')")
        )
        found = connection.execute(text("select * from person_signing_in('a@example.com')")).all()
    assert found == []


def test_a_cabinet_is_told_how_often_its_own_applications_are_installed_and_nobody_elses(town: Town) -> None:
    query = text("select application_id from installations_of_own_applications()")
    with as_own_cabinet(town) as connection:
        assert connection.execute(query).scalars().all() == [town.own["application"]["id"]]
    for tenant in ({}, {"cabinet": ""}, {"portal": town.own["portal"]["id"]}):
        with acting(town, **tenant) as connection:
            assert connection.execute(query).all() == []


def test_whoever_sees_a_portal_is_told_whether_it_sends_events_and_nobody_else(town: Town) -> None:
    query = text("select count(*) from handlers_of(:portal)")

    def told(of: Rows, **tenant: UUID) -> int:
        with acting(town, **tenant) as connection:
            return int(connection.execute(query, {"portal": of["portal"]["id"]}).scalar_one())

    own, shared = town.own["cabinet"]["id"], town.shared["portal"]["id"]
    assert [told(of, cabinet=own) for of in (town.own, town.shared, town.foreign)] == [1, 1, 0]
    assert [told(of, portal=shared) for of in (town.own, town.shared, town.foreign)] == [0, 1, 0]
    assert told(town.own) == 0
