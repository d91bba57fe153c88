"""One machine for real portals: it starts from nothing, goes on where it was, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import server_folder
from tests.stories.one_machine.running import COMMAND, Started, lives, started
from tests.waiting import WITHIN_S, until

LAST_LINE = "Commands"
PROGRAMS = {"one-address", "worker", "beat", "flower"}


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as found:
        yield found


def operate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another command, as the tour says to run it."""
    line = 'set -a; . data/crmap.env; set +a; exec "$0" "$@"'
    return subprocess.run(
        ["sh", "-c", line, COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
    )


def api_status(machine: Started, token: str) -> int:
    return machine.get("/api/v1/accounts", headers={"Authorization": f"Bearer {token}"}).status_code


def test_it_starts_from_nothing_and_goes_on_where_it_was(folder: Path) -> None:
    with started("standalone", folder) as machine:
        machine.wait_for("shown this one time")
        assert machine.get("/readyz").text == "ready"
        assert machine.get("/bitrix24/app").status_code == 200
        assert api_status(machine, "crmap_wrong") == 401
        doctor = operate(folder, "doctor")
        assert doctor.returncode == 0, doctor.stdout
        token = operate(folder, "user", "token", "admin@crmap.local").stdout.strip()
        assert api_status(machine, token) == 200
        logs = {file.stem for file in (folder / "data" / "logs").iterdir()}
        assert logs == PROGRAMS
        assert machine.err == ""
        assert machine.end(signal.SIGINT) == 0
    secrets = ["secret-keys", "flower-password", "crmap.env"]
    assert {stat.S_IMODE((folder / "data" / name).stat().st_mode) for name in secrets} == {0o600}
    keys = (folder / "data" / "secret-keys").read_text()
    with started("standalone", folder) as machine:
        machine.wait_for(LAST_LINE)
        assert api_status(machine, token) == 200, "the person of the first start is still there"
        assert machine.end(signal.SIGTERM) == 0
        assert "password" not in machine.out.partition(LAST_LINE)[2]
    assert (folder / "data" / "secret-keys").read_text() == keys


def test_a_process_that_is_killed_runs_again_and_no_process_outlives_a_killed_parent(folder: Path) -> None:
    with started("standalone", folder) as machine:
        machine.wait_for(LAST_LINE)
        names = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(machine.popen.pid)],
            check=True,
            capture_output=True,
            text=True,
        )
        found = re.search(r"^ *(\d+) .* beat$", names.stdout, re.MULTILINE)
        assert found is not None, names.stdout
        os.kill(int(found[1]), signal.SIGKILL)
        until(lambda: "beat ended (SIGKILL), starts again in 1 s" in machine.err)
        until(lambda: (folder / "data" / "logs" / "beat.log").read_text().count("beat: Starting") == 2)
        machine.wait_for(LAST_LINE)
        assert len([pid for pid in machine.children if lives(pid)]) == len(PROGRAMS) + 2
        (folder / "other").mkdir()
        said = only_sentence(folder / "other", CRMAP_DATA_DIR=str(folder / "data"))
        assert said == f"Cannot start: another process already runs CRMAP over {folder}/data."
        machine.end(signal.SIGKILL)


def test_without_its_own_database_it_cannot_go_on_and_says_so(folder: Path) -> None:
    with started("standalone", folder) as machine:
        machine.wait_for(LAST_LINE)
        pid = int((folder / "data" / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        assert machine.popen.wait(WITHIN_S) == 1
        assert machine.err.startswith("Cannot go on: PostgreSQL has ended; what it said is in")


def only_sentence(folder: Path, **settings: str) -> str:
    """What the command says when it cannot start."""
    with started("standalone", folder, **settings) as machine:
        assert machine.popen.wait(WITHIN_S) == 1
        assert machine.out == ""
        assert machine.err.count("\n") == 1, machine.err
        return machine.err.strip()


def test_a_taken_port_is_one_sentence(folder: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listen = f"127.0.0.1:{listener.getsockname()[1]}"
        said = only_sentence(folder, CRMAP_STANDALONE_LISTEN=listen)
    assert said == (
        f"Cannot start: {listen} cannot be listened at (Address already in use), change CRMAP_STANDALONE_LISTEN."
    )
    assert not (folder / "data").exists()


def test_a_folder_that_cannot_be_used_is_one_sentence(folder: Path) -> None:
    (folder / "file").touch()
    said = only_sentence(folder, CRMAP_DATA_DIR=str(folder / "file"))
    assert said == f"{folder}/file cannot be used: File exists. Name another folder in CRMAP_DATA_DIR."


def test_a_database_that_does_not_answer_is_one_sentence(folder: Path) -> None:
    said = only_sentence(folder, CRMAP_DATABASE_URL="postgresql://crmap:secret@127.0.0.1:1/crmap")
    assert said == "The database at the address in CRMAP_DATABASE_URL does not answer."


def test_a_wrong_setting_is_one_sentence(folder: Path) -> None:
    assert only_sentence(folder, CRMAP_SYNC_EVERY="often").startswith("Wrong setting: CRMAP_SYNC_EVERY")
