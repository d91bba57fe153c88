"""``python -m bench.documents``: how long others wait while one person fetches documents of a large portal.

Runs crmap's own processes over servers of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.pages import furnished_plant
from bench.rooms import meanwhile
from shared.specification.formats import FORMATS
from shared.wording.language import LANGUAGES
from tests.stories.browser.plant import LARGE, Person, Plant
from tools.simulator.cloud import PortalSpec

_GOAL_P95_MS = 2000
_WEB = "one-address"
_SMALL = "small"
_PATIENCE_S = 300
_LOOKS_EVERY_S = 0.05
_LINE = "{:<34}  {:>7}  {:>8}  {:>8}  {:>7}  {:<24}  {:>9}  {:>9}"
_HEAD = ("", "took, s", "p50, ms", "p95, ms", "others'", "documents", "peak, MB", "then, MB")


@dataclass
class Phase:
    """What others saw while documents were fetched. Waits are in seconds, memory in MB of all processes of the web."""

    name: str
    took_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    documents: Counter[int] = field(default_factory=Counter)
    peak_mb: float = 0.0
    then_mb: float = 0.0

    @property
    def p95_ms(self) -> float:
        """What 95 of 100 of others' pages took at most."""
        return statistics.quantiles(self.waits_s, n=20)[-1] * 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.documents", description=__doc__.splitlines()[0])
    parser.add_argument("--parallel", type=int, default=60, help="documents at once (default: 60)")
    parser.add_argument("--rounds", type=int, default=8, help="of all formats in both languages (default: 8)")
    asked = parser.parse_args()
    with furnished_plant([PortalSpec(LARGE, "L"), PortalSpec(_SMALL, "S")]) as found:
        phases = _phases(found, asked.parallel, asked.rounds)
    print(text_of(phases))
    return 0


def text_of(phases: list[Phase]) -> str:
    """The table and what was hoped for."""
    head = (
        "Pages of one person while another fetches documents of a portal of size L."
        f" Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores for everything."
    )
    lines = [_LINE.format(*_HEAD).rstrip()]
    lines += [
        _LINE.format(
            one.name,
            f"{one.took_s:.1f}",
            f"{statistics.median(one.waits_s) * 1000:.0f}",
            f"{one.p95_ms:.0f}",
            _counted(one.others),
            _counted(one.documents),
            f"{one.peak_mb:.0f}",
            f"{one.then_mb:.0f}",
        ).rstrip()
        for one in phases
    ]
    slowest = max(phases, key=lambda one: one.p95_ms)
    refused = sum(count for one in phases for status, count in one.others.items() if status != 200)
    verdict = "PASS" if slowest.p95_ms <= _GOAL_P95_MS and not refused else "missed"
    goal = (
        f"95 of 100 pages of others within {_GOAL_P95_MS} ms, none refused:"
        f" {verdict}, {slowest.p95_ms:.0f} ms, {refused} refused"
    )
    return "\n\n".join([head, "\n".join(lines), goal])


def _counted(statuses: Counter[int]) -> str:
    return " ".join(f"{count}x{status}" for status, count in sorted(statuses.items())) or "-"


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Two people of one web process: ``busy`` fetches documents, ``other`` opens ``pages``."""

    url: str
    web: int
    busy: Person
    other: Person
    pages: tuple[str, ...]

    def phase(self, name: str, documents: list[str], at_once: int = 1) -> Phase:
        """What the other saw while these documents were fetched; without any, for five seconds."""
        phase, started = Phase(name), time.monotonic()
        with (
            _browser(self.url, self.busy) as browser,
            self._watched(phase),
            self._visiting(phase),
            ThreadPoolExecutor(at_once) as fetching,
        ):
            phase.documents.update(fetching.map(lambda path: browser.get(path).status_code, documents))
            if not documents:
                time.sleep(5)
        phase.took_s = time.monotonic() - started
        phase.then_mb = _memory_mb(self.web)
        return phase

    @contextlib.contextmanager
    def _visiting(self, phase: Phase) -> Iterator[None]:
        """The other opens one page after the other while the block runs, at least two."""
        is_over = threading.Event()
        browser = _browser(self.url, self.other)

        def visit() -> None:
            while not is_over.is_set() or len(phase.waits_s) < 2:
                path = self.pages[len(phase.waits_s) % len(self.pages)]
                started = time.monotonic()
                phase.others[browser.get(path).status_code] += 1
                phase.waits_s.append(time.monotonic() - started)
                time.sleep(_LOOKS_EVERY_S)

        with browser, meanwhile(visit, is_over):
            yield

    @contextlib.contextmanager
    def _watched(self, phase: Phase) -> Iterator[None]:
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(_LOOKS_EVERY_S):
                phase.peak_mb = max(phase.peak_mb, _memory_mb(self.web))

        with meanwhile(watch, is_over):
            yield


def _phases(found: Plant, parallel: int, rounds: int) -> list[Phase]:
    busy, other = found.person(), found.person()
    large = busy.api.connect(found.cloud.portal(LARGE).webhook_url)
    small = other.api.connect(found.cloud.portal(_SMALL).webhook_url)
    busy.api.until_state(large, "fresh")
    other.api.until_state(small, "fresh")
    address = f"/accounts/{large}/specification"
    every = [f"{address}?format={form}&lang={lang}" for form in FORMATS for lang in LANGUAGES]
    pages = ("/accounts", f"/accounts/{small}", f"/accounts/{small}/stages")
    neighbours = _Neighbours(found.url, _pid_of(_WEB), busy, other, pages)
    return [
        neighbours.phase("nothing else", []),
        neighbours.phase("one XLSX", [f"{address}?format=xlsx"]),
        neighbours.phase(
            f"{parallel} at once, the same XLSX", [f"{address}?format=xlsx&lang=en"] * parallel, parallel
        ),
        neighbours.phase(f"{parallel} at once, of all formats", (every * parallel)[:parallel], parallel),
        neighbours.phase(f"{rounds * len(every)} one after the other", every * rounds),
    ]


def _browser(url: str, person: Person) -> httpx.Client:
    """A browser in which the person is signed in, with as many connections as it wants."""
    cookie = {"Cookie": f"crmap-session={person.cookie}"}
    return httpx.Client(base_url=url, headers=cookie, timeout=_PATIENCE_S, limits=httpx.Limits())


def _pid_of(name: str) -> int:
    """The process of ours that runs this command."""
    return next(pid for pid in _children(os.getpid()) if name in Path(f"/proc/{pid}/cmdline").read_text())


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def _memory_mb(pid: int) -> float:
    """The resident memory of a process and its children."""
    total = 0
    for one in (pid, *_children(pid)):
        with contextlib.suppress(OSError):
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(main())
