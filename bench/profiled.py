"""``python -m bench.profiled FILE THREADS COMMAND``: runs a crmap command and profiles its threads named THREADS.

Their statistics are in FILE when the command has ended. Each thread needs a profiler of its own, which Python has
up to 3.11 only.
"""

from __future__ import annotations

import pstats
import sys
import threading
from cProfile import Profile

from tools.cli.main import run as run_crmap


def main() -> None:
    file, threads, *command = sys.argv[1:]
    profiles: list[Profile] = []
    run = threading.Thread.run

    def run_profiled(thread: threading.Thread) -> None:
        if not thread.name.startswith(threads):
            run(thread)
            return
        profiles.append(Profile())
        profiles[-1].runcall(run, thread)

    threading.Thread.run = run_profiled  # type: ignore[assignment, method-assign]
    run_crmap(command)
    for thread in threading.enumerate():
        if thread.name.startswith(threads):
            thread.join()
    pstats.Stats(*profiles).dump_stats(file)


if __name__ == "__main__":
    main()
