"""``python -m bench.worker``: what a worker spends on reads in which nothing has changed, and on having nothing to do.

Runs crmap's own processes over servers of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench import knocks
from bench.rooms import connect_all, machine_room_of
from tests.machine_room import MachineRoom
from tools.simulator.cloud import PortalSpec

_PROCESSES = ("gateway", "cabinet", "worker", "beat")
_KINDS = (("S, webhook", "S"), ("M, webhook", "M"), ("S, application", "S"))
_LONGEST_S = 600
# In the server's log: a process, and the first line of the statement it was sent that is not empty.
_STATEMENT = re.compile(r"^(\d+) LOG:  (?:statement|execute [^:]*):\s*(.*)", re.MULTILINE)
_LINE = "{:<18}{:>12}{:>10}{:>10}{:>10}{:>12}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What one read took, or a second. Times are those of the CPU, in milliseconds.

    ``commits`` are all transactions, ``written`` those that changed something, which wait for the disk.
    """

    name: str
    worker_ms: float
    postgres_ms: float
    commits: float
    written: float
    statements: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.worker", description=__doc__.splitlines()[0])
    parser.add_argument("--portals", type=int, default=60, help="how many of each kind (default: 60)")
    parser.add_argument("--seconds", type=float, default=30, help="with nothing to do (default: 30)")
    parser.add_argument("--list", action="store_true", help="list the statements as well")
    asked = parser.parse_args()
    reads: list[Spent] = []
    idle: list[Spent] = []
    lists: list[str] = []
    for name, size in _KINDS:
        with _bench(asked.portals, size, with_application="application" in name) as bench:
            reads.append(bench.spent(name, bench.read_all, asked.portals))
            lists.append(bench.listed(name, asked.portals))
            if not idle:
                idle.append(bench.spent("nothing to do", lambda: time.sleep(asked.seconds), asked.seconds))
                lists.append(bench.listed("a second", asked.seconds))
    print(text_of(reads, idle, lists if asked.list else []))
    return 0


def text_of(reads: Sequence[Spent], idle: Sequence[Spent], lists: Sequence[str] = ()) -> str:
    """The tables, and the statements if they are asked for."""
    head = (
        "Reads in which nothing has changed, and a worker without work beside gateway, cabinet and beat.\n"
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    )
    notes = (
        "worker, PG: CPU time of the worker's process and of PostgreSQL's sessions\n"
        "commits: all transactions; written: those that changed something"
    )
    return "\n\n".join([head, _table("a read", reads), _table("a second", idle), notes, *lists])


def _table(what: str, rows: Iterable[Spent]) -> str:
    lines = [_LINE.format(what, "worker, ms", "PG, ms", "commits", "written", "statements")]
    for row in rows:
        numbers = (row.worker_ms, row.postgres_ms, row.commits, row.written, row.statements)
        lines.append(_LINE.format(row.name, *(f"{number:.2f}" for number in numbers)))
    return "\n".join(lines)


@dataclass
class _Bench:
    """Work is done twice: once it is timed, and once the server writes down every statement."""

    room: MachineRoom
    connection: psycopg.Connection[Any]
    statements: Counter[str] = field(default_factory=Counter)

    def read_all(self) -> None:
        """All portals are due at once, and are read."""
        ((began,),) = self.ask("select now()")
        end = time.monotonic() + _LONGEST_S
        unread = "read_at is null or read_at < %s"
        while self.ask(f"select 1 from portal where {unread} limit 1", began):  # noqa: S608 - a literal
            # More than once: a read that was under way already puts its portal off for hours.
            self.ask(
                f"update portal set next_read_at = %s where next_read_at > %s and ({unread})",  # noqa: S608
                *(began, began, began),
            )
            if time.monotonic() > end:
                raise TimeoutError(f"not all were read within {_LONGEST_S} s")
            time.sleep(0.1)

    def spent(self, name: str, work: Callable[[], None], times: float) -> Spent:
        """What the work takes, if it is one thing done so many times."""
        worker, sessions = self._worker_ms(), self._postgres_ms()
        work()
        worker_ms, postgres_ms = self._worker_ms() - worker, self._postgres_ms() - sessions
        log = self.room.folder / "postgres" / "server.log"
        with self._logged():
            start, written = log.stat().st_size, self._transactions()
            work()
            written = self._transactions() - written
            with log.open(errors="replace") as lines:
                lines.seek(start)
                commits = self._counted(lines.read())
        total = self.statements.total()
        return Spent(name, *(each / times for each in (worker_ms, postgres_ms, commits, written, total)))

    def listed(self, name: str, times: float) -> str:
        """The statements of what was counted last, and how often each came."""
        lines = [f"{count / times:>8.2f}  {text[:150]}" for text, count in self.statements.most_common()]
        return "\n".join([name, *lines])

    def ask(self, query: str, *values: Any) -> list[Any]:
        """Rows from the database, through a session that does not count."""
        found = self.connection.execute(query, values or None)
        return found.fetchall() if found.description else []

    @contextlib.contextmanager
    def _logged(self) -> Iterator[None]:
        for setting in ("log_statement = 'all'", "log_line_prefix = '%p '"):
            self.ask(f"alter system set {setting}")
        self._reload()
        try:
            yield
        finally:
            self.ask("alter system reset all")
            self._reload()

    def _reload(self) -> None:
        self.ask("select pg_reload_conf()")
        # Sessions notice within their next statement.
        time.sleep(1)

    def _counted(self, log: str) -> int:
        """Counts the statements in this part of the log. Returns how many transactions they are."""
        self.statements.clear()
        inside: set[str] = set()
        commits = 0
        for process, statement in _STATEMENT.findall(log):
            self.statements[statement] += 1
            word = statement.partition(" ")[0]
            if word == "BEGIN":
                inside.add(process)
            elif word in ("COMMIT", "ROLLBACK"):
                inside.discard(process)
                commits += 1
            else:
                commits += process not in inside
        return commits

    def _transactions(self) -> int:
        """How many transactions have changed something so far."""
        ((count,),) = self.ask("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(count)

    def _worker_ms(self) -> float:
        return _cpu_ms(Path(f"/proc/{self.room.processes['worker'].pid}"))

    def _postgres_ms(self) -> float:
        sessions = self.ask(
            "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return sum(_cpu_ms(Path(f"/proc/{pid}")) for (pid,) in sessions)


def _cpu_ms(process: Path) -> float:
    """The CPU time of a process so far."""
    tasks = (process / "task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1_000_000


@contextlib.contextmanager
def _bench(portals: int, size: str, *, with_application: bool) -> Iterator[_Bench]:
    """All processes of the product, and so many portals of this size, which were read before."""
    specs = [PortalSpec(f"p{number}", size, number) for number in range(portals)]
    with machine_room_of(specs) as room:
        room.start(*_PROCESSES)
        if with_application:
            for portal in room.cloud.portals:
                knocks.post(room, knocks.installation(room, portal))
        else:
            connect_all(room, room.cloud.portals)[0].close()
        with psycopg.connect(room.database_url, autocommit=True) as connection:
            connection.execute("set log_statement = 'none'")
            bench = _Bench(room, connection)
            bench.read_all()
            bench.read_all()
            yield bench


if __name__ == "__main__":
    sys.exit(main())
