"""``crmap backup`` and ``crmap restore``: what comes back is what was there, and what cannot be is one sentence."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import create_engine, inspect, make_url
from sqlmodel import col, select

from services.cabinet.app import create_app
from shared.db.migrate import is_current, upgrade
from shared.db.sealed import Keyring
from shared.db.session import Database, Role, driver_url
from shared.db.tables.portals import PortalRow
from shared.settings import Settings
from tests.conftest import KEY
from tests.machine_room import COMMAND
from tests.servers import Databases
from tests.services.cabinet.conftest import WEBHOOK_CODE, Tenant, a_tenant
from tools.cli.main import run
from tools.cli.postgres_clients import find_client, run_client
from tools.cli.whole_database import WholeDatabase

Into = Callable[[str], None]


@pytest.fixture(autouse=True)
def into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker_url: str) -> Into:
    """In an empty folder, with the settings of this test; called, it names the database of the next command."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"BROKER_URL": broker_url, "SECRET_KEYS": KEY}.items():
        monkeypatch.setenv(f"CRMAP_{name}", value)
    return lambda url: monkeypatch.setenv("CRMAP_DATABASE_URL", url)


@pytest.fixture
def empty_url(postgres_server: Databases) -> Iterator[str]:
    url = postgres_server.empty()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def others_url(postgres_server: Databases) -> Iterator[str]:
    """An empty database of a login that made nothing in the backup and is no superuser."""
    login, password = f"owner_{uuid4().hex[:8]}", "a password of this test"
    url = postgres_server.empty()
    name = sql.Identifier(str(make_url(url).database))
    roles = sql.SQL(", ").join(map(sql.Identifier, Role))
    owner = sql.Identifier(login)
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        make = sql.SQL("create role {} login createrole password {} in role {}")
        connection.execute(make.format(owner, sql.Literal(password), roles))
        connection.execute(sql.SQL("alter database {} owner to {}").format(name, owner))
        yield make_url(url).set(username=login, password=password).render_as_string(hide_password=False)
        postgres_server.drop(url)
        connection.execute(sql.SQL("drop role {}").format(owner))


@pytest.fixture
def archive(database_url: str, into: Into, capfd: pytest.CaptureFixture[str]) -> Path:
    """The backup of a migrated database in which nobody is."""
    into(database_url)
    assert run(["backup", "whole.dump"]) == 0
    capfd.readouterr()
    return Path("whole.dump").resolve()


@pytest.fixture
def instead_of(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], None]:
    """Called, it puts a program that does this into the place of one of PostgreSQL's."""
    with psycopg.connect(database_url) as connection:
        version = connection.info.server_version // 10_000
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def put(name: str, does: str) -> None:
        answer = f'if [ "$1" = --version ]; then echo "{name} (PostgreSQL) {version}.0"; exit; fi'
        (folder / name).write_text(f"#!/bin/sh\n{answer}\n{does}\n")
        (folder / name).chmod(0o755)

    return put


def told(capfd: pytest.CaptureFixture[str]) -> str:
    """The one sentence a command that failed has to say."""
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    return said.err.strip()


def tables(url: str) -> list[str]:
    engine = create_engine(driver_url(url))
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def shown(url: str, broker_url: str, tenant: Tenant, stranger: Tenant) -> list[bytes | int]:
    """What a cabinet's own program gets to see, in the cabinet's role."""
    settings = Settings(
        database_url=SecretStr(url), broker_url=SecretStr(broker_url), secret_keys=SecretStr(KEY)
    )
    headers = {"Authorization": f"Bearer {tenant.tokens['owner']}"}
    with TestClient(create_app(settings), headers=headers) as client:
        own = [
            client.get(f"/api/v1/accounts{path}")
            for path in ("", f"/{tenant.account}/specification?format=txt&lang=ru")
        ]
        foreign = client.get(f"/api/v1/accounts/{stranger.account}")
    assert [answer.status_code for answer in (*own, foreign)] == [200, 200, 404]
    return [answer.content for answer in own]


def webhooks(url: str) -> dict[str, str]:
    """Every portal's webhook, opened."""
    db = Database(url, Role.OPERATOR, Keyring([KEY]))
    with db.session() as session:
        rows = session.exec(select(PortalRow).where(col(PortalRow.webhook).is_not(None))).all()
        found = {
            row.domain: db.keyring.open(bytes(row.webhook or b""), row=row.id, column="webhook")
            for row in rows
        }
    db.close()
    return found


def test_what_is_restored_is_what_was_there_whoever_owns_it(
    database_url: str,
    others_url: str,
    broker_url: str,
    keyring: Keyring,
    into: Into,
    capfd: pytest.CaptureFixture[str],
) -> None:
    ours, theirs = (a_tenant(database_url, keyring, name) for name in ("ours", "theirs"))
    into(database_url)
    assert run(["accounts"]) == 0
    listed = capfd.readouterr().out
    assert run(["backup", "a.dump"]) == 0
    written, keys = capfd.readouterr().err.splitlines()
    assert re.fullmatch(r"Written: a\.dump, [\d.]+ kB\.", written)
    assert "keep CRMAP_SECRET_KEYS too" in keys
    into(others_url)
    assert run(["restore", "a.dump"]) == 0
    assert capfd.readouterr().err == "Restored: portals 2, cabinets 2.\n"
    assert run(["accounts"]) == 0
    assert capfd.readouterr().out == listed
    assert run(["doctor"]) == 0
    assert shown(others_url, broker_url, ours, theirs) == shown(database_url, broker_url, ours, theirs)
    assert webhooks(others_url) == {
        f"{name}.example": f"https://{name}.example/rest/1/{WEBHOOK_CODE}/" for name in ("ours", "theirs")
    }


def test_an_older_backup_is_brought_to_the_current_schema(
    postgres_server: Databases, empty_url: str, into: Into
) -> None:
    older = postgres_server.empty()
    upgrade(older, "0003")
    into(older)
    assert run(["backup", "old.dump"]) == 0
    postgres_server.drop(older)
    into(empty_url)
    assert run(["restore", "old.dump"]) == 0
    assert is_current(empty_url)


def test_the_application_of_the_settings_is_known_as_after_migrating(
    archive: Path, empty_url: str, into: Into, monkeypatch: pytest.MonkeyPatch
) -> None:
    into(empty_url)
    monkeypatch.setenv("CRMAP_BITRIX24_CLIENT_ID", "app.123")
    monkeypatch.setenv("CRMAP_BITRIX24_CLIENT_SECRET", "the secret of an application")
    assert run(["restore", str(archive)]) == 0
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("select client_id from application").fetchall() == [("app.123",)]


def test_it_goes_through_pipes_as_well(database_url: str, empty_url: str, tmp_path: Path) -> None:
    def piped(command: str, url: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        settings = {**os.environ, "CRMAP_DATABASE_URL": url}
        return subprocess.run(
            [COMMAND, command, "-"], input=given, capture_output=True, check=True, env=settings
        )

    backup = piped("backup", database_url)
    assert backup.stdout.startswith(b"PGDMP")
    assert piped("restore", empty_url, backup.stdout).stderr == b"Restored: portals 0, cabinets 0.\n"
    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_not_those_of_the_backup_are_told(
    database_url: str,
    empty_url: str,
    keyring: Keyring,
    into: Into,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    a_tenant(database_url, keyring, "ours")
    into(database_url)
    assert run(["backup", "a.dump"]) == 0
    into(empty_url)
    monkeypatch.delenv("CRMAP_SECRET_KEYS")
    Path("keys").write_text("a key of other times than those")
    monkeypatch.setenv("CRMAP_SECRET_KEYS_FILE", "keys")
    monkeypatch.setenv("CRMAP_BITRIX24_CLIENT_ID", "app.123")
    monkeypatch.setenv("CRMAP_BITRIX24_CLIENT_SECRET", "the secret of an application")
    capfd.readouterr()
    assert run(["restore", "a.dump"]) == 0
    restored, keys = capfd.readouterr().err.splitlines()
    assert restored == "Restored: portals 1, cabinets 1."
    assert keys.endswith("Put those back into keys.")


def test_the_file_is_named_after_the_day_and_opens_to_its_owner_only(
    database_url: str, into: Into, tmp_path: Path
) -> None:
    into(database_url)
    assert run(["backup"]) == 0
    (file,) = tmp_path.iterdir()
    made_at = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    assert file.name == f"crmap-{made_at:%Y-%m-%d}.dump"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_replaced_only_by_force(
    database_url: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    into(database_url)
    Path("a.dump").write_text("precious")
    assert run(["backup", "a.dump"]) == 1
    assert told(capfd) == "a.dump is there already. Name another file, or replace it with --force."
    assert Path("a.dump").read_text() == "precious"
    assert run(["backup", "a.dump", "--force"]) == 0
    assert Path("a.dump").read_bytes().startswith(b"PGDMP")
    assert stat.S_IMODE(Path("a.dump").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (".", ". is a folder. Name a file."),
        ("/dev/null", "/dev/null is there already."),
        ("none/a.dump", "There is no folder "),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_asked(
    file: str, sentence: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    into("postgresql://127.0.0.1:1/none")
    assert run(["backup", file, "--force"]) == 1
    assert told(capfd).startswith(sentence)


def test_a_login_that_may_not_see_everything_makes_no_backup(
    database_url: str, others_url: str, into: Into, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    login = make_url(others_url).set(database=make_url(database_url).database)
    into(login.render_as_string(hide_password=False))
    assert run(["backup", "a.dump"]) == 1
    assert told(capfd).startswith("No backup was made: ")
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_crmap_is_not_backed_up(
    empty_url: str, into: Into, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    into(empty_url)
    assert run(["backup"]) == 1
    assert told(capfd) == "CRMAP keeps nothing in this database yet, there is nothing to back up."
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_restored_into_a_database_that_is_not_empty(
    archive: Path, empty_url: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(empty_url) as connection:
        connection.execute("create schema elsewhere")
        connection.execute("create table elsewhere.kept ()")
    into(empty_url)
    assert run(["restore", str(archive)]) == 1
    assert told(capfd).startswith("The database is not empty, and nothing in it was touched.")
    assert tables(empty_url) == []


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.97, 0.9999])
def test_of_a_cut_file_nothing_is_restored(
    part: float, archive: Path, empty_url: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    into(empty_url)
    whole = archive.read_bytes()
    Path("cut.dump").write_bytes(whole[: int(len(whole) * part)])
    assert run(["restore", "cut.dump"]) == 1
    assert told(capfd).startswith("cut.dump ")
    assert tables(empty_url) == []
    assert run(["restore", str(archive)]) == 0, "it is still empty enough for the whole one"


def test_a_file_of_something_else_is_told(
    postgres_server: Databases, empty_url: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    into(empty_url)
    Path("text.dump").write_text("create table a ();\n")
    assert run(["restore", "text.dump"]) == 1
    assert told(capfd).startswith("text.dump is no whole backup of CRMAP (")
    foreign = postgres_server.empty()
    with psycopg.connect(foreign) as connection:
        connection.execute("create table a ()")
        version = connection.info.server_version // 10_000
    environment = WholeDatabase(foreign, (), "").client_environment
    Path("foreign.dump").write_bytes(
        run_client(find_client("pg_dump", version), "--format=custom", environment=environment)
    )
    postgres_server.drop(foreign)
    assert run(["restore", "foreign.dump"]) == 1
    assert told(capfd).startswith("foreign.dump is no whole backup of CRMAP (")
    assert tables(empty_url) == []


def test_a_backup_of_a_newer_version_waits_for_an_upgrade(
    database_url: str, empty_url: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    into(database_url)
    assert run(["backup", "new.dump"]) == 0
    capfd.readouterr()
    into(empty_url)
    assert run(["restore", "new.dump"]) == 1
    assert told(capfd).startswith("new.dump is the backup of a newer CRMAP.")
    assert tables(empty_url) == []


def test_a_program_too_new_for_the_server_is_told_with_what_to_install(
    archive: Path,
    empty_url: str,
    into: Into,
    instead_of: Callable[[str, str], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    instead_of(
        "pg_restore",
        'case "$*" in *--file=-*)'
        ' printf "COPY public.alembic_version (version_num) FROM stdin;\\n0009\\n"; exit;; esac\n'
        'echo "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter" >&2\n'
        "exit 1",
    )
    into(empty_url)
    assert run(["restore", str(archive)]) == 1
    assert told(capfd).startswith("pg_restore is newer than the database's server")


@pytest.mark.parametrize(
    ("file", "sentence"), [("none.dump", "There is no file none.dump."), (".", ". could not be read: ")]
)
def test_a_file_that_is_not_there_is_told(
    file: str, sentence: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    into("postgresql://127.0.0.1:1/none")
    assert run(["restore", file]) == 1
    assert told(capfd).startswith(sentence)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://nobody:s3cret@127.0.0.1:1/none", "onnection refused."),
        ("postgresql://nobody:s3cret@127.0.0.1/none?nonsense=1", 'invalid connection option "nonsense".'),
        (
            "mysql://nobody:s3cret@127.0.0.1/none",
            "is an address of PostgreSQL: postgresql://user:password@host/database.",
        ),
        (
            "postgresql://nobody:s3cret@127.0.0.1:port/none",
            "is an address of PostgreSQL: postgresql://user:password@host/database.",
        ),
        ("s3cret", "is an address of PostgreSQL: postgresql://user:password@host/database."),
    ],
)
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_wrong_address_is_one_sentence_without_the_password(
    command: str, url: str, why: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("a.dump").touch()
    into(url)
    assert run([command, "b.dump" if command == "backup" else "a.dump"]) == 1
    said = told(capfd)
    assert "CRMAP_DATABASE_URL" in said
    assert said.endswith(why)
    assert "s3cret" not in said


def test_a_wrong_password_is_told_as_what_it_is(
    others_url: str, into: Into, capfd: pytest.CaptureFixture[str]
) -> None:
    into(make_url(others_url).set(password="another").render_as_string(hide_password=False))
    assert run(["backup"]) == 1
    assert "password authentication failed for user" in told(capfd)


def test_the_password_is_in_the_environment_and_not_on_the_command_line(
    database_url: str, others_url: str, into: Into, tmp_path: Path, instead_of: Callable[[str, str], None]
) -> None:
    instead_of("pg_dump", f'echo "$*" > {tmp_path}/arguments; echo "$PGPASSWORD" > {tmp_path}/password')
    login = make_url(others_url).set(database=make_url(database_url).database)
    into(login.render_as_string(hide_password=False))
    assert run(["backup", "a.dump"]) == 0
    (arguments,) = (tmp_path / "arguments").read_text().splitlines()
    assert re.fullmatch(r"--no-password --format=custom --file=\S+\.part", arguments)
    assert (tmp_path / "password").read_text() == f"{login.password}\n"
