"""Which pg_dump is taken for a server, and what is told of one that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.cli.postgres_clients import NO_CLIENT, OLD_CLIENT, ClientFailed, find_client, run_client
from tools.cli.sentences import Complaint

# No server of this version is installed anywhere, so only the PATH has a program for it.
SERVER = 97


def program(folder: Path, version: str, does: str = "exit 0") -> Path:
    """A pg_dump of this version that does something else."""
    folder.mkdir()
    file = folder / "pg_dump"
    file.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit; fi\n{does}\n'
    )
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("version", ["97.3", "98beta1", "99.0 (Debian 99.0-1)"])
def test_the_one_on_the_path_is_taken_unless_it_is_older_than_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    file = program(tmp_path / "bin", version)
    monkeypatch.setenv("PATH", str(file.parent))
    assert find_client("pg_dump", SERVER) == file


@pytest.mark.parametrize("version", ["96.9", "9.6.24"])
def test_one_that_is_too_old_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", version).parent))
    with pytest.raises(Complaint) as caught:
        find_client("pg_dump", SERVER)
    assert caught.value.sentence is OLD_CLIENT
    assert caught.value.facts == {"name": "pg_dump", "found": version.partition(".")[0], "server": "97"}


@pytest.mark.parametrize("says", [None, "of unknown make"])
def test_where_there_is_none_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str | None
) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", says).parent) if says else "")
    with pytest.raises(Complaint) as caught:
        find_client("pg_dump", SERVER)
    assert caught.value.sentence is NO_CLIENT


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'pg_dump: warning: careful\npg_dump: error: query failed: ERROR:  permission denied for "a"\n',
            'query failed: ERROR:  permission denied for "a"',
        ),
        (
            'pg_restore: from TOC entry 4\npg_restore: error: could not execute query: ERROR:  role "a" is no\n',
            'role "a" is no',
        ),
        ("pg_dump: last word of all.\n", "last word of all"),
        ("Segmentation fault\n", "pg_dump failed and did not say why"),
    ],
)
def test_of_everything_a_program_says_the_first_error_is_told(tmp_path: Path, said: str, told: str) -> None:
    (tmp_path / "said").write_text(said)
    file = program(tmp_path / "bin", "97.0", f"cat {tmp_path}/said >&2; exit 1")
    with pytest.raises(ClientFailed) as caught:
        run_client(file, environment={})
    assert str(caught.value) == told
