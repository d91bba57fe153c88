"""``python -m tests.fuzz``: ten thousand cases on every core. It ends with 1 if one of them tells something untrue."""

# ruff: noqa: T201 - a run says how it goes

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from random import Random, SystemRandom

from tests.fuzz.case import run

_SHARE = 25


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument(
        "--seed", type=int, help="repeat the run with this seed (default: another one each time)"
    )
    parser.add_argument("--case", type=int, help="tell the whole story of this case only")
    asked = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    if asked.case is not None:
        return _tell(seed, asked.case)
    began, failed, count = time.monotonic(), 0, 0
    shares = [range(start, min(start + _SHARE, asked.cases)) for start in range(0, asked.cases, _SHARE)]
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        for share, found in zip(shares, processes.map(_wrong, [seed] * len(shares), shares), strict=True):
            count += len(share)
            for case, wrong in found:
                failed += 1
                print(f"case {case}: {wrong[0]} (and {len(wrong) - 1} more)", flush=True)
            if count % 500 < _SHARE or count == asked.cases:
                spent = time.monotonic() - began
                print(f"{count} of {asked.cases} cases in {spent:.0f} s, {failed} untrue", flush=True)
    if failed:
        print(f"the story of one: python -m tests.fuzz --seed {seed} --case NUMBER")
    return 1 if failed else 0


def _wrong(seed: int, cases: range) -> list[tuple[int, list[str]]]:
    """The cases that told something untrue, and what."""
    found = [(number, run(Random(f"{seed}/{number}")).wrong) for number in cases]
    return [(number, wrong) for number, wrong in found if wrong]


def _tell(seed: int, number: int) -> int:
    case = run(Random(f"{seed}/{number}"))
    print("\n".join([*case.story, *case.wrong]))
    return 1 if case.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
