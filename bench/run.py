"""Running every client against every portal, each read in a fresh process, the clients taking turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any, cast

from bench.reading import Portal

CLIENTS = ("crmap", "floor", "fast_bitrix24", "b24pysdk")
LATENCY_MS = 150
_LONGEST_READ_S = 60


@dataclass(frozen=True, slots=True)
class Read:
    """One read: seconds by the clock, seconds of CPU, and the most memory its process ever had, in megabytes."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(slots=True)
class Row:
    """What one client needs to read one portal of so many ``values``; or why it could not."""

    size: str
    client: str
    values: int
    requests: int = 0
    commands: int = 0
    reads: list[Read] = field(default_factory=list)
    problem: str | None = None


class Failed(Exception):
    """A read did not end well; the text says why."""


def measured(
    sizes: Sequence[str],
    repetitions: int,
    *,
    clients: Sequence[str] = CLIENTS,
    latency_ms: float = LATENCY_MS,
    report: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Every client's reads of every portal. Clients take turns, so a slow minute of the machine slows all of them."""
    rows: list[Row] = []
    with _portals(sizes, latency_ms) as portals:
        for size in sizes:
            has: dict[str, int] = portals.about[size]["has"]
            portal = Portal(**portals.about[size]["portal"])
            portal = replace(portal, **_read("recording", portal)["found"])
            values = sum(number for what, number in has.items() if what != "described fields")
            mine = [Row(size, client, values) for client in clients]
            for row in mine:
                report(f"{size} {row.client}")
                portals.asked(size)
                _try(row, portal, has)  # not timed: the portal learns the answers, the machine warms up
                asked = portals.asked(size)
                row.requests, row.commands = asked["requests"], asked["commands"]
                row.reads.clear()
            for number in range(repetitions):
                for row in mine:
                    report(f"{size} {row.client} {number + 1}/{repetitions}")
                    _try(row, portal, has)
            rows += mine
    return rows


def _try(row: Row, portal: Portal, has: Mapping[str, int]) -> None:
    if row.problem is not None:
        return
    try:
        told = _read(row.client, portal)
    except Failed as failed:
        row.problem = str(failed)
        return
    row.reads.append(Read(told["wall_s"], told["cpu_s"], told["peak_mb"]))
    found = told["found"]
    wrong = [
        f"{found[what]} of {number} {what}"
        for what, number in has.items()
        if found.get(what, number) != number
    ]
    if wrong:
        row.problem = "it brought " + ", ".join(wrong)


def _read(client: str, portal: Portal) -> dict[str, Any]:
    """What a read in a process of its own told. Raises Failed."""
    command = [sys.executable, "-m", "bench.measure", client]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            input=json.dumps(asdict(portal)),
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            timeout=_LONGEST_READ_S,
        )
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        raise Failed(lines[-1] if lines else f"it ended with code {error.returncode}") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"it was not done after {_LONGEST_READ_S} s") from None
    told: dict[str, Any] = json.loads(done.stdout)
    return told


class _Portals:
    """The process with the portals: ``about`` them, and how often one was ``asked`` since the last question."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions = questions
        self._answers = answers
        self.about = self._line()

    def asked(self, size: str) -> dict[str, int]:
        self._questions.write("\n")
        self._questions.flush()
        counted: dict[str, int] = self._line()[size]
        return counted

    def _line(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self._answers.readline())
        return line


@contextmanager
def _portals(sizes: Sequence[str], latency_ms: float) -> Iterator[_Portals]:
    command = [sys.executable, "-m", "bench.portals", str(latency_ms), *sizes]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield _Portals(cast("IO[str]", process.stdin), cast("IO[str]", process.stdout))
