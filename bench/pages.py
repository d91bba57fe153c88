"""``python -m bench.pages``: how long people wait for a page when their portals are large, and when there are many.

Runs crmap's own processes over servers of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx

from bench.rooms import server_folder
from shared.db.migrate import upgrade
from tests.stories.browser import every_page
from tests.stories.browser.plant import LARGE, Person, Plant, plant
from tools.simulator.cloud import PortalSpec
from tools.standalone.postgres import postgres
from tools.standalone.valkey import valkey

_GOAL_P95_MS = 300
_COOKIE = "crmap-session"
_OTHER = "other"
# Costs no more than any small page, and is no success.
_NOT_TIMED = "nowhere"
_READ_WITHIN_S = 600.0
_LINE = "{:<58}  {:>8}  {:>8}  {:>8}"

Ask = Callable[[], httpx.Response]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a page took, in milliseconds, and how large it is."""

    page: str
    p50_ms: float
    p95_ms: float
    size_kb: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=40, help="how often each page is asked for (default: 40)"
    )
    parser.add_argument("--accounts", type=int, default=500, help="in the long list (default: 500)")
    asked = parser.parse_args()
    specs = [PortalSpec(LARGE, "L"), PortalSpec(_OTHER, "M")]
    specs += [PortalSpec(f"p{number}", "tiny", number) for number in range(asked.accounts)]
    with furnished_plant(specs) as found, httpx.Client(base_url=found.url, timeout=60) as http:
        pages = {**_long_list(found, http), **_large_portal(found, http)}
        timings = [_timed(name, ask, asked.rounds) for name, ask in pages.items()]
    print(text_of(timings, asked.accounts, asked.rounds))
    return 0


def text_of(timings: list[Timing], accounts: int, rounds: int) -> str:
    """The table and what was hoped for."""
    head = (
        f"Pages of a cabinet with a portal of size L and one of size M, and a list of {accounts} accounts. Each was"
        f"\nasked for {rounds} times, one after the other. Python {platform.python_version()}, {platform.system()},"
        f" {os.cpu_count()} cores for everything."
    )
    lines = [_LINE.format("page", "p50, ms", "p95, ms", "kB")]
    lines += [
        _LINE.format(one.page, f"{one.p50_ms:.0f}", f"{one.p95_ms:.0f}", f"{one.size_kb:.0f}")
        for one in timings
    ]
    slowest = max(timings, key=lambda one: one.p95_ms)
    verdict = "PASS" if slowest.p95_ms <= _GOAL_P95_MS else "missed"
    goal = f"95 of 100 pages within {_GOAL_P95_MS} ms: {verdict}, {slowest.p95_ms:.0f} ms for {slowest.page}"
    return "\n\n".join([head, "\n".join(lines), goal])


def _timed(name: str, ask: Ask, rounds: int) -> Timing:
    answer = ask()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - started) * 1000)
    if not answer.is_success:
        raise AssertionError(f"{name}: {answer.status_code} {answer.text[:500]}")
    return Timing(
        name, statistics.median(taken), statistics.quantiles(taken, n=20)[-1], len(answer.content) / 1000
    )


@contextlib.contextmanager
def furnished_plant(specs: Sequence[PortalSpec]) -> Iterator[Plant]:
    """Everything runs over servers of its own while the block does, with these portals to connect."""
    with server_folder() as folder, postgres(folder) as database, valkey(folder) as broker:
        upgrade(database.url())
        with plant(folder, database.url(), broker.url, specs, shared_port=True) as found:
            yield found


def _long_list(found: Plant, http: httpx.Client) -> Mapping[str, Ask]:
    """A cabinet with very many small accounts, all of them read."""
    person = found.person()
    for portal in found.cloud.portals:
        if portal.name not in (LARGE, _OTHER):
            person.api.connect(portal.webhook_url)
    until = time.monotonic() + _READ_WITHIN_S
    while any(account["state"] != "fresh" for account in person.api.accounts()):
        if time.monotonic() > until:
            raise TimeoutError(f"not all accounts were read within {_READ_WITHIN_S:g} s")
        time.sleep(1)
    return {f"{path} with many accounts": _asking(http, person, path) for path in every_page.OVER_ALL}


def _large_portal(found: Plant, http: httpx.Client) -> Mapping[str, Ask]:
    """A cabinet with a large portal, and the same portal's own pages."""
    large, other = found.cloud.portal(LARGE), found.cloud.portal(_OTHER)
    estate = every_page.furnished(found, large, other, name=LARGE)
    pages = {
        route: _asking(http, estate.person, address(estate))
        for route, address in every_page.PAGES.items()
        if route != _NOT_TIMED
    }
    session = found.frame_session(large)
    return pages | {
        name: _framed(http, name.partition(" ")[0], {"session": session, **fields})
        for name, fields in every_page.IN_PORTAL.items()
    }


def _asking(http: httpx.Client, person: Person, path: str) -> Ask:
    return lambda: http.get(path, headers={"Cookie": f"{_COOKIE}={person.cookie}"})


def _framed(http: httpx.Client, path: str, fields: Mapping[str, str]) -> Ask:
    return lambda: http.post(path, data=fields)


if __name__ == "__main__":
    sys.exit(main())
