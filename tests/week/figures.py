"""What a simulated week came to: load, lag, growth, and whether what is promised was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_LINE = "{:<58}{:>12}{:>12}{:>12}"


@dataclass
class Figures:
    """Seconds, unless a name says otherwise."""

    reads: Counter[str] = field(default_factory=Counter)
    begun_by_minute: Counter[int] = field(default_factory=Counter)
    busy_s: float = 0.0
    most_busy: int = 0
    waits_to_begin: list[float] = field(default_factory=list)
    waits_to_end: list[float] = field(default_factory=list)
    lags: dict[str, list[float]] = field(default_factory=lambda: {"event": [], "no event": []})
    ages: list[float] = field(default_factory=list)
    installs: list[float] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    leases_lost: int = 0
    ticks: int = 0
    versions: int = 0
    kilobytes: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def text(self, portals: int, length: timedelta, slots: int, spent_s: float) -> str:
        """Everything as a table."""
        seconds, scale = length.total_seconds(), portals / 1000 * (length / timedelta(days=1))
        grown = ", ".join(f"{name} {size / scale:,.0f}" for name, size in self.kilobytes.items())
        minutes = list(self.begun_by_minute.values())
        head = (
            f"{portals:,} portals, {length / timedelta(days=1):g} days in {spent_s:.0f} s"
            f" (time × {seconds / spent_s:,.0f}), {slots} slots, {self.deaths} workers died"
        )
        lines = [
            head,
            "",
            (
                f"reads: {sum(self.reads.values()):,}, {sum(minutes) / seconds:.2f} a second,"
                f" at most {max(minutes, default=0) / 60:.1f} a second in a minute"
            ),
            "       " + ", ".join(f"{count:,} {end}" for end, count in self.reads.most_common()),
            f"slots busy: {self.busy_s / seconds:.1f} on average, at most {self.most_busy} of {slots}",
            "events: " + ", ".join(f"{count:,} {what}" for what, count in sorted(self.events.items())),
            f"ticks with something to do: {self.ticks:,}; leases lost: {self.leases_lost}",
            "",
            _LINE.format("", "p50", "p95", "most"),
            _spread("age of what is shown of a portal", self.ages),
            _spread("from a change to its being shown, its event has come", self.lags["event"]),
            _spread("the same without an event", self.lags["no event"]),
            _spread("from a press of «Обновить» to the beginning of the read", self.waits_to_begin),
            _spread("from a press to the end of the read", self.waits_to_end),
            _spread("from an installation to the first read", self.installs),
            "",
            f"growth in kB, of 1,000 portals and a day: {grown}, and {self.versions / scale:,.0f} new versions",
            "",
            "kept: everything" if not self.broken else "\n".join(["NOT KEPT:", *self.broken[:20]]),
        ]
        return "\n".join(lines)

    def began(self, at: datetime, begin: datetime) -> None:
        self.begun_by_minute[int((at - begin).total_seconds() // 60)] += 1


def _spread(name: str, values: Iterable[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return _LINE.format(name, "-", "-", "-")
    last = len(ordered) - 1
    return _LINE.format(name, *(_time(ordered[last * part // 100]) for part in (50, 95, 100)))


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
