"""What stands around a page of the web site: the menu, the connection token, whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.cabinet.base.rendering import Layout

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Without any referrer browsers hide the origin of a form as well, and ours could not be told from a stranger's.
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Token:
    """The connection token of the cabinet, as it stands in the menu."""

    text: str


@dataclass(frozen=True, slots=True)
class SiteLayout(Layout):
    """What stands around every page of the web site.

    ``person`` is empty and ``token`` missing for somebody who is not signed in. ``here`` is the address
    the page returns to when its language is switched, ``notice`` what has just been done.
    """

    csrf: str
    here: str
    section: str = ""
    person: str = ""
    token: Token | None = None
    notice: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """No browser lets anything foreign in, and no other site shows the page in itself."""
        return HEADERS
