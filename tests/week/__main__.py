"""``python -m tests.week``: 10,000 portals for seven days, with all that may fail. Ends with 1 if a promise broke."""

# ruff: noqa: T201 - a run says what it came to

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from random import SystemRandom

from tests.servers import databases
from tests.week.week import live


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.week", description=__doc__)
    parser.add_argument("--portals", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--days", type=float, default=7, help="for so many days (default: 7)")
    parser.add_argument("--workers", type=int, default=2, help="processes of 8 slots (default: 2)")
    parser.add_argument("--seed", type=int, help="repeat the run with this seed")
    asked = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    with databases() as server:
        figures, text = live(
            server.fresh(),
            portals=asked.portals,
            length=timedelta(days=asked.days),
            seed=seed,
            processes=asked.workers,
        )
    print(text)
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
