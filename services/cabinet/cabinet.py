"""What the cabinet process has. It reads snapshots and never calls Bitrix24: nothing here could."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.db.session import Database
from shared.queue import Bell


@dataclass(frozen=True)
class Cabinet:
    """The cabinet's way to the database and to the bell, and the settings its answers depend on.

    ``script_url`` is the vendor's script that speaks with the page around a frame.
    """

    db: Database
    bell: Bell
    sync_every: timedelta
    allow_private: bool
    secure_cookies: bool
    origin: str
    script_url: str
