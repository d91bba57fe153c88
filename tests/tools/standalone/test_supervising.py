"""Programs that are kept running: started again when they end, never left behind, each with a log of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import until
from tools.standalone.supervising import Program, supervised

_SAYS_WHO_IT_IS = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(60)"
_DEAF = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(60)"
_FAILS = "print('out of luck'); raise SystemExit(3)"
_PARENT = """
import sys, time
from pathlib import Path
from tools.standalone.supervising import Program, supervised
program = Program("child", (sys.executable, "-c", sys.argv[2]), {})
with supervised([program], Path(sys.argv[1]), tell=print, stops_within_s=60):
    time.sleep(60)
"""


def program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code), {"PYTHONUNBUFFERED": "1"})


def said(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_is_killed_runs_again_and_somebody_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    log = tmp_path / "one.log"
    with supervised(
        [program("one", _SAYS_WHO_IT_IS)], tmp_path, tell=told.append, stops_within_s=60, pause_s=0.01
    ) as supervisor:
        until(lambda: len(said(log)) == 1)
        assert supervisor.fallen() is None
        os.kill(int(said(log)[0]), signal.SIGKILL)
        until(lambda: len(said(log)) == 2)
        assert supervisor.fallen() == f"one ended; what it said is in {log}"
        pid = int(said(log)[1])
        assert lives(pid)
    assert not lives(pid)
    assert told == [f"one ended (SIGKILL), starts again in 0.01 s; what it said is in {log}"]


def test_one_that_keeps_failing_is_tried_ever_less_often(tmp_path: Path) -> None:
    told: list[str] = []
    with supervised([program("one", _FAILS)], tmp_path, tell=told.append, stops_within_s=60, pause_s=0.01):
        until(lambda: len(told) >= 3)
    pauses = [line.partition("again in ")[2].split()[0] for line in told[:3]]
    assert pauses == ["0.01", "0.02", "0.04"]
    assert told[0].startswith("one ended (exit code 3)")
    assert set(said(tmp_path / "one.log")) == {"out of luck"}


def test_the_others_are_not_disturbed_by_one_that_fails(tmp_path: Path) -> None:
    told: list[str] = []
    programs = [program("good", _SAYS_WHO_IT_IS), program("bad", _FAILS)]
    with supervised(programs, tmp_path, tell=told.append, stops_within_s=60, pause_s=0.01):
        until(lambda: len(told) >= 2 and len(said(tmp_path / "good.log")) == 1)
    assert len(said(tmp_path / "good.log")) == 1


def test_one_that_does_not_stop_is_killed_and_that_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    log = tmp_path / "deaf.log"
    with supervised([program("deaf", _DEAF)], tmp_path, tell=told.append, stops_within_s=0.1):
        until(lambda: len(said(log)) == 1)
    assert not lives(int(said(log)[0]))
    assert told == ["deaf does not stop and is killed"]


@pytest.mark.parametrize("code", [_SAYS_WHO_IT_IS, _DEAF], ids=["any", "one that does not listen to SIGTERM"])
def test_no_program_is_left_when_its_parent_is_killed(tmp_path: Path, code: str) -> None:
    log = tmp_path / "child.log"
    command = [sys.executable, "-c", _PARENT, str(tmp_path), code]
    with subprocess.Popen(command) as parent:
        try:
            until(lambda: len(said(log)) == 1)
        finally:
            parent.kill()
    until(lambda: not lives(int(said(log)[0])))


_SHORT_OF_SPACE = """
import resource, sys, time
from pathlib import Path
from tools.standalone.supervising import Program, supervised
# The next file that grows beyond this fails, as on a full disk.
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
talks = "import time\\nfor _ in range(500): print('x' * 99, flush=True)\\nprint('end'); time.sleep({nap})"
program = Program("child", (sys.executable, "-c", talks.format(nap=sys.argv[2])), {})
def tell(line):
    print(line, flush=True)
with supervised([program], Path(sys.argv[1]), tell=tell, stops_within_s=5, pause_s=0.01):
    sys.stdin.read()
"""


@pytest.mark.parametrize("nap", ["60", "0"], ids=["runs on", "ends again and again"])
def test_on_a_full_disk_the_log_ends_and_the_program_runs(tmp_path: Path, nap: str) -> None:
    command = [sys.executable, "-c", _SHORT_OF_SPACE, str(tmp_path), nap]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        first = parent.stdout.readline()
        told, complaints = parent.communicate()
    assert first == f"{tmp_path}/child.log cannot be written (File too large)\n"
    assert "cannot be written" not in told
    assert complaints == ""
    assert parent.returncode == 0


def test_a_log_that_cannot_even_be_opened_keeps_no_program_from_running(tmp_path: Path) -> None:
    (tmp_path / "one.log").mkdir()
    told: list[str] = []
    code = f"import time; open({str(tmp_path / 'runs')!r}, 'w'); print('here', flush=True); time.sleep(60)"
    with supervised([program("one", code)], tmp_path, tell=told.append, stops_within_s=5):
        until(lambda: (tmp_path / "runs").exists() and told)
    assert told == [f"{tmp_path / 'one.log'} cannot be written (Is a directory)"]
