"""Programs that run together: each is started again when it ends, has a log of its own, and ends with us."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tools.standalone.serving import ending_with_us

# The pause grows while a program keeps ending at once; after a longer run it is the first pause again.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_STEADY_AFTER_S = 60.0
_LOG_BYTES = 5_000_000
_LOGS_KEPT = 3
_KILLED_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run; ``name`` is used for its log and in messages."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


class Supervisor:
    """The programs that are kept running, until ``stop``."""

    def __init__(
        self, programs: Sequence[Program], logs: Path, tell: Callable[[str], None], *, pause_s: float
    ) -> None:
        self._kept = [_Kept(program, logs / f"{program.name}.log", tell, pause_s) for program in programs]

    def start(self) -> None:
        """Every program has been started, but may not be ready yet."""
        for kept in self._kept:
            kept.thread.start()

    def fallen(self) -> str | None:
        """Which program ended by itself, and where its log is: the first one in the list, or None."""
        return next((f"{kept.name} ended; {kept.where}" for kept in self._kept if kept.has_fallen), None)

    def stop(self, within_s: float) -> None:
        """Every program has ended. All are asked to at once; those that run after ``within_s`` seconds are killed."""
        for kept in self._kept:
            kept.ask_to_stop()
        until = time.monotonic() + within_s
        for kept in self._kept:
            kept.end(max(0.0, until - time.monotonic()))


@contextlib.contextmanager
def supervised(
    programs: Sequence[Program],
    logs: Path,
    *,
    tell: Callable[[str], None],
    stops_within_s: float,
    pause_s: float = _FIRST_PAUSE_S,
) -> Iterator[Supervisor]:
    """The programs run while the block does; ``tell`` gets a line each time one of them ends by itself.

    ``pause_s`` is the first pause, in seconds, before a program is started again.
    """
    logs.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(programs, logs, tell, pause_s=pause_s)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop(stops_within_s)


class _Kept:
    """One program and the thread that starts it again; on Linux the program ends when that thread does."""

    def __init__(self, program: Program, log: Path, tell: Callable[[str], None], pause_s: float) -> None:
        self.name = program.name
        self.where = f"what it said is in {log}"
        self.has_fallen = False
        self.thread = threading.Thread(target=self._keep, name=f"keeping {program.name}", daemon=True)
        self._program = program
        self._log = log
        self._tell = tell
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask_to_stop(self) -> None:
        """The program is not started again; if it runs, it has been asked to end."""
        with self._starting:
            self._stopping.set()
            if self._process is not None:
                self._process.send_signal(signal.SIGTERM)

    def end(self, within_s: float) -> None:
        """The program has ended, or was killed after ``within_s`` seconds."""
        self.thread.join(within_s)
        if self.thread.is_alive() and self._process is not None:
            self._tell(f"{self.name} does not stop and is killed")
            self._process.kill()
            self.thread.join(_KILLED_WITHIN_S)

    def _keep(self) -> None:
        log = _Log(self._log, self._tell)
        pause = self._pause_s
        with contextlib.closing(log):
            while (process := self._started()) is not None:
                started = time.monotonic()
                _copy_lines(process, log)
                code = process.wait()
                if self._stopping.is_set():
                    return
                self.has_fallen = True
                if time.monotonic() - started > _STEADY_AFTER_S:
                    pause = self._pause_s
                self._tell(f"{self.name} ended ({_why(code)}), starts again in {pause:g} s; {self.where}")
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _started(self) -> subprocess.Popen[str] | None:
        """The program, started; None when it is not to be started any more."""
        with self._starting:
            if self._stopping.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._program.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=dict(self._program.environment),
                encoding="utf-8",
                errors="replace",
                # Ctrl-C is for this process, which stops everything in the right order.
                process_group=0,
                # When we are killed, the database, the broker and the reader of this output are gone too. An orderly
                # end is then impossible, and Celery ignores a SIGTERM that it cannot report.
                preexec_fn=ending_with_us(signal.SIGKILL),  # noqa: PLW1509 - one system call
            )
            return self._process


def _copy_lines(process: subprocess.Popen[str], log: RotatingFileHandler) -> None:
    """Everything the process says until its end is in the log."""
    assert process.stdout is not None  # noqa: S101 - asked for when it was started
    with process.stdout as lines:
        for line in lines:
            log.emit(logging.makeLogRecord({"msg": line.rstrip("\n")}))


class _Log(RotatingFileHandler):
    """A program's log. That it cannot be written is told once; the program runs on without it."""

    def __init__(self, file: Path, tell: Callable[[str], None]) -> None:
        # Opened with the first line, where a failure is handled.
        super().__init__(file, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8", delay=True)
        self._tell = tell
        self._is_told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - as logging has it
        """What the program said is lost, and whoever watches knows."""
        if not self._is_told:
            self._is_told = True
            why = getattr(sys.exception(), "strerror", None) or "it does not take what was said"
            self._tell(f"{self.baseFilename} cannot be written ({why})")

    def close(self) -> None:
        """The file is closed; what could not be written by now is lost."""
        with contextlib.suppress(OSError):
            super().close()


def _why(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
