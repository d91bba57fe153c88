"""Pages inside a portal's frame as HTML: nothing but the verified portal may show them around itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from services.cabinet.base.rendering import environment
from shared.wording.language import Language

_NOBODY = "'none'"


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around every page.

    ``session`` goes on in every form and is empty where there is none, as ``origins`` of the portal then are.
    ``zone`` is the visitor's time zone by name, once his browser has told it.
    """

    language: Language
    session: str = field(default="", repr=False)
    origins: str = ""
    zone: str = ""
    script_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPage:
    """A page. Its fields are all that its template knows."""

    template: ClassVar[str]

    around: Around


def render(page: PortalPage) -> str:
    """The page as HTML in its language."""
    template = environment(page.around.language).get_template(page.template)
    return template.render({known.name: getattr(page, known.name) for known in fields(page)})


def answer(page: PortalPage, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page as an answer for the frame of its portal."""
    return HTMLResponse(render(page), status, headers={**frame_headers(page.around), **(headers or {})})


def frame_headers(around: Around) -> dict[str, str]:
    """What a frame's page may do, and who may frame it. X-Frame-Options knows no origin, so it stays away."""
    scripts = " ".join(("'self'", *_origin(around.script_url)))
    policy = (
        "default-src 'none'",
        f"script-src {scripts}",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        f"frame-ancestors {around.origins or _NOBODY}",
    )
    return {"Content-Security-Policy": "; ".join(policy), "Referrer-Policy": "strict-origin"}


def _origin(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()
