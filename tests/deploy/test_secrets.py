"""deploy/secrets.sh makes every secret the compose file names, once, and keeps them from others."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.deploy.compose import compose
from tests.test_documents import ROOT

NAMES = {Path(secret["file"]).name for secret in compose()["secrets"].values()}


def make(folder: Path) -> list[str]:
    """The files that were made now."""
    script = ["sh", str(ROOT / "deploy" / "secrets.sh"), str(folder)]
    done = subprocess.run(script, check=True, capture_output=True, text=True)
    return [Path(line).name for line in done.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_every_secret_of_the_compose_file_is_made(tmp_path: Path) -> None:
    assert sorted(make(tmp_path)) == sorted(NAMES)
    for name, secret in compose()["secrets"].items():
        assert secret["file"] == f"./deploy/secrets/{name}"


def test_what_is_there_stays_as_it_is(folder: Path) -> None:
    before = {name: (folder / name).read_text() for name in NAMES}
    (folder / "flower-password").unlink()
    assert make(folder) == ["flower-password"]
    after = {name: (folder / name).read_text() for name in NAMES}
    assert {name for name in NAMES if after[name] != before[name]} == {"flower-password"}


def test_two_installations_share_no_secret(folder: Path, tmp_path: Path) -> None:
    make(tmp_path / "others")
    passwords = [
        set(
            re.findall(
                r"[0-9a-f]{48}", "".join(file.read_text() for file in where.iterdir() if file.is_file())
            )
        )
        for where in (folder, tmp_path / "others")
    ]
    assert [len(found) for found in passwords] == [9, 9]
    assert passwords[0].isdisjoint(passwords[1])


def test_the_folder_keeps_others_out_and_containers_can_read(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in NAMES} == {0o444}


def test_no_secret_can_be_committed(folder: Path) -> None:
    repository = folder.parent
    subprocess.run(["git", "init", "--quiet", repository], check=True)
    status = subprocess.run(
        ["git", "-C", repository, "status", "--short"], check=True, capture_output=True, text=True
    )
    assert status.stdout == ""


def test_the_broker_asks_for_the_password_its_address_has(folder: Path) -> None:
    (asked,) = re.findall(r"^requirepass (\S+)$", (folder / "broker.conf").read_text(), re.MULTILINE)
    assert (folder / "broker").read_text() == f"redis://:{asked}@redis:6379/0\n"


@pytest.mark.parametrize("script", ["secrets.sh", "postgres/logins.sh", "crmap"])
def test_a_script_keeps_to_what_every_shell_understands(script: str) -> None:
    file = ROOT / "deploy" / script
    assert file.read_text().startswith("#!/bin/sh\n")
    dash = shutil.which("dash") or "sh"
    assert subprocess.run([dash, "-n", file], check=True, capture_output=True, text=True).stderr == ""
