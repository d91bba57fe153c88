"""Documents are made once and kept. Few are made at a time, so that pages stay quick."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import prometheus_client
from starlette.concurrency import run_in_threadpool

from services.cabinet.files.apart import make_apart
from services.cabinet.files.making import Contents, Document, Version, rendered
from services.cabinet.files.store import KeptFile, Store
from shared.domain.refusals import TooManyDocuments, TryAgainLater

#: How many documents one person may have in the making.
EACH = 2
# As many as there are processors on a small server.
_AT_ONCE = 2
# As many items take a fifth of a second; below that, starting a process would cost more than making the document.
_LARGE = 2_000
# If the store is small, a document may be deleted before it is opened, to make room for others.
_TRIES = 3
_SWEPT_EVERY_S = 600

DOCUMENTS = prometheus_client.Counter(
    "crmap_cabinet_documents",
    "Documents that were made, and refused to people with too many in the making.",
    ["done"],
)
WAITING = prometheus_client.Gauge("crmap_cabinet_documents_waiting", "Requests that wait for a document.")


class Documents:
    """The documents of this process. Others may share the store if it is ``lasting``; else it ends with this process.

    ``read`` returns the items of a version.
    """

    def __init__(self, store: Store, read: Callable[[Version], Contents], *, lasting: bool) -> None:
        self.store = store
        self._read = read
        self._lasting = lasting
        self._pool = ThreadPoolExecutor(_AT_ONCE, "documents")
        # Reentrant, because a making that ends at once is noted by whoever has just begun it.
        self._lock = threading.RLock()
        self._makings: dict[str, Future[None]] = {}
        self._taken: Counter[Hashable] = Counter()

    async def opened(self, document: Document, person: Hashable) -> KeptFile:
        """The document as an open file. A request for a document that is already being made waits for it.

        A document that is made takes one of the places of ``person``; none for ``None``, who has a place already.
        Raises TooManyDocuments, TryAgainLater, and what ``read`` raises.
        """
        key = document.key
        for _ in range(_TRIES):
            file = await run_in_threadpool(self.store.opened, key)
            if file is not None:
                return file
            making = asyncio.wrap_future(self._making(document, key, person))
            with WAITING.track_inprogress():
                # Others may wait for the same document, so a request that is cancelled does not cancel the making.
                await asyncio.shield(making)
        raise TryAgainLater

    @contextlib.contextmanager
    def place(self, person: Hashable) -> Iterator[None]:
        """The person has one of his places while the block runs. Raises TooManyDocuments."""
        self._take(person)
        try:
            yield
        finally:
            self._give_back(person)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Old documents are deleted while the block runs. After it, no more documents are made."""
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            self.close()
            if not self._lasting:
                shutil.rmtree(self.store.folder, ignore_errors=True)

    def close(self) -> None:
        """Documents that were begun are finished; no others will be made."""
        self._pool.shutdown(cancel_futures=True)

    async def _sweep(self) -> None:
        while True:
            await run_in_threadpool(self.store.sweep)
            await asyncio.sleep(_SWEPT_EVERY_S)

    def _making(self, document: Document, key: str, person: Hashable) -> Future[None]:
        with self._lock:
            making = self._makings.get(key)
            if making is None:
                if person is not None:
                    self._take(person)
                making = self._makings[key] = self._pool.submit(self._make, document, key)
                making.add_done_callback(lambda _: self._ended(key, person))
            return making

    def _ended(self, key: str, person: Hashable) -> None:
        with self._lock:
            del self._makings[key]
            if person is not None:
                self._give_back(person)

    def _make(self, document: Document, key: str) -> None:
        if file := self.store.opened(key):
            # Made between the look into the store and this.
            file.stream.close()
            return
        contents = [self._read(version) for version in document.versions]
        try:
            if document.size >= _LARGE:
                make_apart(document, contents, self.store, key)
            else:
                self.store.keep(key, rendered(document, contents))
        finally:
            # After a failure its traceback would keep them.
            contents.clear()
        DOCUMENTS.labels("made").inc()

    def _take(self, person: Hashable) -> None:
        with self._lock:
            if self._taken[person] >= EACH:
                DOCUMENTS.labels("refused").inc()
                raise TooManyDocuments
            self._taken[person] += 1

    def _give_back(self, person: Hashable) -> None:
        with self._lock:
            self._taken[person] -= 1
            # Nobody is remembered who has none.
            self._taken += Counter()
