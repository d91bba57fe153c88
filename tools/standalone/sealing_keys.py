"""The keys of this machine: data that were sealed with lost ones are not worked on with new ones."""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path

from shared.db.rotating import is_key_lost
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.settings import Settings
from tools.standalone.own_settings import KEY_FILE
from tools.standalone.serving import ServerFailed


def check_keys(settings: Settings, data_dir: Path, database: str) -> None:
    """The keys open what the database holds, or it holds nothing sealed yet.

    Raises ServerFailed, with what to bring back; no new key has been made then.
    """
    file = data_dir / KEY_FILE
    if "secret_keys" in settings.model_fields_set:
        keys, fault = settings.keys, "CRMAP_SECRET_KEYS has other keys"
    elif file.exists():
        keys, fault = tuple(file.read_text(encoding="utf-8").strip().split(",")), f"{file} holds other keys"
    else:
        # Stands for the one that would be made.
        keys, fault = (secrets.token_urlsafe(),), f"{file} is gone"
    with closing(Database(database, Role.OPERATOR, Keyring(keys))) as db:
        if is_key_lost(db):
            raise ServerFailed(
                f"{fault}, and nothing in the database can be opened without those it was sealed with:"
                " bring them back from where you keep them"
            )
