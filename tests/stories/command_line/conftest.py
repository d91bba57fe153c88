"""A portal to read and the command to read it with."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.command_line.running import COMMAND, ENVIRONMENT, Crmap, Ended
from tests.waiting import WITHIN_S
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", "showcase")]) as cloud:
        yield cloud.portals[0]


@pytest.fixture
def crmap(tmp_path: Path) -> Crmap:
    """Runs the command in an empty folder; private portals are admitted unless a setting says otherwise."""

    def run(*arguments: str | Path, **settings: str) -> Ended:
        done = subprocess.run(
            [COMMAND, *arguments],
            check=False,
            capture_output=True,
            cwd=tmp_path,
            env=ENVIRONMENT | settings,
            timeout=WITHIN_S,
        )
        ended = Ended(done.returncode, done.stdout, done.stderr.decode())
        assert "Traceback" not in ended.err
        return ended

    return run
