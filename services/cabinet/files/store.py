"""Files that are kept in a folder for a day at most. Together they stay below a size.

Several processes may share the folder. A file begins with the SHA-256 of its content, so a damaged file is recognized.
Its modification time says when it was made, its access time when it was last used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LIVES_S = 24 * 3600
# Writing a file takes seconds. An older half-written file was left by a process that died.
_WRITTEN_WITHIN_S = 600
_HALF = "half-"
_PIECE = 2**18
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An open file. It can be read to the end even if the store deletes it meanwhile. ``size`` is in bytes."""

    size: int
    stream: BinaryIO

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces. After the last one the file is closed."""
        with self.stream:
            while piece := self.stream.read(_PIECE):
                yield piece


@dataclass(frozen=True, slots=True)
class Store:
    """The files in a folder, at most ``most_bytes`` together. The folder is created with the first file, mode 700."""

    folder: Path
    most_bytes: int

    def opened(self, key: str) -> KeptFile | None:
        """The file of this key, used now; ``None`` if there is none, or if it is damaged or too old."""
        path = self.folder / key
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return None
        about = os.fstat(stream.fileno())
        if about.st_mtime + LIVES_S < _time_ns() / 1e9 or not _is_whole(stream):
            stream.close()
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(FileNotFoundError):
            os.utime(path, ns=(_time_ns(), about.st_mtime_ns))
        return KeptFile(about.st_size - _DIGEST, stream)

    def keep(self, key: str, content: bytes) -> None:
        """The content is kept under this key. If there was no room, files that were not used for long are deleted."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=_HALF, dir=self.folder, delete=False) as half:
            path = Path(half.name)
            try:
                half.write(hashlib.sha256(content).digest())
                half.write(content)
                half.flush()
                self.sweep(room=_DIGEST + len(content))
                path.replace(self.folder / key)
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    def sweep(self, *, room: int = 0) -> None:
        """Old and half-written files are deleted, then the least recently used, until ``room`` bytes are free."""
        now, used = _time_ns() / 1e9, []
        for path in self.folder.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                about = path.stat()
                is_half = path.name.startswith(_HALF)
                if about.st_mtime + (_WRITTEN_WITHIN_S if is_half else LIVES_S) < now:
                    path.unlink()
                elif not is_half:
                    used.append((about.st_atime_ns, about.st_size, path))
        total = room + sum(size for _, size, _ in used)
        for _, size, path in sorted(used):
            if total <= self.most_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size


def _time_ns() -> int:
    # The times of files come from the clock of this machine too.
    return time.time_ns()  # noqa: TID251


def _is_whole(stream: BinaryIO) -> bool:
    """True if the content has the digest before it; then the stream is at the beginning of the content."""
    digest, promised = hashlib.sha256(), stream.read(_DIGEST)
    while piece := stream.read(_PIECE):
        digest.update(piece)
    stream.seek(_DIGEST)
    return digest.digest() == promised
