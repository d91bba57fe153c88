"""``crmap app add``, and the application of the settings: the applications that portals may install."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.cli.console import Console
from tools.cli.context import operator
from tools.cli.sentences import APPLICATION_KNOWN, CANNOT_READ, UNFIT, Complaint

if TYPE_CHECKING:
    from shared.settings import Settings

_DEFAULT_TITLE = "CRMAP"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LONGEST_SECRET = 200


def app_add(
    client_id: Annotated[str, typer.Argument(help="As it stands in the application's card.")],
    secret_file: Annotated[
        str, typer.Option(metavar="FILE|-", help="The file that holds the secret; - reads standard input.")
    ],
    title: Annotated[str, typer.Option(help="What to call it.")] = _DEFAULT_TITLE,
) -> None:
    """Portals with this application are let in."""
    with operator() as (_settings, db):
        from shared.db import applications  # noqa: PLC0415

        if not _CLIENT_ID.fullmatch(client_id):
            raise Complaint(UNFIT, what="client id", why="letters, digits, '.', '_' and '-'")
        secret = _secret(secret_file)
        with db.session() as session:
            applications.register(session, db.keyring, client_id=client_id, secret=secret, title=title)
        Console("en").say(APPLICATION_KNOWN, client_id=client_id)


def register_default(settings: Settings) -> None:
    """The application of the settings is registered, if there is one."""
    if settings.bitrix24_client_id is None or settings.bitrix24_client_secret is None:
        return
    with operator() as (_settings, db):
        from shared.db import applications  # noqa: PLC0415

        with db.session() as session:
            applications.register(
                session,
                db.keyring,
                client_id=settings.bitrix24_client_id,
                secret=settings.bitrix24_client_secret.get_secret_value(),
                title=_DEFAULT_TITLE,
            )


def _secret(file: str) -> str:
    try:
        secret = (sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Complaint(CANNOT_READ, file=file, why=type(error).__name__) from None
    if not secret or len(secret) > _LONGEST_SECRET or len(secret.split()) != 1:
        raise Complaint(UNFIT, what="secret", why=f"one word of at most {_LONGEST_SECRET} characters")
    return secret
