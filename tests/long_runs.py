"""A pytest plugin: how large the tests of faults are made, by which dice, and a table of what victims of others saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from random import SystemRandom
from typing import Any

import pytest

# The property of a report that holds a line of the table.
SEEN = "seen by the victim"
_LINE = "{:<84}{:>7}{:>9}  {}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a victim saw of a scenario, and the memory each process took for it at most.

    ``asked``: how often he asked for something; ``p95_ms``: how long 95 of 100 answers took at most.
    """

    scenario: str
    asked: int
    p95_ms: float
    peaks_mb: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """What a report can carry from one process to another."""
        return asdict(self)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Both options are for tests/faults; the others have one size."""
    group = parser.getgroup("faults")
    group.addoption("--times", type=int, default=1, help="how many times larger than usual the faults are")
    group.addoption("--seed", type=int, help="repeat the faults of the run with this seed")


def pytest_configure(config: pytest.Config) -> None:
    """All processes of the run have the seed that is told at its beginning and end."""
    if config.option.seed is None:
        config.option.seed = SystemRandom().randrange(10**6)


def pytest_report_header(config: pytest.Config) -> str:
    """How to have the same run again."""
    return f"faults: --times {config.option.times} --seed {config.option.seed}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What every victim saw, and the seed once more where something failed."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    seen = [
        Seen(**value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == SEEN and report.when == "teardown"
    ]
    if seen:
        terminalreporter.section("what victims saw of their neighbours")
        terminalreporter.write_line(table(seen))
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(pytest_report_header(config))


def table(seen: Iterable[Seen]) -> str:
    """A line for each scenario, in the order of their names."""
    lines = [_LINE.format("scenario", "asked", "p95, ms", "peak of memory, MB")]
    for row in sorted(seen, key=lambda row: row.scenario):
        peaks = ", ".join(f"{name} {peak}" for name, peak in row.peaks_mb.items())
        lines.append(_LINE.format(row.scenario, row.asked, f"{row.p95_ms:,.0f}", peaks))
    return "\n".join(lines)
