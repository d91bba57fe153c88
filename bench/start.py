"""``python -m bench.start``: what it costs to start a command, and to import a service."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.simulator.cloud import PortalSpec, SimulatedCloud

_CRMAP = str(Path(sys.executable).with_name("crmap"))
# Nobody answers at these addresses. Compiled modules are kept, as wherever CRMAP is installed.
_SETTINGS = {
    "CRMAP_ALLOW_PRIVATE_PORTALS": "1",
    "CRMAP_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "CRMAP_BROKER_URL": "redis://127.0.0.1:1/0",
    "CRMAP_GATEWAY_LISTEN": "127.0.0.1:1",
    "PYTHONDONTWRITEBYTECODE": "",
}
_PROCESSES = {
    "gateway": "services.gateway.app",
    "cabinet": "services.cabinet.app",
    "worker": "services.sync_worker.app",
    "beat": "services.sync_worker.beat",
    "a document": "services.cabinet.files.apart",
}
_HELP, _GOAL_HELP_S = "crmap --help", 0.15
_LINE = "{:<26}{:>9}{:>9}{:>10}"


@dataclass(frozen=True, slots=True)
class Start:
    """The least wall and CPU time of several starts: another program can only add to them."""

    name: str
    wall_s: float
    cpu_s: float
    modules: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=15, help="of each (default: 15)")
    repetitions = parser.parse_args().repetitions
    with SimulatedCloud([PortalSpec("portal", "S")]) as cloud:
        commands = {
            _HELP: [_CRMAP, "--help"],
            "crmap --version": [_CRMAP, "--version"],
            "a health check": [_CRMAP, "alive", "gateway"],
            "a specification, size S": [_CRMAP, "spec", cloud.portals[0].webhook_url],
            **{name: [sys.executable, "-c", f"import {module}"] for name, module in _PROCESSES.items()},
        }
        print(text_of([measured(name, command, repetitions) for name, command in commands.items()]))
    return 0


def measured(name: str, command: Sequence[str], repetitions: int) -> Start:
    """What the command costs. Its first run is not counted: it may have to compile what it imports."""
    _ended(command)
    times = [_times(command) for _ in range(repetitions)]
    imported = _ended(command, PYTHONPROFILEIMPORTTIME="1").count("import time:") - 1
    return Start(name, min(wall for wall, _ in times), min(cpu for _, cpu in times), imported)


def text_of(starts: Sequence[Start]) -> str:
    """The table, and whether the goal is met."""
    machine = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    lines = [_LINE.format("started or imported", "wall, s", "CPU, s", "modules")]
    lines += [_LINE.format(one.name, f"{one.wall_s:.2f}", f"{one.cpu_s:.2f}", one.modules) for one in starts]
    goals = [_verdict(one) for one in starts if one.name == _HELP]
    return "\n\n".join([f"The least of several starts. {machine}", "\n".join(lines), *goals])


def _verdict(start: Start) -> str:
    if start.wall_s <= _GOAL_HELP_S:
        return f"{start.name} within {_GOAL_HELP_S} s: PASS, {start.wall_s:.2f} s"
    return (
        f"{start.name} within {_GOAL_HELP_S} s: missed, {start.wall_s:.2f} s, {start.cpu_s:.2f} s of it CPU"
    )


def _times(command: Sequence[str]) -> tuple[float, float]:
    """The wall and the CPU time, in seconds, from the start of the command to its end."""
    began, spent = time.perf_counter(), _children_s()
    _ended(command)
    return time.perf_counter() - began, _children_s() - spent


def _children_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _ended(command: Sequence[str], **settings: str) -> str:
    """What the command said on standard error until its end."""
    environment = {**os.environ, **_SETTINGS, **settings}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    return ended.stderr


if __name__ == "__main__":
    sys.exit(main())
