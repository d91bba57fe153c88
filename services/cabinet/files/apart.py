"""Large documents are made in a process of their own: it gives all memory back and has a lower priority than pages.

``python -m services.cabinet.files.apart`` makes the document that is described on standard input.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence

from services.cabinet.files.making import Contents, Document, rendered
from services.cabinet.files.store import Store
from shared.domain.refusals import TryAgainLater

_WITHIN_S = 300
# It gets a third of the processor time that a page gets.
_NICER = 5


class MakingFailed(Exception):
    """A fault of ours, with the last lines that the process wrote to standard error."""


def make_apart(document: Document, contents: Sequence[Contents], store: Store, key: str) -> None:
    """The document is in the store. Raises MakingFailed, or TryAgainLater if something else ended the process."""
    order = pickle.dumps((document, contents, store, key))
    command = [sys.executable, "-P", "-m", __name__]
    try:
        made = subprocess.run(  # noqa: S603 - our own module
            command,
            input=order,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            timeout=_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        raise TryAgainLater from None
    finally:
        # After a failure its traceback would keep it.
        del order
    if made.returncode < 0:
        raise TryAgainLater
    if made.returncode:
        raise MakingFailed(made.stderr.decode(errors="replace")[-2000:])


def main() -> None:
    os.nice(_NICER)
    # It comes from our parent process.
    document, contents, store, key = pickle.load(sys.stdin.buffer)  # noqa: S301
    store.keep(key, rendered(document, contents))


if __name__ == "__main__":
    main()
