"""Known browsers: one that has signed in keeps a signed cookie that says so, for this person only.

The cookie opens nothing. With it a browser is not held up by what strangers do to the same person: it has a limit of
its own. The signature is made with the secret keys and nothing is stored, so it goes on being valid after signing out
and after a change of the password.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from shared.db.sealed import Keyring

COOKIE = "crmap-known"
# The longest that browsers keep a cookie; it begins anew with every sign-in.
KNOWN_FOR = timedelta(days=400)
_FORM = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{16,32})\.([A-Za-z0-9_-]{43})")


def issue(keyring: Keyring, person_id: UUID, *, now: datetime) -> str:
    """The text of a cookie by which a browser is known to this person."""
    until, browser = str(int((now + KNOWN_FOR).timestamp())), secrets.token_urlsafe(16)
    return f"{until}.{browser}.{keyring.signature(_message(person_id, until, browser))}"


def browser_of(keyring: Keyring, cookie: str, person_id: UUID, *, now: datetime) -> str | None:
    """The name of the browser that is known to this person by the cookie; ``None`` for a stranger's."""
    match = _FORM.fullmatch(cookie)
    if match is None:
        return None
    until, browser, signature = match.groups()
    is_ours = keyring.is_signature(signature, _message(person_id, until, browser))
    if int(until) <= now.timestamp() or not is_ours:
        return None
    return browser


def _message(person_id: UUID, until: str, browser: str) -> str:
    return f"known browser 1|{person_id}|{until}|{browser}"
