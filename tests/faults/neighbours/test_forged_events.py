"""Strangers send events with tokens they made up: nobody else waits for them, and the authorization server hardly."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.sync_worker.dispatching import tick
from services.sync_worker.next_job import do_next
from services.sync_worker.worker import Worker
from shared.db import inbox, jobs
from shared.domain.schedule import Lane
from tests.faults.neighbours.watch import Watch
from tests.gateway_room import FORM, GatewayRoom, said
from tests.services.sync_worker.conftest import running_worker
from tests.waiting import until
from tests.working import work
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal

STRANGER, ANOTHER_STRANGER, VENDOR = "198.51.100.7", "203.0.113.9", "2001:db8:1:2::3"
FLOOD = 300


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec("one", "tiny", 1), PortalSpec("two", "tiny", 2)]) as found:
        yield found


@pytest.fixture
def room(database_url: str, cloud: SimulatedCloud) -> Iterator[GatewayRoom]:
    found = GatewayRoom(database_url, cloud)
    yield found
    found.close()


@pytest.fixture
def worker(room: GatewayRoom) -> Iterator[Worker]:
    with running_worker(room, room.broker_url) as found:
        yield found


@pytest.fixture
def victim(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("one")


@pytest.fixture
def newcomer(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("two")


def send(room: GatewayRoom, form: dict[str, str], source: str = STRANGER) -> None:
    """The event has come from this address and is stored."""
    client = TestClient(room.client.app, client=(source, 50_000), raise_server_exceptions=False)
    answer = client.post("/bitrix24/events", data=form, headers={"Content-Type": FORM})
    assert said(answer) == (202, "accepted")


def forge(
    room: GatewayRoom,
    portal: SimulatedPortal,
    count: int = FLOOD,
    source: Callable[[int], str] = lambda _: STRANGER,
    member: Callable[[int], str] = lambda number: f"{number:032x}",
) -> None:
    """Installations with tokens nobody ever issued."""
    visit = room.visit(portal)
    for number in range(count):
        tokens = {f"auth__{kind}_token": f"forged-{kind}-{number:030}" for kind in ("access", "refresh")}
        event = room.install_event(portal, visit, auth__member_id=member(number), **tokens)
        send(room, event, source(number))


def genuine(room: GatewayRoom, portal: SimulatedPortal, source: str = VENDOR) -> None:
    """The one installation that is true."""
    send(room, room.install_event(portal, room.visit(portal)), source)


def asked(room: GatewayRoom) -> int:
    """How many calls the authorization servers have answered."""
    return sum((Counter(room.cloud.oauth.counted) + Counter(room.cloud.twin.counted)).values())


def verdicts(room: GatewayRoom) -> dict[str, int]:
    return dict(room.rows("select verdict, count(*)::int from inbox group by 1"))


def wanted(room: GatewayRoom, portal: SimulatedPortal) -> Any:
    """A person waits for a read of the portal. Gives what tells whether it was read since."""
    portal_id = room.portal_id(portal)
    with room.db.session() as session:
        jobs.request_job(session, portal_id, lane=Lane.WAITING)
    ((before,),) = room.rows("select read_at from portal where id = %s", portal_id)
    return lambda: room.rows("select read_at from portal where id = %s", portal_id) != [(before,)]


@contextmanager
def all_slots_busy(worker: Worker) -> Iterator[None]:
    """Every thread of the worker does whatever is to be done, until the end of the block."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            if do_next(worker) is None:
                over.wait(0.01)

    threads = [threading.Thread(target=run) for _ in range(worker.slots)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("server", ["quick", "slow"])
def test_whoever_waits_for_a_read_is_before_every_event(
    room: GatewayRoom,
    worker: Worker,
    victim: SimulatedPortal,
    newcomer: SimulatedPortal,
    server: str,
    watch: Watch,
) -> None:
    room.installed(victim)
    forge(room, newcomer)
    room.cloud.oauth.switches.latency_ms = 200 if server == "slow" else 0
    is_read = wanted(room, victim)
    with all_slots_busy(worker):
        watch.timed(lambda: until(is_read))
        left = verdicts(room).get("new", 0)
    assert left >= FLOOD - 2 * worker.slots


def test_reads_go_on_while_the_authorization_server_answers_nobody(
    room: GatewayRoom, worker: Worker, victim: SimulatedPortal, newcomer: SimulatedPortal
) -> None:
    room.installed(victim)
    work(worker)
    forge(room, newcomer, 60)
    with room.cloud.authority.lock:
        hanging = [threading.Thread(target=do_next, args=(worker,)) for _ in range(worker.slots)]
        for thread in hanging:
            thread.start()
        until(lambda: sum(thread.is_alive() for thread in hanging) <= worker.slots // 4)
        claimed = room.rows("select count(*) from inbox where lease_until > now()")
        assert claimed == [(worker.slots // 4,)]
        is_read = wanted(room, victim)
        assert (do_next(worker) or "").startswith("read")
        assert is_read()
    for thread in hanging:
        thread.join()


def a_while_later(room: GatewayRoom, *, minutes: int = 1) -> None:
    """What was asked, and what is to be tried later, is this much longer ago."""
    room.rows(
        "update inbox set asked_at = asked_at - make_interval(mins => %s),"
        " try_after = try_after - make_interval(mins => %s)",
        minutes,
        minutes,
    )


def most_within_pace(room: GatewayRoom, of: str) -> int:
    """The most questions that were asked within any time of the pace, of one value of this column."""
    ((most,),) = room.rows(
        f"select max((select count(*) from inbox b where b.asked_at >= a.asked_at and b.{of} = a.{of}"  # noqa: S608
        " and b.asked_at < a.asked_at + %s)) from inbox a",
        inbox.PACE,
    )
    return int(most)


def test_a_stranger_is_verified_at_a_pace_and_in_the_end(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    forge(room, newcomer, 60)
    work(worker)
    assert most_within_pace(room, "source") <= inbox.MOST_OF_SOURCE
    while verdicts(room).get("new"):
        a_while_later(room)
        assert work(worker)
    assert verdicts(room) == {"rejected": 60}


def test_an_event_of_another_source_is_among_the_next(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    strangers = (STRANGER, ANOTHER_STRANGER)
    forge(room, newcomer, 60, source=lambda number: strangers[number % 2])
    do_next(worker)
    do_next(worker)
    genuine(room, newcomer)
    assert do_next(worker) == "event ONAPPINSTALL: done"


def test_an_event_of_another_portal_is_among_the_next(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    """Behind a proxy that names nobody all events seem to come from one source."""
    forge(room, newcomer, 60, member=lambda _: "f" * 32)
    do_next(worker)
    genuine(room, newcomer, STRANGER)
    assert do_next(worker) == "event ONAPPINSTALL: done"
    work(worker)
    assert most_within_pace(room, "member_id") <= inbox.MOST_OF_MEMBER


def test_forgeries_in_a_portal_s_name_do_not_hold_up_its_own_event(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    forge(room, newcomer, 60, member=lambda _: newcomer.member_id)
    do_next(worker)
    genuine(room, newcomer)
    assert do_next(worker) == "event ONAPPINSTALL: done"


def test_many_strangers_have_a_pace_in_all(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    forge(room, newcomer, 60, source=lambda number: f"198.51.100.{number}")
    work(worker)
    room.rows("update inbox set source = 'anybody'")
    assert most_within_pace(room, "source") <= inbox.MOST_IN_ALL


def test_events_with_one_token_cost_one_call(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    visit = room.visit(newcomer)
    calls = asked(room)
    for number in range(40):
        send(room, room.install_event(newcomer, visit, ts=str(1_790_000_000 + number)))
    work(worker)
    assert asked(room) == calls + 1
    assert verdicts(room) == {"done": 40}
    for number in range(40):
        forged = room.install_event(
            newcomer, visit, auth__access_token="x" * 40, ts=str(1_790_000_000 + number)
        )
        send(room, forged)
    work(worker)
    assert asked(room) == calls + 1 + len(worker.oauth_servers)
    assert verdicts(room) == {"done": 40, "rejected": 40}


@pytest.mark.parametrize("fault", ["html_502", "error_500", "reset"])
def test_a_sick_server_is_left_alone_and_no_event_is_lost(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal, fault: str
) -> None:
    genuine(room, newcomer)
    forge(room, newcomer, 20, source=lambda number: f"198.51.100.{number}")
    for server in (room.cloud.oauth, room.cloud.twin):
        server.faults.add(fault, times=None)
    assert len(work(worker)) == inbox.SILENT_AFTER
    assert work(worker) == []
    for _ in range(inbox.MOST_ATTEMPTS + 2):
        a_while_later(room)
        assert len(work(worker)) == 1, "one probe"
    assert verdicts(room) == {"new": 21}
    assert room.rows("select max(attempts) from inbox") == [(0,)]
    for server in (room.cloud.oauth, room.cloud.twin):
        server.faults.clear()
    while verdicts(room).get("new"):
        a_while_later(room)
        assert work(worker)
    assert verdicts(room) == {"done": 1, "rejected": 20}
    assert room.rows("select state from portal") == [("active",)]


def test_a_silent_portal_makes_nobody_take_the_server_for_sick(
    room: GatewayRoom, worker: Worker, victim: SimulatedPortal, newcomer: SimulatedPortal
) -> None:
    victim.faults.add("html_502", times=None)
    visits = [room.visit(victim) for _ in range(inbox.SILENT_AFTER + 1)]
    for visit in visits:
        send(room, room.install_event(victim, visit))
    genuine(room, newcomer)
    assert "event ONAPPINSTALL: done" in work(worker)


def test_where_an_event_came_from_is_forgotten_with_its_verdict(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    forge(room, newcomer, 2)
    assert room.rows("select count(distinct source) from inbox") == [(1,)]
    assert STRANGER.encode() not in repr(room.rows("select source from inbox")).encode()
    work(worker)
    a_while_later(room)
    tick(worker)
    assert room.rows("select count(source), count(question), count(secrets) from inbox") == [(0, 0, 0)]


def test_what_can_be_verified_no_more_is_rejected_unasked(
    room: GatewayRoom, worker: Worker, newcomer: SimulatedPortal
) -> None:
    forge(room, newcomer, 2)
    room.rows("update inbox set received_at = now() - interval '25 hours'")
    calls = asked(room)
    tick(worker)
    assert verdicts(room) == {"rejected": 2}
    assert asked(room) == calls
