"""``python -m bench.visible``: how long it takes until a change that a portal tells of by an event can be seen.

Runs crmap's own processes over servers of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import time
from collections.abc import Sequence

from bench import knocks
from bench.gateway import percentile
from bench.rooms import machine_room_of
from tests.machine_room import EVERYTHING, MachineRoom
from tests.waiting import until
from tools.simulator.cloud import PortalSpec
from tools.simulator.portal import SimulatedPortal

_LATENCY_MS = 150
_GOALS_S = {50: 1.6, 95: 3.0}
# Events come at any time between two ticks.
_PAUSE_S = 3.0
_LONGEST_S = 60
_LINE = "{:<10}{:>8}{:>8}{:>8}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.visible", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=40, help="each of another portal (default: 40)")
    asked = parser.parse_args()
    specs = [PortalSpec(f"p{number}", "S", number) for number in range(asked.events)]
    with machine_room_of(specs) as room:
        room.start(*EVERYTHING)
        for portal in room.cloud.portals:
            knocks.post(room, knocks.installation(room, portal))
        until(lambda: _is_idle(room), within=_LONGEST_S, what="all portals are read")
        dice = random.Random(1)
        taken_s = []
        for portal in room.cloud.portals:
            portal.switches.latency_ms = _LATENCY_MS
            time.sleep(dice.uniform(0, _PAUSE_S))
            taken_s.append(_visible_s(room, portal))
    print(text_of(taken_s))
    return 0


def text_of(taken_s: Sequence[float]) -> str:
    """The table and what was hoped for."""
    head = (
        f"From an event until its change is recorded; the portal answers after {_LATENCY_MS} ms, and nothing else is"
        f" to do.\nPython {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores for everything,"
        " the simulated portals too"
    )
    found = [f"{percentile(taken_s, of_hundred):.2f}" for of_hundred in (50, 95)]
    lines = [
        _LINE.format("events", "p50, s", "p95, s", "most, s"),
        _LINE.format(len(taken_s), *found, f"{max(taken_s):.2f}"),
    ]
    verdicts = [
        f"{of_hundred} of 100 within {goal:g} s: {'PASS' if percentile(taken_s, of_hundred) <= goal else 'missed'}"
        for of_hundred, goal in _GOALS_S.items()
    ]
    return "\n\n".join([head, "\n".join(lines), "\n".join(verdicts)])


def _visible_s(room: MachineRoom, portal: SimulatedPortal) -> float:
    """How long it takes from an event of the portal until its change is recorded, in seconds."""
    row = next(row for directory in portal.crm.directories.values() for row in directory.rows)
    portal.edit("rename_stage", row_id=row.id, to="Another name")
    with room.connection() as connection:
        query = "select count(*) from change join portal on portal.id = portal_id where member_id = %s"

        def changes() -> int:
            ((count,),) = connection.execute(query, [portal.member_id]).fetchall()
            # What is stored next is seen by another transaction.
            connection.rollback()
            return int(count)

        before = changes()
        began = time.monotonic()
        knocks.post(room, knocks.event_of(room, portal))
        until(lambda: changes() > before, within=_LONGEST_S, what="the change is recorded")
        return time.monotonic() - began


def _is_idle(room: MachineRoom) -> bool:
    return not room.rows(
        "select from portal where read_at is null or exists"
        " (select from job where portal_id = portal.id and state in ('queued', 'running'))"
    )


if __name__ == "__main__":
    sys.exit(main())
