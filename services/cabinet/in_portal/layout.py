"""What stands around a page inside a portal's frame: nothing but the verified portal may show the page in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services.cabinet.base.rendering import Layout

_NOBODY = "'none'"


@dataclass(frozen=True, slots=True)
class PortalLayout(Layout):
    """What stands around every page of a portal.

    ``session`` goes on in every form and is empty where there is none, as ``origins`` of the portal then are.
    ``zone`` is the visitor's time zone by name, once his browser has told it.
    """

    session: str = field(default="", repr=False)
    origins: str = ""
    zone: str = ""
    script_url: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """What the page may do, and who may frame it. X-Frame-Options knows no origin, so it stays away."""
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
