"""The backup of one machine, whether it runs or not, is another machine after a restore."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import server_folder
from tests.stories.one_machine.running import COMMAND, started
from tests.waiting import WITHIN_S


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as found:
        yield found


def said(folder: Path, *arguments: str) -> list[str]:
    """What the command has to say in this folder, with no settings but the folder's own."""
    done = subprocess.run(
        [COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        timeout=WITHIN_S,
    )
    return [f"exit code {done.returncode}", *done.stderr.splitlines()]


def test_one_machine_moves_with_a_backup_and_its_keys(folder: Path) -> None:
    with started("standalone", folder) as machine:
        machine.wait_for("shown this one time")
        code, written, keys = said(folder, "backup", "warm.dump")
        assert (code, written.partition(",")[0]) == ("exit code 0", "Written: warm.dump")
        assert f" {folder}/data/secret-keys " in keys
        assert machine.end(signal.SIGTERM) == 0
    assert said(folder, "backup", "cold.dump")[0] == "exit code 0"
    other = folder / "other"
    (other / "data").mkdir(mode=0o711, parents=True)
    other.chmod(0o711)
    shutil.copy(folder / "data" / "secret-keys", other / "data")
    assert said(other, "restore", "../cold.dump") == ["exit code 0", "Restored: portals 0, cabinets 1."]
    assert said(other, "restore", "../warm.dump")[1].startswith("The database is not empty")
    with started("standalone", other) as machine:
        machine.wait_for("Commands")
        assert "password" not in machine.out.partition("Commands")[2], "the first person came with the backup"
        assert machine.end(signal.SIGTERM) == 0


def test_where_no_machine_was_there_is_nothing_to_back_up(folder: Path) -> None:
    assert said(folder, "backup") == [
        "exit code 1",
        "Wrong setting: CRMAP_DATABASE_URL has to be set, or CRMAP_DATA_DIR to the folder crmap standalone keeps.",
    ]
    assert list(folder.iterdir()) == []
