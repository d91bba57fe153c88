"""What the database role of each service may do, whatever the code of the service tries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from shared.db.metadata import METADATA
from shared.db.session import Role, driver_url
from tests.servers import Databases

TABLES = [table.name for table in METADATA.sorted_tables]
SERVICES = [Role.GATEWAY, Role.WORKER, Role.CABINET]
WRITING = ("INSERT", "UPDATE", "DELETE")
# Who alone writes what (docs/decisions/0006): for everybody else it is read only, or not there at all.
WRITTEN_BY = {
    "person": {Role.CABINET},
    "session": {Role.CABINET},
    "cabinet": {Role.CABINET},
    "membership": {Role.CABINET},
    "api_token": {Role.CABINET},
    "account_group": {Role.CABINET},
    "account_group_account": {Role.CABINET},
    # The worker only writes down that a secret was accepted.
    "application": {Role.CABINET, Role.WORKER},
    "installation": {Role.GATEWAY, Role.WORKER},
    "chain": {Role.GATEWAY, Role.WORKER},
    "visit": {Role.GATEWAY},
    "inbox": {Role.GATEWAY, Role.WORKER},
    "snapshot": {Role.WORKER},
    "snapshot_part": {Role.WORKER},
    "part": {Role.WORKER},
    "coverage": {Role.WORKER},
    "change": {Role.WORKER},
    "search_block": {Role.WORKER},
}
_GROUPS = {"account_group", "account_group_account"}
HIDDEN_FROM = {
    Role.GATEWAY: {"part", "snapshot_part", "change", "search_block", "session", "api_token", *_GROUPS},
    Role.WORKER: {"person", "session", "membership", "api_token", "link_token", "visit", *_GROUPS},
    Role.CABINET: {"chain", "installation", "inbox", "visit"},
}


@pytest.fixture(scope="module")
def connection(postgres_server: Databases) -> Iterator[Connection]:
    url = postgres_server.fresh()
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    postgres_server.drop(url)


def may(connection: Connection, role: Role, right: str, table: str) -> bool:
    """True where the role has the right, to the table or to some of its columns."""
    if right == "DELETE":
        query = "select has_table_privilege(:role, :table, :right)"
    else:
        query = "select has_any_column_privilege(:role, :table, :right)"
    return bool(connection.execute(text(query), {"role": role, "table": table, "right": right}).scalar_one())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_written_by_its_services_only(connection: Connection, table: str) -> None:
    writers = {role for role in SERVICES if any(may(connection, role, right, table) for right in WRITING)}
    assert writers <= WRITTEN_BY.get(table, set(SERVICES))


@pytest.mark.parametrize("role", SERVICES)
def test_a_service_does_not_see_what_it_does_not_need(connection: Connection, role: Role) -> None:
    seen = {table for table in TABLES if may(connection, role, "SELECT", table)}
    assert seen == set(TABLES) - HIDDEN_FROM[role]


def test_the_gateway_knows_people_without_their_passwords(connection: Connection) -> None:
    query = text("select has_column_privilege('crmap_gateway', 'person', 'password_hash', 'SELECT')")
    assert connection.execute(query).scalar_one() is False


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_what_was_written_down_is_changed_by_nobody(connection: Connection, role: Role, right: str) -> None:
    query = text("select has_table_privilege(:role, 'audit', :right)")
    assert connection.execute(query, {"role": role, "right": right}).scalar_one() is False
    assert may(connection, role, "INSERT", "audit")


@pytest.mark.parametrize("role", list(Role))
def test_a_service_is_no_owner_and_above_no_rule(connection: Connection, role: Role) -> None:
    query = text(
        "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication,"
        " has_schema_privilege(rolname, 'public', 'CREATE'),"
        " exists (select 1 from pg_class where relowner = r.oid),"
        " exists (select 1 from pg_auth_members where member = r.oid)"
        " from pg_roles r where rolname = :role"
    )
    assert connection.execute(query, {"role": role}).one() == (False, False, False, False)


@pytest.mark.parametrize(
    ("role", "functions"), [(Role.GATEWAY, ["erase_portal"]), (Role.WORKER, []), ("public", [])]
)
def test_only_the_cabinet_asks_who_knocks(connection: Connection, role: str, functions: list[str]) -> None:
    """Nobody else can find a person's password hash by his address; the gateway may erase a portal, and no more."""
    query = text(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and has_function_privilege(:role, oid, 'EXECUTE')"
    )
    assert connection.execute(query, {"role": role}).scalars().all() == functions


def test_the_cabinet_erases_no_portal(connection: Connection) -> None:
    query = text("select has_function_privilege('crmap_cabinet', 'erase_portal(uuid)', 'EXECUTE')")
    assert connection.execute(query).scalar_one() is False
