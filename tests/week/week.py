"""A week of many portals on a clock of its own: our queue, schedule and states in a real database."""

from __future__ import annotations

import itertools
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg

from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from tests.week.figures import Figures
from tests.week.people import People
from tests.week.timeline import Timeline, believe_in_a_timeline
from tests.week.workers import KEY, Workers
from tests.week.world import Portal, World, outages

_SLOW = 0.02
_NEW = 0.1
_RECORDED = 0.05
_AGES_EVERY_S = 3600.0
_DEATHS_A_DAY = 2.0
_OF_A_DAY = timedelta(days=1)


def live(url: str, *, portals: int, length: timedelta, seed: int, processes: int = 2) -> tuple[Figures, str]:
    """What became of so many portals in this time, as figures and as text. The migrated database is used up."""
    dice, began = Random(seed), time.monotonic()
    believe_in_a_timeline(url)
    timeline, figures = Timeline(datetime.now(UTC).replace(microsecond=0)), Figures()
    everybody = [_a_portal(number, dice) for number in range(portals)]
    world = World(dice, everybody, outages(timeline.begin, length, everybody, dice))
    with ExitStack() as stack:
        gateway = Database(url, Role.OPERATOR, Keyring([KEY]), pool_size=1)
        stack.callback(gateway.close)
        timeline.rule(gateway)
        people = People(timeline, world, figures, gateway, dice)
        workers = Workers(timeline, world, figures, url, processes=processes, verify=people.verdict)
        stack.callback(workers.close)
        people.begin(workers, dice.sample(everybody, int(portals * _NEW)), length)
        before = _sizes(url)
        _let_workers_die(workers, dice)
        timeline.every(_AGES_EVERY_S, lambda: figures.ages.extend(_ages(world, timeline, dice)))
        workers.look()
        timeline.run(timeline.begin + length)
        figures.kilobytes = {name: (size - before[name]) / 1024 for name, size in _sizes(url).items()}
        figures.broken = _broken(url, world, timeline, workers.processes[0].worker.sync_every)
        slots = workers.slots
    return figures, figures.text(portals, length, slots, time.monotonic() - began)


def _a_portal(number: int, dice: Random) -> Portal:
    usual_s = dice.uniform(12, 40) if dice.random() < _SLOW else dice.uniform(0.5, 2.5)
    return Portal(f"portal-{number}.example", usual_s, is_recorded=dice.random() < _RECORDED)


def _let_workers_die(workers: Workers, dice: Random) -> None:
    def die() -> None:
        alive = [process for process in workers.processes if process.is_alive]
        if alive:
            workers.kill(dice.choice(alive))
        workers.timeline.after(dice.expovariate(_DEATHS_A_DAY / _OF_A_DAY.total_seconds()), die)

    workers.timeline.after(dice.expovariate(_DEATHS_A_DAY / _OF_A_DAY.total_seconds()), die)


def _ages(world: World, timeline: Timeline, dice: Random) -> list[float]:
    """The age of what is shown of some portals."""
    some = dice.sample(world.portals, min(500, len(world.portals)))
    return [(timeline.now - portal.read_at).total_seconds() for portal in some if portal.read_at is not None]


def _sizes(url: str) -> dict[str, int]:
    """The bytes of the tables that grow by what happens, with their indexes. How versions grow, a benchmark tells."""
    tables = ("job", "inbox")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum full job, inbox")
        return {
            table: connection.execute("select pg_total_relation_size(%s)", [table]).fetchall()[0][0]
            for table in tables
        }


def _broken(url: str, world: World, timeline: Timeline, every: timedelta) -> list[str]:
    """What was promised and not kept. All outages have been over for longer than two periods."""
    long_ago = timeline.now - 2 * every
    found = []
    for portal in world.portals:
        if portal.installed_at is not None and portal.read_at is None:
            found.append(f"{portal.domain}: its installation is lost")
        elif portal.read_at is not None and portal.read_at < long_ago:
            found.append(f"{portal.domain}: last read {timeline.now - portal.read_at} ago")
        found += [
            f"{portal.domain}: a change of {timeline.now - at} ago was never shown"
            for at, _ in portal.unseen
            if at < long_ago
        ]
    with psycopg.connect(url) as connection:
        states = connection.execute(
            "select domain, state, problem from portal where state <> 'active'"
        ).fetchall()
        removals = connection.execute(
            "select p.id, c.item_id from change c join portal p on p.id = c.portal_id where c.op = 'removed'"
        ).fetchall()
    found += [f"{domain}: {state}, {problem}" for domain, state, problem in states]
    removed = {(portal_id, str(gone)) for portal_id, portal in world.by_id.items() for gone in portal.removed}
    found += [
        f"{portal_id}: {item} was never removed"
        for portal_id, item in removals
        if (portal_id, str(item)) not in removed
    ]
    return list(itertools.islice(found, 1000))
