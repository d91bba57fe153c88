"""What benchmarks over servers and processes share: a folder, a machine room, work beside others, what it all costs."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.db import accounts, people
from shared.db.migrate import upgrade
from shared.db.people import Member
from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal
from tools.standalone.postgres import postgres
from tools.standalone.valkey import valkey


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A folder on the disk that servers of another user can enter; it is gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="crmap-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def machine_room_of(specs: Sequence[PortalSpec]) -> Iterator[MachineRoom]:
    """A migrated database, a broker and these portals. No process of ours runs yet; all end with the block."""
    with (
        server_folder() as folder,
        postgres(folder) as database,
        valkey(folder) as broker,
        SimulatedCloud(specs, shared_port=True) as cloud,
    ):
        upgrade(database.url())
        room = MachineRoom(folder, database.url(), broker.url, cloud)
        try:
            yield room
        finally:
            room.close()


@contextlib.contextmanager
def meanwhile(work: Callable[[], None], is_over: threading.Event) -> Iterator[None]:
    """The work is done in a thread beside the block. It has to end soon after the event is set."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def spent_s(pid: int) -> float:
    """The CPU time of a process so far, in seconds, to a hundredth; zero for one that has ended."""
    try:
        # Source: proc(5), the fields utime and stime behind the name, which may contain blanks.
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def connect_all(room: MachineRoom, portals: Sequence[SimulatedPortal]) -> tuple[CabinetApi, UUID]:
    """The API of a cabinet that sees these portals, none read or due, and the account somebody will wait for."""
    person_id, cabinet_id = uuid4(), uuid4()
    with room.db.session() as session:
        people.add(
            session, person_id=person_id, cabinet_id=cabinet_id, email="bench@example.com", password_hash=None
        )
        session.flush()
        _, token = people.issue_api_token(session, Member(cabinet_id, person_id, "owner"), title="bench")
        connected = [
            accounts.connect_webhook(
                session, room.db.keyring, cabinet_id, url=portal.webhook_url, host=portal.domain
            )
            for portal in portals
        ]
        # Before anybody sees them: the reads that connecting has requested.
        session.execute(text("delete from job where id = any(:ids)"), {"ids": [job for _, job in connected]})
        session.execute(text("update portal set next_read_at = now() + interval '1 day'"))
    return CabinetApi(room.url("cabinet"), token), connected[0][0]
