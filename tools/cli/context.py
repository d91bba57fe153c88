"""What an operator's command works with: the settings of a service, and the database in the operator's role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.sentences import WRONG_SETTING, Complaint

if TYPE_CHECKING:
    from shared.db.session import Database
    from shared.settings import Settings

FAILED = 1


@contextmanager
def service_settings() -> Iterator[Settings]:
    """The settings of a process that serves or works. A wrong one ends the command with one sentence."""
    with one_sentence(Console("en"), exit_code=FAILED):
        # Slow to import; commands that need no settings do without it.
        from shared.db.sealed import WeakKeys  # noqa: PLC0415
        from shared.settings import WrongSetting, load_service_settings  # noqa: PLC0415

        try:
            yield load_service_settings()
        except WrongSetting as error:
            raise Complaint(WRONG_SETTING, what=str(error)) from None
        except WeakKeys as error:
            raise Complaint(WRONG_SETTING, what=f"CRMAP_SECRET_KEYS: {error}") from None


@contextmanager
def operator() -> Iterator[tuple[Settings, Database]]:
    """The settings, and the database in the operator's role."""
    with service_settings() as settings:
        from shared.db.sealed import Keyring  # noqa: PLC0415
        from shared.db.session import Database, Role  # noqa: PLC0415

        db = Database(settings.service_database_url, Role.OPERATOR, Keyring(settings.keys))
        try:
            yield settings, db
        finally:
            db.close()
