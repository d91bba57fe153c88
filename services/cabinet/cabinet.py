"""The resources of the cabinet process. It reads snapshots and has no client for Bitrix24."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.cabinet.files.documents import Documents
from shared.db.limits import Limit
from shared.db.session import Database
from shared.queue import Bell


@dataclass(frozen=True)
class Cabinet:
    """The database, the bell, the documents, and the settings that responses depend on.

    ``most_accounts`` and ``refreshes`` limit each cabinet.
    ``script_url`` is the vendor's script by which a page in a frame talks to the portal around it.
    """

    db: Database
    bell: Bell
    documents: Documents
    sync_every: timedelta
    allow_private: bool
    secure_cookies: bool
    origin: str
    script_url: str
    most_accounts: int
    refreshes: Limit
