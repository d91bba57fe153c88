"""The demonstration: in one go for a check, and standing for somebody who looks around."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import server_folder
from tests.stories.one_machine.running import COMMAND, started
from tests.waiting import WITHIN_S, until
from tools.standalone.serving import free_port

PORTALS = ("Ромашка Опт", "Василёк Розница", "Пион Ландшафт")


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as found:
        yield found


def test_a_check_writes_the_specification_and_nothing_else(folder: Path) -> None:
    # What somebody has set up where he happens to be has no say in it.
    (folder / ".env").write_text("CRMAP_ENVIRONMENT=production\nCRMAP_DATABASE_URL=postgresql://elsewhere\n")
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o711)
    ended = subprocess.run(
        [COMMAND, "demo", "--check"],
        check=False,
        capture_output=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary), "CRMAP_SYNC_EVERY": "nonsense"},
        stdin=subprocess.DEVNULL,
        timeout=WITHIN_S,
    )
    said = ended.stderr.decode()
    assert ended.returncode == 0, said
    text = ended.stdout.decode("utf-8-sig")
    assert text.startswith("СПЕЦИФИКАЦИЯ CRM БИТРИКС24")
    assert "Опт" in text
    assert [name for name in PORTALS if f"{name}: " not in said] == []
    assert list(temporary.iterdir()) == []


def test_it_stands_until_ctrl_c_and_its_lines_can_be_copied(folder: Path) -> None:
    with started("demo", folder, "--port", str(free_port())) as machine:
        machine.wait_for("Ctrl-C stops everything.")
        lines = [line for line in machine.out.splitlines() if line.startswith("  curl ")]
        listed, specification, edited, changes = map(shlex.split, lines)

        def told(attribute: str) -> set[str]:
            return {account[attribute] for account in curl(listed).json()["items"]}

        # A portal whose handlers were bound after its first read is read once more.
        until(lambda: told("state") == {"fresh", "subscription_ended"})
        assert told("kind") == {"app", "webhook"}
        assert curl(specification).text.startswith("\ufeffСПЕЦИФИКАЦИЯ CRM")
        assert curl(changes).json()["items"] == []
        assert curl(edited).status_code == 200
        refresh = [*changes[:3], "-d", "", changes[-1].replace("/changes", "/refresh")]
        assert curl(refresh).status_code == 202
        until(lambda: [change["op"] for change in curl(changes).json()["items"]] == ["added"])
        hosts = re.findall(r"^  \S+ \S+, (http://127\.0\.0\.1:\d+/)$", machine.out, re.MULTILINE)
        assert [
            PORTALS[place] in httpx.get(host, timeout=WITHIN_S).text for place, host in enumerate(hosts)
        ] == [True] * 3
        assert machine.end(signal.SIGINT) == 0


def curl(words: list[str]) -> httpx.Response:
    """What the printed line would show."""
    assert words[0] == "curl"
    options = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
    headers = dict([options["-H"].split(": ", 1)]) if "-H" in options else {}
    if "-d" in options:
        return httpx.post(words[-1], content=options["-d"], headers=headers, timeout=WITHIN_S)
    return httpx.get(words[-1], headers=headers, timeout=WITHIN_S)
