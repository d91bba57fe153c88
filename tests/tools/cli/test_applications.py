"""``crmap app add``, and the application of the settings."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from shared.db import installations
from shared.db.session import Database
from shared.settings import load_service_settings
from tests.conftest import KEY
from tools.cli.applications import register_default
from tools.cli.main import run

SECRET = "n" * 50


@pytest.fixture(autouse=True)
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATABASE_URL": database_url,
        "BROKER_URL": "redis://127.0.0.1:1",
        "SECRET_KEYS": KEY,
    }.items():
        monkeypatch.setenv(f"CRMAP_{name}", value)


def secret_of(db: Database, client_id: str) -> str | None:
    with db.session() as session:
        row = installations.application_by_client_id(session, client_id)
    return None if row is None else db.keyring.open(row.client_secret, row=row.id, column="client_secret")


def test_the_secret_comes_from_a_file(
    gateway_db: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    assert run(["app", "add", "local.1", "--secret-file", "secret.txt", "--title", "CRMAP at Romashka"]) == 0
    assert secret_of(gateway_db, "local.1") == SECRET
    assert SECRET not in "".join(capfd.readouterr())


def test_the_secret_comes_from_standard_input(gateway_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    assert run(["app", "add", "local.1", "--secret-file", "-"]) == 0
    assert secret_of(gateway_db, "local.1") == SECRET


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        (["local.1", "--secret-file", "nowhere.txt"], None),
        (["local 1", "--secret-file", "secret.txt"], SECRET),
        (["", "--secret-file", "secret.txt"], SECRET),
        (["local.1", "--secret-file", "secret.txt"], ""),
        (["local.1", "--secret-file", "secret.txt"], "two words"),
        (["local.1", "--secret-file", "secret.txt"], "x" * 300),
        (["local.1"], SECRET),
    ],
)
def test_what_is_no_application_is_refused_in_one_sentence(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    gateway_db: Database,
    arguments: list[str],
    content: str | None,
) -> None:
    if content is not None:
        (tmp_path / "secret.txt").write_text(content)
    assert run(["app", "add", *arguments]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert secret_of(gateway_db, "local.1") is None


def test_the_application_of_the_settings_is_known_once_the_gateway_starts(
    gateway_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_default(load_service_settings())
    assert secret_of(gateway_db, "app.1") is None
    monkeypatch.setenv("CRMAP_BITRIX24_CLIENT_ID", "app.1")
    monkeypatch.setenv("CRMAP_BITRIX24_CLIENT_SECRET", SECRET)
    for _ in range(2):
        register_default(load_service_settings())
    assert secret_of(gateway_db, "app.1") == SECRET
