"""Keys that are lost are said to be, and not replaced, once something is sealed with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.db import applications
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.settings import Settings
from tools.standalone.sealing_keys import check_keys
from tools.standalone.serving import ServerFailed

KEY, OTHER = "the key it was sealed with", "a key of somebody else"


@pytest.fixture
def sealed(database_url: str) -> str:
    """A database with one secret in it."""
    db = Database(database_url, Role.OPERATOR, Keyring([KEY]))
    with db.session() as session:
        applications.register(
            session, db.keyring, client_id=f"local.{uuid4().hex}", secret="s", title="CRMAP"
        )
    db.close()
    return database_url


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CRMAP_SECRET_KEYS", raising=False)


def check(folder: Path, url: str, **given: Any) -> None:
    check_keys(Settings(**given), folder, url)


def test_a_key_file_that_is_gone_is_said_and_no_other_is_made(sealed: str, tmp_path: Path) -> None:
    with pytest.raises(ServerFailed) as failed:
        check(tmp_path, sealed)
    assert str(failed.value) == (
        f"{tmp_path}/secret-keys is gone, and nothing in the database can be opened without those it was sealed with:"
        " bring them back from where you keep them"
    )
    assert list(tmp_path.iterdir()) == []


def test_other_keys_are_said_to_be_other_ones(sealed: str, tmp_path: Path) -> None:
    (tmp_path / "secret-keys").write_text(f"{OTHER}\n")
    with pytest.raises(ServerFailed, match="secret-keys holds other keys"):
        check(tmp_path, sealed)
    with pytest.raises(ServerFailed, match="CRMAP_SECRET_KEYS has other keys"):
        check(tmp_path, sealed, secret_keys=OTHER)


def test_with_its_key_among_others_all_is_well(sealed: str, tmp_path: Path) -> None:
    check(tmp_path, sealed, secret_keys=f"{OTHER},{KEY}")
    (tmp_path / "secret-keys").write_text(f"{OTHER},{KEY}\n")
    check(tmp_path, sealed)


def test_a_database_with_nothing_sealed_takes_any_key(database_url: str, tmp_path: Path) -> None:
    check(tmp_path, database_url)
    check(tmp_path, database_url, secret_keys=OTHER)
