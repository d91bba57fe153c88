"""Builds pages of the portal from the files in ``tools/simulator/pages``. Every value in them is escaped."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

import orjson

from tools.simulator.applications import Application
from tools.simulator.browsing.panel import panel
from tools.simulator.browsing.visitor import USUAL, Visitor
from tools.simulator.browsing.words import WORDS
from tools.simulator.messages import Response
from tools.simulator.portal import SimulatedPortal

_PAGES = Path(__file__).parent.parent / "pages"
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_LANGUAGES = {"ru": "Русский", "en": "English"}


def file_response(name: str) -> Response | None:
    """A style or a script as it is, or None if there is no such file."""
    files = {file.name: file for file in _PAGES.iterdir() if file.suffix in _TYPES}
    if name not in files:
        return None
    kind = f"{_TYPES[files[name].suffix]}; charset=utf-8"
    return Response(200, files[name].read_bytes(), {"Content-Type": kind, "Cache-Control": "no-store"})


def fill(template: str, visitor: Visitor, **values: str) -> str:
    """The file with the visitor's words and these values in it; ``*_html`` goes in as it is."""
    shown = {
        name: value if name.endswith("_html") else escape(value, quote=True) for name, value in values.items()
    }
    words = {f"word_{name}": escape(visitor.word(name), quote=True) for name in WORDS}
    return _template(template).substitute(words | shown)


def page(
    portal: SimulatedPortal, visitor: Visitor, title: str, content_html: str, status: int = 200
) -> Response:
    """A whole page with the portal's menu around the content."""
    return _whole(
        fill(
            "layout.html",
            visitor,
            language=visitor.language,
            title=title,
            name=portal.name,
            portal=portal.crm.settings.title,
            domain=portal.domain,
            menu_html=_menu(portal, visitor),
            people_html=_people(portal, visitor),
            languages_html=_languages(visitor),
            panel_html=panel(portal, visitor),
            content_html=content_html,
        ),
        status,
    )


def bare_page(visitor: Visitor, title: str, content_html: str) -> Response:
    """A page for a slider: the content alone."""
    return _whole(
        fill("slider.html", visitor, language=visitor.language, title=title, content_html=content_html)
    )


def sentence(
    portal: SimulatedPortal, visitor: Visitor, word: str, status: int = 200, *, title: str | None = None
) -> Response:
    """A page that says one thing."""
    text = f"<p class='notice'>{escape(visitor.word(word))}</p>"
    return page(portal, visitor, title or visitor.word("home"), text, status)


def link(href: str, text: str, *, current: bool = False) -> str:
    mark = " aria-current='page'" if current else ""
    return f"<a href='{escape(href, quote=True)}'{mark}>{escape(text)}</a>"


def script_data(name: str, value: object) -> str:
    """JSON for a script of the page to read."""
    text = orjson.dumps(value).decode().replace("<", "\\u003c")
    return f"<script type='application/json' id='{name}'>{text}</script>"


def _whole(text: str, status: int = 200) -> Response:
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Response(status, text.encode(), headers)


@cache
def _template(name: str) -> Template:
    return Template((_PAGES / name).read_text(encoding="utf-8"))


def _menu(portal: SimulatedPortal, visitor: Visitor) -> str:
    entries = [
        link(visitor.link("/"), visitor.word("home")),
        *application_links(portal, visitor),
        link(visitor.link("/devops/"), visitor.word("developers")),
    ]
    return "".join(f"<li>{entry}</li>" for entry in entries)


def application_links(portal: SimulatedPortal, visitor: Visitor) -> list[str]:
    """A link to every application: to open it, or to install it first."""
    entries = [
        link(visitor.link(f"/marketplace/app/{installation.row_id}/"), installation.application.title)
        for installation in portal.installations.values()
        if installation.active
    ]
    for application in _installable(portal):
        text = f"{application.title} — {visitor.word('not_installed_here')}"
        entries.append(link(visitor.link(f"/marketplace/detail/{application.client_id}/"), text))
    return entries


def _installable(portal: SimulatedPortal) -> list[Application]:
    """Applications of the market, and local ones that belong to no portal yet."""
    return [
        application
        for application in portal.authority.applications
        if not _is_installed(portal, application)
        and (
            application.kind == "market"
            or not any(
                application.client_id in other.installations for other in portal.authority.portals.values()
            )
        )
    ]


def _is_installed(portal: SimulatedPortal, application: Application) -> bool:
    installation = portal.installations.get(application.client_id)
    return installation is not None and installation.active


def _people(portal: SimulatedPortal, visitor: Visitor) -> str:
    links = []
    for role, word in ((USUAL, "administrator"), ("employee", "employee")):
        try:
            user = portal.crm.user(portal.callers.user_id(role))
        except LookupError:
            continue
        text = f"{visitor.word(word)}: {user.name} {user.last_name}"
        links.append(link(visitor.link("", **{"as": role}), text, current=user.id == visitor.user.id))
    return "".join(links)


def _languages(visitor: Visitor) -> str:
    shown = "ru" if visitor.language == "ru" else "en"
    return "".join(
        link(visitor.link("", lang=code), text, current=code == shown) for code, text in _LANGUAGES.items()
    )
