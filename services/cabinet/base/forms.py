"""Forms that only our own pages can send: each carries a code bound to the visitor's cookie, and its origin is checked.

The code is a signature of the cookie: it is valid for this browser only and is not stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request

from services.cabinet.cabinet import Cabinet
from shared.db.sealed import Keyring

_PURPOSE = "form of session "
# The addresses a sign-in may return to: paths of our pages, in plain characters.
_OWN_PATH = re.compile(
    r"/(?:accounts|groups|changes|compare|search|settings|token)(?:[/?][A-Za-z0-9/_.~%?&=+-]{0,400})?"
)
HOME = "/accounts"


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with a form. ``field`` is empty if no single field is wrong."""

    field: str
    sentence: str


def code_for(keyring: Keyring, cookie: str) -> str:
    """The code that forms of this browser carry."""
    return keyring.signature(_PURPOSE + cookie)


def is_code_for(keyring: Keyring, cookie: str, form_code: str) -> bool:
    """True when the code was made for this browser, with any key that is still in use."""
    return keyring.is_signature(form_code, _PURPOSE + cookie)


def is_from_here(service: Cabinet, request: Request) -> bool:
    """False when the browser says that another site sent this request."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin in (service.origin, str(request.base_url).rstrip("/"))


def own_path(text: str) -> str:
    """The address to go to after signing in; the list of accounts if ``text`` is not a page of ours."""
    return text if _OWN_PATH.fullmatch(text) else HOME
