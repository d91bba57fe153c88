"""The layout of pages of the web site: the menu, the connection token, the person who is signed in."""

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
    # With no referrer at all browsers also hide the origin of a form, and our forms would look like a stranger's.
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Token:
    """The connection token of the cabinet, as the menu shows it."""

    text: str


@dataclass(frozen=True, slots=True)
class SiteLayout(Layout):
    """What surrounds every page of the web site.

    ``person`` is empty and ``token`` is ``None`` for a visitor who is not signed in. ``here`` is the address
    to return to when the language is switched; ``notice`` names what has just been done.
    """

    csrf: str
    here: str
    section: str = ""
    person: str = ""
    token: Token | None = None
    notice: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """Browsers load nothing from other sites into the page, and no other site may frame it."""
        return HEADERS
