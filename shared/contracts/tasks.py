"""The names that travel through the broker. No message carries anything a worker trusts: the job table is the order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Somebody says there is work; whoever hears it does the best piece of work that is due.
RING: Final = "crmap.ring"
# The dispatcher's beat: events become jobs, due portals become jobs, lost jobs are queued again.
TICK: Final = "crmap.tick"

QUEUE: Final = "crmap"


class WorkKind(StrEnum):
    """What a worker does: it reads a portal, verifies an event that came in, or renews tokens nothing uses."""

    READ = "read"
    EVENT = "event"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class RungFor:
    """The work a bell was rung for, as Flower shows it to an operator. A worker never looks at it.

    ``job`` is the id of the job, ``portal`` the domain of its portal; both are empty where whoever rings has none.
    """

    kind: WorkKind = WorkKind.READ
    job: str = ""
    portal: str = ""

    def shown(self) -> dict[str, str]:
        """The arguments of the message."""
        values = {"kind": self.kind.value, "job": self.job, "portal": self.portal}
        return {name: value for name, value in values.items() if value}
