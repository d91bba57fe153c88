"""How a worker's slots are shared out, so that one is free for a person who waits whatever others do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# A portal whose last read held its slot for longer is slow until a read is quicker.
SLOW_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many slots of one worker process different kinds of work may hold at most.

    ``verification``: lifecycle events. ``routine``: reads by schedule. ``slow``: reads of slow portals. ``unproven``:
    of these and of portals that were never read. ``unproven_of_one`` and ``of_one``: the same and all reads, of one
    cabinet's webhooks or of one host.
    """

    verification: int
    routine: int
    slow: int
    unproven: int
    unproven_of_one: int
    of_one: int

    @classmethod
    def of(cls, slots: int) -> Shares:
        """The shares of a process with so many slots, at least two."""
        quarter, half = max(1, slots // 4), max(1, slots // 2)
        return cls(
            verification=quarter,
            routine=slots - quarter,
            slow=quarter,
            unproven=half,
            unproven_of_one=quarter,
            of_one=half,
        )
