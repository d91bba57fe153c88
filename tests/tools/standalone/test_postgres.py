"""A PostgreSQL of our own: in UTF-8, for passwords only, with a login for the product that is no superuser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from shared.db.migrate import upgrade
from tests.servers import or_skipped, server_folder
from tools.standalone.postgres import PostgresServer, database_url, postgres
from tools.standalone.serving import ServerFailed, left_behind


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder / "postgres"


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[PostgresServer]:
    with ExitStack() as stack:
        with or_skipped():
            found = stack.enter_context(postgres(home.parent, durable=False))
        yield found


def asked(url: str, query: str) -> tuple[object, ...] | None:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchone() if cursor.description else None


def test_data_stay_and_cyrillic_has_capitals(folder: Path, binaries: Path) -> None:
    with postgres(folder, durable=False, binaries=binaries) as server:
        asked(server.url(), "create table kept as select 'Ёлка Щукин'::text as word")
    with postgres(folder, durable=False, binaries=binaries) as server:
        row = asked(server.url(), "select lower(word), upper(word), word ilike '%ёЛКА щ%' from kept")
    assert row == ("ёлка щукин", "ЁЛКА ЩУКИН", True)


def test_a_database_is_in_utf_8_and_in_utc(server: PostgresServer) -> None:
    names = ("server_encoding", "timezone")
    assert [asked(server.url(), f"show {name}") for name in names] == [("UTF8",), ("UTC",)]


def test_a_password_is_needed_even_on_the_private_socket(server: PostgresServer) -> None:
    wrong = server.url().replace(server.secret, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_password_is_nowhere_to_be_read(server: PostgresServer, home: Path) -> None:
    pid = left_behind(home / "cluster" / "postmaster.pid", home)
    command = Path(f"/proc/{pid}/cmdline")
    assert server.secret not in repr(server)
    assert not command.exists() or server.secret.encode() not in command.read_bytes()
    assert (home / "password").stat().st_mode & 0o077 == 0
    assert Path(server.host).stat().st_mode & 0o077 == 0


def test_nothing_listens_on_a_port_unless_asked(server: PostgresServer) -> None:
    assert asked(server.url(), "show listen_addresses") == ("",)


def test_when_asked_it_listens_on_the_loopback_interface(data: Path) -> None:
    with postgres(data, durable=False, tcp=True) as server:
        assert asked(server.url(), "select host(inet_server_addr())") == ("127.0.0.1",)


def test_the_product_gets_a_database_of_its_own_and_is_no_superuser(server: PostgresServer) -> None:
    url = server.create("shop", "seller")
    assert server.create("shop", "seller") == url
    upgrade(url)
    row = asked(
        url, "select current_user, current_database(), rolsuper from pg_roles where rolname = current_user"
    )
    assert row == ("seller", "shop", False)


def test_an_address_that_was_given_is_the_address(folder: Path) -> None:
    with database_url("postgresql://elsewhere/crmap", folder, durable=True) as url:
        assert url == "postgresql://elsewhere/crmap"
    assert list(folder.iterdir()) == []


def test_without_an_address_the_product_gets_one(data: Path) -> None:
    with database_url(None, data, durable=False) as url:
        assert asked(url, "select current_user, current_database()") == ("crmap", "crmap")


def test_the_name_of_a_folder_may_be_long_and_in_any_letters(data: Path) -> None:
    deep = data / "очень глубокая папка" / ("x" * 60)
    deep.mkdir(parents=True)
    (data / "postgres").rename(deep / "postgres")
    with postgres(deep, durable=False) as server:
        assert asked(server.url(), "select word from kept") == ("word",)
        sockets = Path(server.host)
        assert all(len(os.fsencode(path)) < 100 for path in sockets.iterdir())
    assert not sockets.exists()


def test_a_folder_that_was_begun_and_never_finished_is_made_anew(folder: Path) -> None:
    unfinished = folder / "postgres" / "cluster.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    with or_skipped(), postgres(folder, durable=False) as server:
        assert asked(server.url(), "select 1") == (1,)


def test_a_server_that_does_not_start_says_where_to_read_why(data: Path) -> None:
    (data / "postgres" / "cluster" / "postgresql.conf").write_text("no such setting")
    with (
        pytest.raises(ServerFailed, match=r"PostgreSQL does not start; what it said is in .*server\.log"),
        postgres(data, durable=False),
    ):
        pass
