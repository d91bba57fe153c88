"""The measurements as a table for people, with the two ratios that matter, and as JSON for machines."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from importlib import metadata
from statistics import median
from typing import Any

from bench.run import LATENCY_MS, Read, Row

WALL_GOAL, CPU_GOAL = 1.15, 2.0
_PACKAGES = {"fast_bitrix24": "fast-bitrix24", "b24pysdk": "b24pysdk"}
_NAMES = {"crmap": "CRMAP", "floor": "floor", "fast_bitrix24": "fast-bitrix24", "b24pysdk": "b24pysdk"}
_LINE = "{:<4}  {:<20}  {:>8}  {:>8}  {:<19}  {:<13}  {:>8}"
_NOTES = """\
floor           CRMAP's own batches sent by bare httpx, the JSON parsed, nothing made of it
fast-bitrix24   with its progress bar off; its lists hold no labels, which it finds in the field descriptions
b24pysdk        speaks https only: it alone met the portal over TLS, a few ms for each request, trusting a
                certificate made for this run through REQUESTS_CA_BUNDLE
requests, commands: as the portal counted them. Wall and CPU: the read alone, without imports. Peak: the process."""


def text_of(rows: Sequence[Row], repetitions: int) -> str:
    """The table, the verdicts and the notes."""
    head = (
        f"A full read of a portal, {LATENCY_MS} ms for each HTTP request."
        f" Median (least–most) of {repetitions}, each in a process of its own.\n"
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    )
    return "\n\n".join([head, table(rows), "\n".join(verdicts(rows)), _NOTES])


def table(rows: Sequence[Row]) -> str:
    """All rows, aligned; a client that could not read has its reason instead of numbers."""
    lines = [_LINE.format("size", "client", "requests", "commands", "wall, s", "CPU, ms", "peak, MB")]
    for row, before in zip(rows, (None, *rows), strict=False):
        if before is not None and before.size != row.size:
            lines.append("")
        lines.append(_line(row))
    return "\n".join(line.rstrip() for line in lines)


def verdicts(rows: Sequence[Row]) -> list[str]:
    """How CRMAP compares with the floor: PASS, or by how much a goal is missed and why."""
    of_client = {(row.client, row.size): row for row in rows if row.reads}
    pairs = [
        (row, of_client["floor", size])
        for (client, size), row in of_client.items()
        if client == "crmap" and ("floor", size) in of_client
    ]
    lines = [_verdict(f"wall {row.size}", row, floor, _wall, WALL_GOAL) for row, floor in pairs]
    lines += [
        _verdict(f"CPU  {row.size}", row, floor, _cpu, CPU_GOAL) for row, floor in pairs if row.size == "L"
    ]
    return lines


def ratio(row: Row, floor: Row, of: Callable[[Read], float]) -> float:
    """The median of one client in units of another's."""
    return median(map(of, row.reads)) / median(map(of, floor.reads))


def document_of(rows: Sequence[Row], repetitions: int) -> dict[str, Any]:
    """Everything that was measured, read by read."""
    return {
        "latency_ms": LATENCY_MS,
        "repetitions": repetitions,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "rows": [{**asdict(row), "version": _version(row.client)} for row in rows],
        "verdicts": verdicts(rows),
    }


def _wall(read: Read) -> float:
    return read.wall_s


def _cpu(read: Read) -> float:
    return read.cpu_s


def _line(row: Row) -> str:
    name = f"{_NAMES[row.client]} {_version(row.client) or ''}".strip()
    if row.problem is not None:
        return f"{row.size:<4}  {name:<20}  could not read: {row.problem}"
    return _LINE.format(
        row.size,
        name,
        row.requests,
        row.commands,
        _spread((read.wall_s for read in row.reads), ".3f"),
        _spread((read.cpu_s * 1000 for read in row.reads), ".0f"),
        f"{median(read.peak_mb for read in row.reads):.0f}",
    )


def _version(client: str) -> str | None:
    package = _PACKAGES.get(client)
    try:
        return metadata.version(package) if package else None
    except metadata.PackageNotFoundError:
        return None


def _spread(numbers: Iterable[float], form: str) -> str:
    found = list(numbers)
    return f"{median(found):{form}} ({min(found):{form}}–{max(found):{form}})"


def _verdict(what: str, row: Row, floor: Row, of: Callable[[Read], float], goal: float) -> str:
    found = ratio(row, floor, of)
    outcome = "PASS" if found <= goal else _extra_work(row, floor)
    return f"{what}  CRMAP / floor = {found:.2f}, goal ≤ {goal:.2f}: {outcome}"


def _extra_work(row: Row, floor: Row) -> str:
    wall, cpu = (median(map(of, row.reads)) - median(map(of, floor.reads)) for of in (_wall, _cpu))
    return (
        f"{1000 * wall:.0f} ms more, CPU {1000 * cpu:.0f} ms: {row.values:,} values checked and built,"
        f" {1e6 * cpu / row.values:.0f} µs each"
    )
