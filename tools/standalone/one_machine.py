"""CRMAP as a whole on one machine: database, broker, both web services at one address, worker, clock and Flower."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from shared.db.migrate import upgrade
from shared.settings import Settings
from tools.standalone.listening import check_free, is_ready
from tools.standalone.own_settings import grace_s, own_settings
from tools.standalone.postgres import database_url
from tools.standalone.sealing_keys import check_keys
from tools.standalone.secret_files import write_environment
from tools.standalone.serving import ServerFailed, alone_in, left_behind
from tools.standalone.supervising import Program, Supervisor, supervised
from tools.standalone.valkey import broker_url

WEB = "one-address"
_PROGRAMS = (WEB, "worker", "beat", "flower")
_READY_WITHIN_S = 60.0
_LOOKS_EVERY_S = 0.1
_WATCHES_EVERY_S = 2.0
# Time for everything to end after the worker's grace.
_AFTER_GRACE_S = 4.0
# For each server of our own: its folder, and its pid file in that folder.
_PID_FILES = {"PostgreSQL": ("postgres", "cluster/postmaster.pid"), "Valkey": ("valkey", "valkey.pid")}


class ServerEnded(Exception):
    """A server that everything here needs is gone. Its text is one sentence for whoever runs the machine."""


@dataclass(frozen=True, slots=True)
class OneMachine:
    """The running machine. ``settings`` are those of its processes, by their names in the environment."""

    settings: Mapping[str, str]
    data_dir: Path
    own_servers: tuple[str, ...]

    @property
    def environment_file(self) -> Path:
        """The same settings in a file, for a shell to read before other commands."""
        return self.data_dir / "crmap.env"

    def watch(self) -> None:
        """Waits while the servers of our own run. Raises ServerEnded when one of them has ended."""
        while True:
            for name in self.own_servers:
                folder, pid_file = _PID_FILES[name]
                home = (self.data_dir / folder).resolve()
                if left_behind(home / pid_file, home) is None:
                    raise ServerEnded(f"{name} has ended; what it said is in {home / 'server.log'}")
            time.sleep(_WATCHES_EVERY_S)


@contextlib.contextmanager
def one_machine(
    settings: Settings, *, tell: Callable[[str], None], durable: bool = True
) -> Iterator[OneMachine]:
    """Everything runs and is ready while the block runs. It all ends with the block, or with this process.

    ``tell`` gets a line whenever a process ends by itself; that process is started again. ``durable=False`` is for
    data nobody will miss. Raises ServerMissing, ServerFailed, OSError for a folder that cannot be used, and the error
    of a database from the settings that does not answer.
    """
    check_free(settings.standalone_listen, "CRMAP_STANDALONE_LISTEN")
    check_free(settings.flower_listen, "CRMAP_FLOWER_LISTEN")
    data_dir = settings.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone_in(data_dir, "CRMAP"))
        database = stack.enter_context(database_url(_text(settings.database_url), data_dir, durable=durable))
        broker = stack.enter_context(
            broker_url(_text(settings.broker_url), data_dir, durable=durable, tell=tell)
        )
        upgrade(database)
        check_keys(settings, data_dir, database)
        environment = own_settings(settings, data_dir, database=database, broker=broker)
        servers = {"PostgreSQL": settings.database_url, "Valkey": settings.broker_url}
        own_servers = tuple(name for name, url in servers.items() if url is None)
        machine = OneMachine(environment, data_dir, own_servers)
        write_environment(machine.environment_file, environment)
        programs = [
            Program(name, (sys.executable, "-P", "-m", "tools.cli.main", name), {**os.environ, **environment})
            for name in _PROGRAMS
        ]
        stops_within_s = grace_s(settings) + _AFTER_GRACE_S
        supervisor = stack.enter_context(
            supervised(programs, data_dir / "logs", tell=tell, stops_within_s=stops_within_s)
        )
        stack.callback(_hear_no_more)
        _wait_until_ready(settings.standalone_listen, supervisor)
        yield machine


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _wait_until_ready(listen: str, supervisor: Supervisor) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while not is_ready(listen):
        fallen = supervisor.fallen()
        if fallen is not None:
            raise ServerFailed(fallen)
        if time.monotonic() > until:
            raise ServerFailed(f"{listen} does not answer within {_READY_WITHIN_S:g} s")
        time.sleep(_LOOKS_EVERY_S)


def _hear_no_more() -> None:
    """Ctrl-C and SIGTERM are ignored from now on, so that they cannot interrupt the orderly end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
