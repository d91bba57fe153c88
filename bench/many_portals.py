"""``python -m bench.many_portals``: all portals due at once, two workers, and somebody who waits for one of them.

Runs crmap's own processes over servers of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from bench.rooms import connect_all, machine_room_of
from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tools.simulator.cloud import PortalSpec

_PROCESSES = ("cabinet", "worker-1", "worker-2", "beat")
_LOOKS_EVERY_S = 0.5
_GOAL_ALL_S = 900
_GOAL_WAITING_S = 2.0
_LONGEST_S = 1800
_LINE = "{:<34}  {:>9}  {:>9}  {:>9}  {:>12}  {:>12}"


@dataclass(frozen=True, slots=True)
class Round:
    """One time that all portals were due at once. ``waiting_s``: from asking for a read until a worker began it."""

    name: str
    wall_s: float
    waiting_s: tuple[float, ...]
    connections: int
    peaks_mb: tuple[int, ...]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.many_portals", description=__doc__.splitlines()[0])
    parser.add_argument("--portals", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--size", default="tiny", help="how large each is (default: tiny)")
    parser.add_argument(
        "--latency", type=float, default=150, help="of each request to a portal, in ms (default: 150)"
    )
    asked = parser.parse_args()
    specs = [PortalSpec(f"p{number}", asked.size, number) for number in range(asked.portals)]
    with machine_room_of(specs) as room:
        room.start(*_PROCESSES)
        for portal in room.cloud.portals:
            portal.switches.latency_ms = asked.latency
        api, watched = connect_all(room, room.cloud.portals)
        rounds = [_measured(room, api, watched, name) for name in ("first read", "again, nothing changed")]
        api.close()
    print(text_of(rounds, asked.portals, asked.size, asked.latency))
    return 0


def text_of(rounds: list[Round], portals: int, size: str, latency_ms: float) -> str:
    """The table and what was hoped for."""
    head = (
        f"{portals} portals of size {size} due at once, {latency_ms:g} ms for each of their answers."
        f" Two workers of 8 slots.\nPython {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
        " for everything, the simulated portals too"
    )
    lines = [_LINE.format("", "all, s", "a second", "PG conn.", "waits, s", "memory, MB")]
    for found in rounds:
        waits = f"{max(found.waiting_s):.2f}" if found.waiting_s else "-"
        lines.append(
            _LINE.format(
                found.name,
                f"{found.wall_s:.1f}",
                f"{portals / found.wall_s:.1f}",
                found.connections,
                waits,
                "/".join(map(str, found.peaks_mb)),
            )
        )
    worst = max((delay for found in rounds for delay in found.waiting_s), default=0.0)
    slowest = max(found.wall_s for found in rounds)
    verdicts = (
        _verdict(f"all read within {_GOAL_ALL_S} s", slowest <= _GOAL_ALL_S, f"{slowest:.0f} s"),
        _verdict(
            f"who waits is served within {_GOAL_WAITING_S:g} s", worst <= _GOAL_WAITING_S, f"{worst:.2f} s"
        ),
    )
    notes = (
        "waits: the longest time from asking for a refresh until a worker began it, asked again and again meanwhile\n"
        f"memory: the peak of {', '.join(_PROCESSES)}"
    )
    return "\n\n".join([head, "\n".join(lines), "\n".join(verdicts), notes])


def _verdict(goal: str, is_met: bool, found: str) -> str:  # noqa: FBT001 - goal and outcome read best in this order
    return f"{goal}: {'PASS' if is_met else 'missed'}, {found}"


def _measured(room: MachineRoom, api: CabinetApi, watched: UUID, name: str) -> Round:
    """All portals are due now; meanwhile one of them is asked for again and again."""
    ((began,),) = room.rows("update portal set next_read_at = now() where id is not null returning now()")[:1]
    started = time.monotonic()
    asked_at: dict[UUID, datetime] = {}
    connections = 0
    while room.rows("select 1 from portal where read_at is null or read_at < %s limit 1", began):
        if time.monotonic() - started > _LONGEST_S:
            raise TimeoutError(f"not all were read within {_LONGEST_S} s")
        ((now, count),) = room.rows(
            "select now(), count(*) from pg_stat_activity where backend_type = 'client backend'"
        )
        asked_at.setdefault(UUID(api.refresh(str(watched))), now)
        connections = max(connections, count)
        time.sleep(_LOOKS_EVERY_S)
    wall_s = time.monotonic() - started
    begun = room.rows(
        "select id, started_at from job where started_at is not null and id = any(%s)", [*asked_at]
    )
    waits = tuple(max(0.0, (at - asked_at[job]).total_seconds()) for job, at in begun)
    peaks = tuple(_peak_mb(room.processes[process].pid) for process in _PROCESSES)
    return Round(name, wall_s, waits, connections, peaks)


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
