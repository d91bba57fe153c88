"""Events come only once, so they are stored whatever else waits for the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import httpx
import pytest

from tests.faults.neighbours.browsing import form_of, post, session_in
from tests.faults.neighbours.watch import Watch
from tests.machine_room import MachineRoom
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal

PEOPLE, EVENTS = 60, 40
# How many connections the gateway has for all but events: a few, and as many more while they are in use.
CONNECTIONS = 10
OFFICE = "198.51.100.7"


@contextmanager
def everything_else_waiting(room: MachineRoom, session: str, portal_id: UUID) -> Iterator[None]:
    """People press a button again and again. Each answer waits for a lock in the database that this test holds."""
    over = threading.Event()

    def press() -> None:
        while not over.is_set():
            post(room, "refresh", {"session": session}, OFFICE)

    people = [threading.Thread(target=press) for _ in range(PEOPLE)]
    with room.connection() as connection:
        connection.execute("select from job where portal_id = %s for update", (portal_id,))
        try:
            for person in people:
                person.start()
            until(lambda: waiting_for_locks(room) >= CONNECTIONS, what="all connections wait")
            yield
        finally:
            over.set()
            connection.rollback()
            for person in people:
                person.join()


def waiting_for_locks(room: MachineRoom) -> int:
    ((count,),) = room.rows(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    return int(count)


@pytest.mark.parametrize("address", ["events", "install"])
def test_events_are_stored_while_everything_else_waits_for_the_database(
    room: MachineRoom, address: str, watch: Watch
) -> None:
    portal, neighbour = (room.cloud.portal(name) for name in ("romashka", "hanging"))
    pages = [post(room, "app", form_of(room, one), OFFICE) for one in (portal, neighbour)]
    assert [page.status_code for page in pages] == [200, 200]
    before = stored(room)
    with (
        everything_else_waiting(room, session_in(pages[1]), room.portal_id(neighbour)),
        ThreadPoolExecutor(EVENTS) as senders,
    ):
        numbers = range(before, before + EVENTS)
        sent = [partial(send, room, portal, address, number) for number in numbers]
        answers = list(senders.map(watch.timed, sent))
    assert [answer.status_code for answer in answers] == [200] * EVENTS
    assert stored(room) == before + EVENTS


def send(room: MachineRoom, portal: SimulatedPortal, address: str, number: int) -> httpx.Response:
    event = {
        "event": "ONCRMDEALUSERFIELDADD",
        "data[FIELDS][ID]": str(number),
        "auth[member_id]": portal.member_id,
        "auth[application_token]": portal.installation(room.application).application_token,
        "ts": str(int(portal.clock())),
    }
    return post(room, address, event, "192.0.2.24")


def stored(room: MachineRoom) -> int:
    ((count,),) = room.rows("select count(*) from inbox")
    return int(count)
