"""Somebody waits for his portal while others have portals read that never answer. Counted in slots, not in seconds."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from socket import socket
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.sync_worker.app import create_worker
from services.sync_worker.next_job import do_next, due_work
from services.sync_worker.worker import Worker
from shared.bitrix24.access import parse_webhook
from shared.db import accounts, refreshing
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.domain.shares import Shares
from shared.settings import Settings
from tests.conftest import KEY
from tests.faults.neighbours.watch import Watch
from tests.faults.raw_server import RawServer
from tests.newcomers import a_newcomer
from tests.waiting import until
from tools.simulator.cloud import PortalSpec, SimulatedCloud

SLOTS = 8
SHARES = Shares.of(SLOTS)
TARPITS = 3 * SLOTS
PRESSES = 20
_RING, _NO_MORE = "ring", "no more"


@dataclass
class Tarpits:
    """Servers that take requests and never answer; ``most`` is how many they have held at the same time."""

    most: int = 0
    _held: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, wire: socket, _request: bytes) -> None:
        with self._lock:
            self._held += 1
            self.most = max(self.most, self._held)
        try:
            # Nothing comes until the other side hangs up.
            wire.recv(1)
        finally:
            with self._lock:
                self._held -= 1


@dataclass
class Room:
    """A worker process with all its threads, and what cabinets ask of it."""

    worker: Worker
    db: Database
    tarpits: Tarpits
    servers: list[RawServer]
    bells: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    def cabinet(self) -> UUID:
        with self.db.session() as session:
            return a_newcomer(session).cabinet_id

    def connect(self, cabinet: UUID, url: str) -> tuple[UUID, UUID]:
        """The ids of the portal and of the read that begins."""
        access = parse_webhook(url, allow_private=True)
        with self.db.session() as session:
            _, job = accounts.connect_webhook(
                session, self.db.keyring, cabinet, url=access.endpoint, host=access.host
            )
        self.bells.put(_RING)
        return self._value("select portal_id from job where id = :id", job), job

    def connect_tarpit(self, cabinet: UUID, number: int) -> UUID:
        server = self.servers[number % len(self.servers)]
        return self.connect(cabinet, f"http://127.0.0.1:{server.port}/rest/1/secretcode{number}/")[0]

    def refresh(self, portal: UUID) -> UUID:
        """The id of the read; for how often somebody presses, nobody else is to blame."""
        with self.db.session() as session:
            session.execute(text("update portal set rested_at = null where id = :id"), {"id": portal})
            job = refreshing.request(session, portal)
        assert job is not None
        self.bells.put(_RING)
        return job

    def waited_s(self, job: UUID) -> float:
        """How long it took until this read began, once it is over."""
        until(lambda: self._value("select state from job where id = :id", job) == "done", what="it is read")
        seconds = self._value(
            "select extract(epoch from started_at - created_at) from job where id = :id", job
        )
        return float(seconds)

    def run(self) -> None:
        """What a thread of the process does, as Celery's pool lets it."""
        while self.bells.get() == _RING:
            if do_next(self.worker) is not None and due_work(self.worker, most=1):
                self.bells.put(_RING)

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.db.session() as session:
            return list(session.execute(text(query), values).all())

    def _value(self, query: str, id_: UUID) -> Any:
        ((found,),) = self.rows(query, id=id_)
        return found


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec("known", "tiny", 1), PortalSpec("new", "tiny", 2)]) as found:
        yield found


@contextmanager
def running(database_url: str, broker_url: str, *, hosts: int) -> Iterator[Room]:
    settings: dict[str, Any] = {
        "database_url": database_url,
        "broker_url": broker_url,
        "secret_keys": KEY,
        "allow_private_portals": True,
        "worker_slots": SLOTS,
    }
    tarpits = Tarpits()
    with ExitStack() as stack:
        db = Database(database_url, Role.OPERATOR, Keyring([KEY]))
        stack.callback(db.close)
        worker = create_worker(Settings(**settings))
        stack.callback(worker.celery.close)
        stack.callback(worker.db.close)
        stack.enter_context(worker.http)
        servers = [RawServer(tarpits.hold) for _ in range(hosts)]
        room = Room(worker, db, tarpits, servers)
        threads = [threading.Thread(target=room.run) for _ in range(SLOTS)]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        for _ in threads:
            stack.callback(room.bells.put, _NO_MORE)
        # When these close, whoever waits for them is released.
        for server in servers:
            stack.enter_context(server)
        stack.callback(worker.stopping.set)
        yield room


@dataclass(frozen=True)
class Scenario:
    """Who has the portals that never answer, where, and how many slots they get at most."""

    cabinets: int
    hosts: int
    share: int
    were_quick: bool = False
    leaves_room_for_new: bool = True


SCENARIOS = {
    "one cabinet, one host": Scenario(1, 1, SHARES.unproven_of_one),
    "one cabinet, many hosts": Scenario(1, TARPITS, SHARES.unproven_of_one),
    "many cabinets, one host": Scenario(TARPITS, 1, SHARES.unproven_of_one),
    "many cabinets, many hosts": Scenario(TARPITS, TARPITS, SHARES.unproven, leaves_room_for_new=False),
    "one cabinet, whose portals were quick before": Scenario(1, TARPITS, SHARES.of_one, were_quick=True),
    "slow portals of many cabinets": Scenario(TARPITS, TARPITS, SHARES.slow),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_person_who_waits_has_a_slot_at_once(
    name: str, database_url: str, broker_url: str, cloud: SimulatedCloud, watch: Watch
) -> None:
    scenario = SCENARIOS[name]
    with running(database_url, broker_url, hosts=scenario.hosts) as room:
        known, first = room.connect(room.cabinet(), cloud.portal("known").webhook_url)
        room.waited_s(first)
        fill(room, scenario, is_slow=name.startswith("slow"))
        until(lambda: room.tarpits.most >= scenario.share, what="the tarpits have their share")
        watch.waited_s += [room.waited_s(room.refresh(known)) for _ in range(PRESSES)]
        if scenario.leaves_room_for_new:
            _, read = room.connect(room.cabinet(), cloud.portal("new").webhook_url)
            room.waited_s(read)
        assert room.tarpits.most == scenario.share


def fill(room: Room, scenario: Scenario, *, is_slow: bool) -> None:
    """Every tarpit is wanted by somebody who waits."""
    cabinets = [room.cabinet() for _ in range(scenario.cabinets)]
    with held_back(room):
        for number in range(TARPITS):
            room.connect_tarpit(cabinets[number % len(cabinets)], number)
        tarpits = "domain like '127.0.0.1:%' and read_at is null"
        if is_slow:
            room.rows(f"update portal set slow = true where {tarpits} returning 1")  # noqa: S608
        if scenario.were_quick:
            room.rows(f"update portal set read_at = now() where {tarpits} returning 1")  # noqa: S608


@contextmanager
def held_back(room: Room) -> Iterator[None]:
    """Nothing is begun meanwhile."""
    with room.worker.claiming:
        yield
