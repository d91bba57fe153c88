"""The specifications of a group in one archive, which is sent while it is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import PurePosixPath

from starlette.concurrency import run_in_threadpool

from services.cabinet.base.words import Words
from services.cabinet.contents.account_lines import account_line
from services.cabinet.contents.specifying import Download
from services.cabinet.files.making import Document
from services.cabinet.files.store import KeptFile
from shared.db.accounts import Account
from shared.wording.sentences import N_
from shared.wording.visible import visible

NOT_READ = "not-read.txt"
_NOT_READ_TITLE = N_("These accounts have not been read yet, so there is nothing to specify:")
# The years that a date in the archive can have (PKWARE, .ZIP File Format Specification, 4.4.6).
_YEARS = range(1980, 2108)


async def archive(
    accounts: Sequence[Account],
    download_of: Callable[[Account], Download | None],
    opened: Callable[[Document], Awaitable[KeptFile]],
    words: Words,
) -> AsyncIterator[bytes]:
    """A ZIP file piece by piece: the specification of each account, and a list of the accounts that have none."""
    sink = _Sink()
    used_names = {NOT_READ}
    unread_accounts: list[Account] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        for account in accounts:
            download = await run_in_threadpool(download_of, account)
            if download is None:
                unread_accounts.append(account)
                continue
            kept_file = await opened(download.document)
            entry = _entry(unique(download.name, used_names), download.document)
            await run_in_threadpool(_write, file, entry, kept_file)
            yield sink.taken()
        if unread_accounts:
            file.writestr(NOT_READ, _named(unread_accounts, words))
    yield sink.taken()


def unique(name: str, used_names: set[str]) -> str:
    """The name, with a number if another file has it already. Names differ even where case is ignored."""
    path, number = PurePosixPath(name), 1
    while name.casefold() in used_names:
        number += 1
        name = f"{path.stem}-{number}{path.suffix}"
    used_names.add(name.casefold())
    return name


def _write(file: zipfile.ZipFile, entry: zipfile.ZipInfo, kept_file: KeptFile) -> None:
    with file.open(entry, "w") as written:
        for piece in kept_file.pieces():
            written.write(piece)


def _entry(name: str, document: Document) -> zipfile.ZipInfo:
    at = document.versions[-1].outline.read_at
    dated = at.timetuple()[:6] if at.year in _YEARS else (1980, 1, 1, 0, 0, 0)
    entry = zipfile.ZipInfo(name, dated)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _named(unread_accounts: Sequence[Account], words: Words) -> bytes:
    """The list of unread accounts as text that Windows shows correctly: with a byte order mark and CRLF."""
    lines = [words.gettext(_NOT_READ_TITLE), ""]
    for account in unread_accounts:
        line = account_line(account, words)
        parts = (line.title, line.domain if line.domain != line.title else "", line.state, line.advice)
        lines.append(visible(" · ".join(part for part in parts if part)))
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig", "replace")


class _Sink(io.RawIOBase):
    """A buffer that gives away what was written. It cannot seek, so the archive is written without seeking."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes, /) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Everything written since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
