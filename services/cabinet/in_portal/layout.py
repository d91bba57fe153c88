"""The layout of a page inside a portal's frame: only the verified portal may frame the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services.cabinet.base.rendering import Layout

_NOBODY = "'none'"


@dataclass(frozen=True, slots=True)
class PortalLayout(Layout):
    """What surrounds every page of a portal.

    ``session`` is sent with every form. Without a session it is empty, and so are the portal's ``origins``.
    ``zone`` is the name of the visitor's time zone, empty until the browser has sent it.
    """

    session: str = field(default="", repr=False)
    origins: str = ""
    zone: str = ""
    script_url: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """What the page may do, and who may frame it. X-Frame-Options cannot name an origin, so it is not sent."""
        scripts = " ".join(("'self'", *_origin(self.script_url)))
        policy = (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {self.origins or _NOBODY}",
        )
        return {"Content-Security-Policy": "; ".join(policy), "Referrer-Policy": "strict-origin"}


def _origin(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()
