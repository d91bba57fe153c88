"""``python -m bench``: CRMAP's read of a portal beside other clients', as a table and as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import report
from bench.run import measured

SIZES = ("S", "M", "L")
LATEST = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure CRMAP beside other clients."
    )
    parser.add_argument(
        "--sizes", type=_sizes, default=SIZES, help="which portals to read, such as S,M (default: all)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="two reads each instead of five: does it run at all?"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements to this file, too")
    asked = parser.parse_args()
    repetitions = 2 if asked.quick else 5
    rows = measured(asked.sizes, repetitions, report=_progress)
    _progress("")
    print(report.text_of(rows, repetitions))
    document = json.dumps(report.document_of(rows, repetitions), indent=1)
    LATEST.parent.mkdir(exist_ok=True)
    for file in filter(None, (LATEST, asked.json)):
        file.write_text(document + "\n")
    return 1 if any(row.problem for row in rows) else 0


def _sizes(text: str) -> tuple[str, ...]:
    sizes = tuple(size.strip().upper() for size in text.split(","))
    if unknown := [size for size in sizes if size not in SIZES]:
        raise argparse.ArgumentTypeError(f"no such size: {', '.join(unknown)}; there are {', '.join(SIZES)}")
    return sizes


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<40}", end="\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
