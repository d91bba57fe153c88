"""Where a document goes: standard output, or a file that is there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import tempfile
from pathlib import Path

from tools.cli.sentences import (
    CANNOT_WRITE,
    IS_A_FOLDER,
    NO_FOLDER,
    NO_PERMISSION,
    NO_SPACE,
    NO_STDOUT,
    Complaint,
)

_SENTENCES: dict[int | None, str] = {
    errno.EACCES: NO_PERMISSION,
    errno.EPERM: NO_PERMISSION,
    errno.EROFS: NO_PERMISSION,
    errno.ENOSPC: NO_SPACE,
    errno.EDQUOT: NO_SPACE,
    errno.EISDIR: IS_A_FOLDER,
}


class StandardOutput:
    """The document's bytes and nothing else on standard output."""

    @property
    def is_terminal(self) -> bool:
        """True when it is a terminal and not a file or a pipe."""
        return sys.stdout is not None and sys.stdout.isatty()

    def check(self) -> None:
        """Raises Complaint when nothing can be written."""
        if sys.stdout is None:
            raise Complaint(NO_STDOUT)

    def write(self, document: bytes) -> None:
        """The document is written and flushed. Raises Complaint, BrokenPipeError."""
        try:
            sys.stdout.buffer.write(document)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _complaint(error, "stdout") from error


class OutputFile:
    """A file that appears, or is replaced, in one step; a reader never sees half a document."""

    is_terminal = False

    def __init__(self, name: str) -> None:
        self.name = name
        # A symbolic link stays; the file it points to is replaced.
        self._target = Path(os.path.realpath(name))

    def check(self) -> None:
        """Raises Complaint when writing is certain to fail, before the command waits for a portal."""
        folder = self._target if self.name.endswith(os.sep) else self._target.parent
        if not folder.is_dir():
            raise Complaint(NO_FOLDER, folder=str(folder))
        try:
            if self._target.is_dir():
                raise Complaint(IS_A_FOLDER, file=self.name)
            if self._target.exists() and not os.access(self._target, os.W_OK):
                raise Complaint(NO_PERMISSION, file=self.name)
            if not self._is_device():
                tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise _complaint(error, self.name) from error

    def write(self, document: bytes) -> None:
        """The file holds the document. Raises Complaint; then the file is unchanged."""
        try:
            if self._is_device():
                self._target.write_bytes(document)
            else:
                self._replace(document)
        except OSError as error:
            raise _complaint(error, self.name) from error

    def _is_device(self) -> bool:
        """True for /dev/null, a named pipe and their like, which are written to and cannot be replaced."""
        return self._target.exists() and not self._target.is_file()

    def _replace(self, document: bytes) -> None:
        draft = self._target.with_name(f".crmap-{secrets.token_hex(4)}.part")
        # Created like any new file, so that umask decides who may read it.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(document)
                file.flush()
                os.fsync(file.fileno())
            if self._target.exists():
                draft.chmod(stat.S_IMODE(self._target.stat().st_mode))
            draft.replace(self._target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _complaint(error: OSError, file: str) -> Complaint:
    sentence = _SENTENCES.get(error.errno, CANNOT_WRITE)
    return Complaint(sentence, file=file, why=os.strerror(error.errno or errno.EIO))
