"""The two sides of a comparison: each a saved specification, standard input or a portal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.domain.errors import CrmapError
from shared.domain.snapshot import Snapshot
from shared.specification.json_snapshot import load_json
from tools.cli.sentences import CANNOT_READ, NO_FILE, Complaint

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Side:
    """One side as it was given. ``name`` says which side it is and begins every complaint about it."""

    name: str
    given: str

    @property
    def is_portal(self) -> bool:
        """True when it has to be read over the network."""
        if self.given.lower().startswith(("http://", "https://")):
            return True
        # A webhook's URL without the scheme, which is added when the portal is read.
        return "/rest/" in self.given and not Path(self.given).exists()

    def snapshot(self, read: Callable[[str], Snapshot]) -> Snapshot:
        """The snapshot of this side; ``read`` takes one from a portal. Raises CrmapError, Complaint."""
        try:
            return read(self.given) if self.is_portal else load_json(self._document())
        except CrmapError as error:
            error.add_note(self.name)
            raise

    def _document(self) -> bytes:
        if self.given == STDIN:
            return sys.stdin.buffer.read() if sys.stdin is not None else b""
        try:
            return Path(self.given).read_bytes()
        except FileNotFoundError:
            raise Complaint(NO_FILE, file=self.given) from None
        except OSError as error:
            raise Complaint(CANNOT_READ, file=self.given, why=os.strerror(error.errno or 0)) from None
