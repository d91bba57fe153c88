"""``python -m bench.gateway``: how many events, installations and openings a second the gateway takes.

Events alone, and while portals are read.

Runs crmap's own processes over servers of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import platform
import pstats
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import httpx

from bench import knocks
from bench.event_load import Knock
from bench.rooms import connect_all, machine_room_of, meanwhile, spent_s
from tests.machine_room import MachineRoom
from tools.simulator.cloud import PortalSpec
from tools.standalone.serving import running

_GOAL_P99_MS = 300
_GOAL_BURST_MS = 4_000
_BURST = 1_000
# People install and open less often than portals send events, and each time others are asked.
_RARER = 5
_SENDING, _READ = 40, 100
_DUE_EVERY_S = 1.0
_READING = ("worker-1", "worker-2", "beat")
# Which threads do the work, and with which function it begins.
_STORING, _OPENING = ("event", "_answer"), ("conversation", "open_app")
_ROOT = Path(__file__).parent.parent
_LINE = "{:<26}  {:>9}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}  {}"
_HEAD = ("", "a second", "p50, ms", "p99, ms", "most, ms", "CPU, ms", "stored", "answers")
_PROFILE_LINE = "{:>8}  {:>9}  {:>9}  {}"


@dataclass(frozen=True, slots=True)
class Load:
    """What became of posts that were sent at a rate, or all at once if it is ``None``. Times are in milliseconds.

    ``cpu_ms`` is what the gateway spent on one of them; that depends least on what else the machine does. ``stored`` is
    the number of events that were stored; ``None`` for pages, which are answered with 503 if nothing was.
    """

    name: str
    rate: float | None
    taken_ms: tuple[float, ...]
    statuses: Counter[int]
    stored: int | None
    cpu_ms: float

    @property
    def is_whole(self) -> bool:
        """True if every post was taken, and every event is stored."""
        return self.statuses.keys() == {200} and self.stored in (None, len(self.taken_ms))

    @property
    def p99_ms(self) -> float:
        """What 99 of 100 took at most."""
        return percentile(self.taken_ms, 99)

    @property
    def is_good(self) -> bool:
        """True if it was as quick as is hoped for."""
        quick = self.p99_ms <= _GOAL_P99_MS if self.rate else max(self.taken_ms) <= _GOAL_BURST_MS
        return self.is_whole and quick


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="at each rate (default: 10)")
    parser.add_argument(
        "--step", type=int, default=25, help="how much faster each time (default: 25 a second)"
    )
    asked = parser.parse_args()
    with _bench() as bench:
        loads = bench.ramp("alone", asked.step, asked.seconds, bench.events)
        loads.append(bench.load("a burst, alone", _BURST, None, bench.events))
        loads += bench.ramp("installations", asked.step / _RARER, asked.seconds, bench.installations)
        loads += bench.ramp("openings", asked.step / _RARER, asked.seconds, bench.openings)
        with bench.reading():
            loads += bench.ramp("while portals are read", asked.step, asked.seconds, bench.events)
            loads.append(bench.load("a burst, while they are", _BURST, None, bench.events))
        profiles = [
            bench.profile(_BURST * 2, asked.step, bench.events, *_STORING),
            bench.profile(_BURST // 5, asked.step / _RARER, bench.openings, *_OPENING),
        ]
    print(text_of(loads, *profiles))
    return 0


def text_of(loads: Sequence[Load], *profiles: str) -> str:
    """The table, what was hoped for, and where the time goes."""
    head = (
        f"Posts of {_SENDING} portals, answered once they are stored; every rate until 99 of 100 take longer than"
        f" {_GOAL_P99_MS} ms.\nPython {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores for"
        " everything: the sender, PostgreSQL, and the simulated portals too"
    )
    lines = [_LINE.format(*_HEAD)]
    lines += [
        _LINE.format(
            one.name,
            f"{one.rate:g}" if one.rate else f"{len(one.taken_ms)} once",
            f"{percentile(one.taken_ms, 50):.0f}",
            f"{one.p99_ms:.0f}",
            f"{max(one.taken_ms):.0f}",
            f"{one.cpu_ms:.1f}",
            "-" if one.stored is None else one.stored,
            " ".join(f"{count}x{status or 'none'}" for status, count in sorted(one.statuses.items())),
        )
        for one in loads
    ]
    return "\n\n".join([head, "\n".join(lines), "\n".join(_verdicts(loads)), *profiles])


def percentile(numbers: Sequence[float], of_hundred: int) -> float:
    """The smallest of the numbers that so many of a hundred do not exceed."""
    return sorted(numbers)[math.ceil(len(numbers) * of_hundred / 100) - 1]


def _verdicts(loads: Sequence[Load]) -> Iterator[str]:
    for name in dict.fromkeys(load.name for load in loads if load.rate):
        rates = [load.rate for load in loads if load.name == name and load.rate and load.is_good]
        yield f"{name}: {max(rates, default=0):g} a second within {_GOAL_P99_MS} ms"
    for load in loads:
        if load.rate is None:
            verdict = "PASS" if load.is_good else "missed"
            yield f"{load.name}: all answered within {_GOAL_BURST_MS} ms: {verdict}, {max(load.taken_ms):.0f} ms"


@dataclass
class _Bench:
    room: MachineRoom
    events: Path
    installations: Path
    openings: Path
    sent: int = 0

    def ramp(self, name: str, step: float, seconds: float, posted: Path) -> list[Load]:
        """Faster and faster, until it is not as quick as is hoped for."""
        loads: list[Load] = []
        while not loads or loads[-1].is_good:
            rate = step * (len(loads) + 1)
            loads.append(self.load(name, int(rate * seconds), rate, posted))
        return loads

    def load(self, name: str, posts: int, rate: float | None, posted: Path) -> Load:
        """So many posts, at this rate or all at once, from a process of its own."""
        before, spent_before = self._stored(), self._spent_s()
        command = [sys.executable, "-m", "bench.event_load", str(self.room.ports["gateway"]), str(posted)]
        command += [str(self.sent), "--events", str(posts), *(["--rate", str(rate)] if rate else [])]
        done = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
        self.sent += posts
        answers: list[tuple[float, int]] = json.loads(done.stdout)
        statuses = Counter(status for _, status in answers)
        taken_ms = tuple(taken for taken, _ in answers)
        print(f"{name}, {rate or 'at once'}: {percentile(taken_ms, 99):.0f} ms", file=sys.stderr)
        cpu_ms = (self._spent_s() - spent_before) * 1000 / posts
        stored = self._stored() - before if posted is self.events else None
        return Load(name, rate, taken_ms, statuses, stored, cpu_ms)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Two workers always have more to read than they can."""
        self.room.start(*_READING)
        is_over = threading.Event()

        def make_due() -> None:
            while not is_over.wait(_DUE_EVERY_S):
                self.room.rows("update portal set next_read_at = now() where kind = 'webhook'")

        try:
            with meanwhile(make_due, is_over):
                yield
        finally:
            for name in _READING:
                self.room.processes[name].close()

    def profile(self, posts: int, rate: float, posted: Path, threads: str, outermost: str) -> str:
        """The functions in which these threads spend their time, from the outermost on."""
        if sys.version_info >= (3, 12):
            return "profile: needs Python 3.11, whose profiler looks at one thread"
        self.room.processes["gateway"].close()
        file = self.room.folder / "profile"
        command = [sys.executable, "-m", "bench.profiled", str(file), threads, "gateway"]
        ready = f"{self.room.url('gateway')}/readyz"
        with running(
            "gateway",
            command,
            answers=lambda: _is_ready(ready),
            log_file=self.room.folder / "profiled.log",
            options={"env": self.room.environment, "cwd": _ROOT},
            # uvicorn dies of a SIGTERM once it has stopped, before anything could be written.
            stop_signal=signal.SIGINT,
        ):
            self.load("profiled", posts, rate, posted)
        return profile_of(pstats.Stats(str(file)), posts, outermost)

    def _spent_s(self) -> float:
        """The CPU time of the gateway so far, in seconds; zero while it is profiled, which costs time of its own."""
        process = self.room.processes["gateway"]
        return spent_s(process.pid) if process.is_alive else 0.0

    def _stored(self) -> int:
        ((count,),) = self.room.rows("select count(*) from inbox")
        return int(count)


def profile_of(stats: pstats.Stats, posts: int, outermost: str, most: int = 25) -> str:
    """The functions with the most time, calls included, in milliseconds for each post."""
    lines = [_PROFILE_LINE.format("calls", "own, ms", "all, ms", "function, what is profiled being slower")]
    rows = sorted(stats.stats.items(), key=lambda row: -row[1][3])  # type: ignore[attr-defined]
    # Around it there is only the thread that waits for the next post.
    first = next(number for number, ((_, _, function), _) in enumerate(rows) if function == outermost)
    for (file, line, function), (_, calls, own_s, all_s, _) in rows[first : first + most]:
        where = f"{'/'.join(Path(file).parts[-2:])}:{line} " if line else ""
        times = (f"{seconds * 1000 / posts:.3f}" for seconds in (own_s, all_s))
        lines.append(_PROFILE_LINE.format(f"{calls / posts:.1f}", *times, f"{where}{function}"))
    return "\n".join(lines)


def _is_ready(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url).status_code == 200
    return False


@contextlib.contextmanager
def _bench() -> Iterator[_Bench]:
    """A gateway over servers of its own, portals that send events, and others that can be read."""
    specs = [
        PortalSpec(f"p{number}", "tiny" if number < _SENDING else "S", number)
        for number in range(_SENDING + _READ)
    ]
    with machine_room_of(specs) as room:
        room.start("gateway")
        senders, others = room.cloud.portals[:_SENDING], room.cloud.portals[_SENDING:]
        installations = [knocks.installation(room, portal) for portal in senders]
        for installation in installations:
            knocks.post(room, installation)
        openings = [knocks.opening_of(room, portal) for portal in senders]
        events = [knocks.event_of(room, portal) for portal in senders]
        connect_all(room, others)[0].close()
        yield _Bench(
            room,
            events=_written(room.folder / "events", events),
            installations=_written(room.folder / "installations", installations),
            openings=_written(room.folder / "openings", openings),
        )


def _written(file: Path, posts: Sequence[Knock]) -> Path:
    file.write_text(json.dumps([astuple(post) for post in posts]))
    return file


if __name__ == "__main__":
    sys.exit(main())
