"""``python -m bench.reads``: what portals are asked when they are read first and when they are known."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from tests.stories.reading import a_portal, read
from tools.simulator.portal import SimulatedPortal

_SIZES = ("S", "M", "L")
_LINE = "{:<6}{:<9}{:>8}{:>10}{:>9}"


@dataclass(frozen=True, slots=True)
class Asked:
    """How many requests one read took, how many commands were in them, and how many of those were refused."""

    size: str
    read: str
    requests: int
    commands: int
    refused: int


def main() -> int:
    print(text_of([row for size in _SIZES for row in asked(size)]))
    return 0


def asked(size: str) -> tuple[Asked, Asked]:
    """What a portal of this size is asked in its first read, and in the next one."""
    with a_portal(size) as portal:
        found = read(portal)
        first = _counted(portal, size, "first")
        portal.log.clear()
        read(portal, known=found.coverage)
        return first, _counted(portal, size, "known")


def text_of(rows: list[Asked]) -> str:
    """The table."""
    lines = [_LINE.format(row.size, row.read, row.requests, row.commands, row.refused) for row in rows]
    return "\n".join([_LINE.format("size", "read", "requests", "commands", "refused"), *lines])


def _counted(portal: SimulatedPortal, size: str, which: str) -> Asked:
    commands = [command for command in portal.log.commands if command.method != "batch"]
    refused = sum(command.error is not None for command in commands)
    return Asked(size, which, len(portal.log.requests), len(commands), refused)


if __name__ == "__main__":
    sys.exit(main())
