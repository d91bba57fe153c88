"""The machine room in earnest: crmap's own processes around a simulated cloud, to be asked, killed and frozen."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import redis

from shared.db import people
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.queue import celery_app
from tests.cabinet_api import CabinetApi
from tests.newcomers import a_newcomer
from tests.waiting import WITHIN_S, until
from tests.wrong_clocks import environment_of
from tools.simulator.applications import Application
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal
from tools.standalone.serving import ServerFailed, free_port, running

COMMAND = Path(sys.executable).with_name("crmap")
KEY = "a key of the tests and of nobody else"
EVERYTHING = ("gateway", "cabinet", "worker-1", "worker-2", "beat")
_WEB = ("gateway", "cabinet")
# What a failed test shows of each process's log.
_TAIL_CHARACTERS = 6_000


class Process:
    """One ``crmap`` command, named after it; ``worker-2`` is the second worker. It ends with the machine room."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._environment = environment
        self._running = contextlib.ExitStack()
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._popen is not None, f"{self.name} was never started"
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """It runs; whether it is ready yet is another matter."""
        self._running.close()
        self._popen = self._running.enter_context(
            running(
                self.name,
                [str(COMMAND), self.name.partition("-")[0]],
                answers=lambda: True,
                log_file=self.log,
                stop_signal=signal.SIGTERM,
                options={"env": self._environment, "cwd": self._folder},
            )
        )

    def ask_to_stop(self) -> None:
        self._send(signal.SIGTERM)

    def ended(self) -> int:
        """The exit code, once it has ended."""
        assert self._popen is not None
        return self._popen.wait(WITHIN_S)

    def kill(self) -> None:
        """It is gone, with no chance to tidy up."""
        self._send(signal.SIGKILL)
        self.ended()

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def close(self) -> None:
        if self.is_alive:
            self.thaw()
        self._running.close()

    def _send(self, number: signal.Signals) -> None:
        assert self._popen is not None
        self._popen.send_signal(number)


@dataclass
class MachineRoom:
    """Gateway, cabinet, two workers and beat, and a cloud whose portals nobody else uses.

    ``folder`` keeps the logs. ``settings`` are further ones of every process, by their names without the prefix.
    ``clocks`` are the processes whose clock is wrong, and how far it is ahead.
    """

    folder: Path
    database_url: str
    broker_url: str
    cloud: SimulatedCloud
    settings: dict[str, str] = field(default_factory=dict)
    clocks: Mapping[str, timedelta] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in _WEB})
    application: Application = field(init=False)
    db: Database = field(init=False)
    _unused: Iterator[SimulatedPortal] = field(init=False)

    def __post_init__(self) -> None:
        self._unused = iter(self.cloud.portals)
        self.db = Database(self.database_url, Role.OPERATOR, Keyring([KEY]))
        gateway = self.url("gateway")
        self.application = self.cloud.register_application(
            handler_url=f"{gateway}/bitrix24/app",
            installer_url=f"{gateway}/bitrix24/install",
            events_url=f"{gateway}/bitrix24/events",
        )

    def url(self, web: str) -> str:
        return f"http://127.0.0.1:{self.ports[web]}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process, and nothing of ours."""
        settings = {
            "DATABASE_URL": self.database_url,
            "BROKER_URL": self.broker_url,
            "SECRET_KEYS": KEY,
            "PUBLIC_URL": self.url("gateway"),
            "GATEWAY_LISTEN": f"127.0.0.1:{self.ports['gateway']}",
            "CABINET_LISTEN": f"127.0.0.1:{self.ports['cabinet']}",
            "ALLOW_PRIVATE_PORTALS": "1",
            "BITRIX24_CLIENT_ID": self.application.client_id,
            "BITRIX24_CLIENT_SECRET": self.application.secret,
            "BITRIX24_OAUTH_SERVERS": f"{self.cloud.oauth.url},{self.cloud.twin.url}",
            **self.settings,
        }
        return {"PATH": os.environ["PATH"], **{f"CRMAP_{name}": value for name, value in settings.items()}}

    def start(self, *names: str) -> None:
        """These processes run and are ready. Raises ServerFailed when one ends instead."""
        for name in names:
            if name not in self.processes:
                clock = environment_of(self.clocks[name]) if name in self.clocks else {}
                self.processes[name] = Process(name, self.folder, self.environment | clock)
            self.processes[name].start()
        for name in names:
            self._wait_for(self.processes[name])

    def workers(self) -> list[Process]:
        return [process for name, process in self.processes.items() if name.startswith("worker")]

    def mend(self) -> None:
        """Whatever a test has killed or frozen runs again."""
        for process in self.processes.values():
            if process.is_alive:
                process.thaw()
        self.start(*(name for name, process in self.processes.items() if not process.is_alive))

    def close(self) -> None:
        for process in self.processes.values():
            if process.is_alive:
                process.thaw()
                process.ask_to_stop()
        for process in self.processes.values():
            process.close()
        self.db.close()

    def portal(self) -> SimulatedPortal:
        """A portal no other test has touched."""
        return next(self._unused)

    def cabinet(self) -> CabinetApi:
        """The API as a new person with an empty cabinet sees it."""
        with self.db.session() as session:
            newcomer = a_newcomer(session)
            session.flush()
            _, token = people.issue_api_token(session, newcomer, title="test")
        return CabinetApi(self.url("cabinet"), token)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the operator's, with the settings of the processes."""
        return subprocess.run(
            [COMMAND, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            timeout=WITHIN_S,
        )

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the database says, past every role."""
        with self.connection() as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []

    def connection(self) -> psycopg.Connection[Any]:
        """A transaction of ours in the database, past every role."""
        return psycopg.connect(self.database_url, connect_timeout=int(WITHIN_S))

    def portal_id(self, portal: SimulatedPortal) -> UUID:
        """The id of the only portal known under this domain."""
        ((found,),) = self.rows("select id from portal where domain = %s", portal.domain)
        return UUID(str(found))

    def make_due(self, portal: SimulatedPortal) -> None:
        """The time of the portal's next scheduled read has come."""
        self.rows("update portal set next_read_at = now() where domain = %s", portal.domain)

    def hurry(self, portal: SimulatedPortal) -> None:
        """A read of the portal that was put off, as after its last event, is due now."""
        self.rows(
            "update job set run_after = now() where state = 'queued' and run_after > now()"
            " and portal_id in (select id from portal where domain = %s)",
            portal.domain,
        )

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.broker_url.replace("redis+socket://", "unix://"))

    def logs(self) -> Iterator[tuple[str, str]]:
        """The end of every process's log, for whoever has to find out."""
        for name, process in self.processes.items():
            if process.log.exists():
                yield name, process.log.read_text(errors="replace")[-_TAIL_CHARACTERS:]

    def hears(self, worker: Process) -> bool:
        """True when the worker receives messages."""
        with celery_app(self.broker_url) as app:
            try:
                replies = app.control.ping(timeout=0.5, limit=len(self.workers()))
            except redis.ConnectionError:
                # A connection of before the broker was restarted.
                return False
        return any(f"crmap-{worker.pid}-" in name for reply in replies or [] for name in reply)

    def _wait_for(self, process: Process) -> None:
        def is_ready() -> bool:
            if not process.is_alive:
                raise ServerFailed(f"{process.name} ended: {process.log.read_text()[-1500:]}")
            if process.name in _WEB:
                return _answers(f"{self.url(process.name)}/readyz")
            return process.name.startswith("beat") or self.hears(process)

        until(is_ready, what=f"{process.name} is ready")


@contextlib.contextmanager
def machine_room(
    folder: Path,
    database_url: str,
    broker_url: str,
    *,
    portals: int = 60,
    clocks: Mapping[str, timedelta] | None = None,
    **settings: str,
) -> Iterator[MachineRoom]:
    """Everything runs while the block does, over a migrated database."""
    specs = [PortalSpec(f"portal-{number}", "S", number) for number in range(portals)]
    with SimulatedCloud(specs) as cloud:
        room = MachineRoom(folder, database_url, broker_url, cloud, settings, clocks or {})
        try:
            room.start(*EVERYTHING)
            yield room
        finally:
            room.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
