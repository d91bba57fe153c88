"""One read by one client, alone in its process: ``python -m bench.measure CLIENT``, the portal as JSON on stdin."""

from __future__ import annotations

import importlib
import json
import resource
import sys

from bench.reading import Portal, Stopwatch

# Linux counts in kilobytes, macOS in bytes.
_RSS_PER_MB = 2**20 if sys.platform == "darwin" else 2**10


def main() -> None:
    portal = Portal(**json.load(sys.stdin))
    client = importlib.import_module(f"bench.clients.{sys.argv[1]}")
    stopwatch = Stopwatch()
    found = client.read(portal, stopwatch)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_PER_MB
    measured = {
        "wall_s": stopwatch.wall_s,
        "cpu_s": stopwatch.cpu_s,
        "peak_mb": peak_mb,
        "found": found,
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
