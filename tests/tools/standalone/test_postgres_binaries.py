"""Which PostgreSQL is taken: told by what it says of itself, never older than we need, of the version asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.standalone.postgres_binaries import find_binaries, major_version
from tools.standalone.serving import ServerMissing


def installed(folder: Path, says: str) -> Path:
    """A folder with programs that say this when asked for their version."""
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{says}'\n")
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("says", "major"),
    [
        ("postgres (PostgreSQL) 18.6", 18),
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15),
        ("postgres (PostgreSQL) 16.2 (Homebrew)", 16),
        ("postgres (PostgreSQL) 19beta1", 19),
        ("postgres (PostgreSQL) 9.6.24", 9),
        ("something else altogether 17.1", 0),
        ("", 0),
    ],
)
def test_a_version_is_read_from_what_the_server_says(tmp_path: Path, says: str, major: int) -> None:
    assert major_version(installed(tmp_path / "bin", says)) == major


def test_a_folder_without_a_server_has_no_version(tmp_path: Path) -> None:
    assert major_version(tmp_path) == 0


def test_the_one_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = installed(tmp_path / "bin", "postgres (PostgreSQL) 16.2")
    monkeypatch.setenv("PATH", str(folder))
    assert find_binaries() == folder


def test_one_that_is_too_old_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wheel_binaries: Path
) -> None:
    monkeypatch.setenv("PATH", str(installed(tmp_path / "bin", "postgres (PostgreSQL) 14.20")))
    found = find_binaries(major_version(wheel_binaries))
    assert major_version(found) == major_version(wheel_binaries)


def test_what_is_not_here_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerMissing) as caught:
        find_binaries(99)
    assert "CRMAP_DATABASE_URL" in str(caught.value)
    assert "\n" not in str(caught.value)
