"""A database and a broker that can be taken away from those who use them, and given back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from shared.db.migrate import upgrade
from tools.standalone.postgres import PostgresServer, postgres
from tools.standalone.valkey import ValkeyServer, valkey


@dataclass
class Servers:
    """Both servers over one folder. What they are asked to keep, they keep; the broker forgets by intention."""

    folder: Path
    postgres: PostgresServer = field(init=False)
    valkey: ValkeyServer = field(init=False)
    _postgres_running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _valkey_running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start_database(self) -> None:
        self.postgres = self._postgres_running.enter_context(postgres(self.folder))

    def stop_database(self, how: signal.Signals) -> None:
        """SIGINT ends all sessions first (a fast shutdown), SIGQUIT ends at once (an immediate one)."""
        with psycopg.connect(self.postgres.url()) as connection:
            ((folder,),) = connection.execute("show data_directory").fetchall()
        pid = int((Path(folder) / "postmaster.pid").read_text().split()[0])
        os.kill(pid, how)
        self._postgres_running.close()

    def start_broker(self) -> None:
        self.valkey = self._valkey_running.enter_context(valkey(self.folder))

    def stop_broker(self) -> None:
        self._valkey_running.close()

    @contextlib.contextmanager
    def frozen_broker(self) -> Iterator[None]:
        """The broker takes connections and answers nobody while the block runs."""
        with contextlib.closing(self.valkey.client()) as client:
            pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def flush_broker(self) -> None:
        with contextlib.closing(self.valkey.client()) as client:
            client.flushall()

    def close(self) -> None:
        self._valkey_running.close()
        self._postgres_running.close()


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    """Both servers, the database with the current schema, while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="crmap-"))
    # A server that may not run as root has to get in.
    folder.chmod(0o711)
    found = Servers(folder)
    try:
        found.start_database()
        found.start_broker()
        upgrade(found.postgres.url())
        yield found
    finally:
        found.close()
        shutil.rmtree(folder, ignore_errors=True)
