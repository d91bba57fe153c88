"""The compose file's services for real, each in nothing but its image; only the engine is missing.

The database server is our own with the logins the compose file's script makes, the broker the tests' own. Services
have the settings the compose file gives them, but for addresses: they answer on free ports of the loopback interface.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.compose import compose, environment
from tests.deploy.images import Image, build
from tests.test_documents import ROOT
from tools.standalone.postgres import ADMINISTRATOR, PostgresServer, postgres
from tools.standalone.postgres_binaries import find_binaries
from tools.standalone.serving import free_port, running

_ANYWHERE = "0.0.0.0:"
_SECRETS = "/run/secrets/"


@dataclass(frozen=True)
class Service:
    """One service of the compose file: its image, and the settings of its processes."""

    name: str
    image: Image
    settings: dict[str, str]
    log: Path

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The service's command runs while the block does."""
        command = [
            str(self.image.home / "bin" / "crmap"),
            *compose()["services"][self.name]["command"].split(),
        ]
        with running(
            self.name,
            command,
            answers=lambda: True,
            log_file=self.log,
            stop_signal=signal.SIGTERM,
            options={"env": {**self.image.environment, **self.settings}, "cwd": self.image.home},
        ) as process:
            yield process

    def is_healthy(self) -> bool:
        """What its health check says."""
        return self.image.run(*self.image.health, **self.settings).returncode == 0


@dataclass(frozen=True)
class Plant:
    """A database server with the logins of the compose file, and a broker."""

    folder: Path
    secrets: Path
    server: PostgresServer

    def service(self, name: str, **variables: str) -> Service:
        """The service as it runs here, with these lines in ``.env``."""
        folder = self.folder / name
        target: str = compose()["services"][name]["build"]["target"]
        image = build(target, folder) if not folder.exists() else Image(target, folder / "home", {})
        settings = {key: self._here(value) for key, value in environment(name, variables).items()}
        return Service(name, image, settings, folder / "log")

    def database_url(self, login: str) -> str:
        """The address of the database for ``database-<login>``."""
        return (self.secrets / f"database-{login}").read_text().strip()

    def run_client(self, command: Sequence[str], given: bytes = b"") -> bytes:
        """What the command of PostgreSQL's clients wrote, run as the administrator and given this on its input."""
        done = subprocess.run(
            command, env=_as_administrator(self.server), input=given, capture_output=True, check=True
        )
        return done.stdout

    def _here(self, value: str) -> str:
        if value.startswith(_ANYWHERE):
            return f"127.0.0.1:{free_port()}"
        return value.replace(_SECRETS, f"{self.secrets}/")


@contextlib.contextmanager
def plant(folder: Path, server_folder: Path, broker_url: str) -> Iterator[Plant]:
    """Nothing runs yet but the servers; the database has its logins and no schema."""
    secrets = folder / "secrets"
    subprocess.run(["sh", ROOT / "deploy" / "secrets.sh", secrets], check=True, capture_output=True)
    with postgres(server_folder, durable=False, tcp=True) as server:
        _make_logins(server, secrets)
        for file in secrets.glob("database-*"):
            _rewrite(file, file.read_text().replace("@postgres:5432/", f"@{server.host}:{server.port}/"))
        _rewrite(secrets / "broker", broker_url)
        yield Plant(folder, secrets, server)


def _make_logins(server: PostgresServer, secrets: Path) -> None:
    environment = {**_as_administrator(server), "POSTGRES_USER": ADMINISTRATOR, "SECRETS": str(secrets)}
    subprocess.run([ROOT / "deploy" / "postgres" / "logins.sh"], env=environment, check=True)


def _as_administrator(server: PostgresServer) -> dict[str, str]:
    """How clients of PostgreSQL find the server; those that came with it, where it has any."""
    return {
        "PATH": f"{find_binaries()}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGPASSWORD": server.secret,
    }


def _rewrite(file: Path, text: str) -> None:
    file.chmod(0o600)
    file.write_text(text)
