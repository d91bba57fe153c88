"""What a machine decides for itself: only what nobody has decided, the same at every start, and in private."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from shared.settings import PREFIX, Settings
from tools.standalone.own_settings import grace_s, own_settings
from tools.standalone.secret_files import kept_secret, write_environment


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def settings(**given: Any) -> Settings:
    return Settings(**given)


def own(data: Path, **given: Any) -> dict[str, str]:
    return own_settings(settings(**given), data, database="postgresql://db", broker="redis://broker")


def test_a_second_start_finds_the_keys_of_the_first(tmp_path: Path) -> None:
    first, second = own(tmp_path), own(tmp_path)
    assert first == second
    assert len(first["CRMAP_SECRET_KEYS"]) > 30
    assert first["CRMAP_SECRET_KEYS"] != first["CRMAP_FLOWER_PASSWORD"]


def test_documents_are_kept_among_the_data_unless_another_folder_is_named(tmp_path: Path) -> None:
    assert own(tmp_path)["CRMAP_DOCUMENTS_DIR"] == str(tmp_path / "documents")
    assert "CRMAP_DOCUMENTS_DIR" not in own(tmp_path, documents_dir=tmp_path / "elsewhere")


def test_another_machine_has_other_keys(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert own(tmp_path)["CRMAP_SECRET_KEYS"] != own(tmp_path / "other")["CRMAP_SECRET_KEYS"]


def test_what_the_operator_decided_stays_and_nothing_is_kept_instead(tmp_path: Path) -> None:
    found = own(
        tmp_path,
        secret_keys="new,old",
        flower_password="open sesame",
        public_url="https://crmap.example",
        worker_grace="3s",
    )
    assert found == {
        "CRMAP_DATABASE_URL": "postgresql://db",
        "CRMAP_BROKER_URL": "redis://broker",
        "CRMAP_SECRET_KEYS": "new,old",
        "CRMAP_DOCUMENTS_DIR": str(tmp_path / "documents"),
        "CRMAP_FLOWER_PASSWORD": "open sesame",
        "CRMAP_PUBLIC_URL": "https://crmap.example",
    }
    assert list(tmp_path.iterdir()) == []


def test_the_public_address_is_the_one_that_is_listened_at(tmp_path: Path) -> None:
    assert own(tmp_path, standalone_listen="127.0.0.1:9000")["CRMAP_PUBLIC_URL"] == "http://127.0.0.1:9000"


def test_a_worker_here_stops_sooner_unless_somebody_wants_it_otherwise(tmp_path: Path) -> None:
    assert own(tmp_path)["CRMAP_WORKER_GRACE"] == "8s"
    assert grace_s(settings()) == 8
    assert grace_s(settings(worker_grace="1m")) == 60


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    kept_secret(tmp_path / "key")
    write_environment(tmp_path / "crmap.env", {"CRMAP_A": "b"})
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_shell_reads_the_settings_as_they_are(tmp_path: Path) -> None:
    odd = "postgresql://a:b@/c?host=%2Fd&port=1 $HOME 'quoted' \"twice\""
    write_environment(tmp_path / "crmap.env", {"CRMAP_DATABASE_URL": odd})
    read = subprocess.run(
        ["sh", "-c", '. ./crmap.env; printf %s "$CRMAP_DATABASE_URL"'],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert read.stdout == odd
