"""The names that travel through the broker. No message carries anything a worker trusts: the job table is the order."""

from __future__ import annotations

from typing import Final

# Somebody says there is work; whoever hears it looks for the best due job.
RING: Final = "crmap.ring"
# The dispatcher's beat: events become jobs, due portals become jobs, lost jobs are queued again.
TICK: Final = "crmap.tick"

QUEUE: Final = "crmap"
