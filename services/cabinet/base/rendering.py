"""Pages as HTML. A page is a frozen value and its template can use nothing else."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.wording.language import Language
from shared.wording.sentences import say, say_number
from shared.wording.visible import visible

CABINET = Path(__file__).parent.parent
# Every folder has templates of its own; a template is called by its folder and its name.
TEMPLATES = {path.parent.name: path for path in sorted(CABINET.glob("*/templates"))}
STATIC = sorted(CABINET.glob("*/static"))


@dataclass(frozen=True, slots=True)
class Layout(ABC):
    """What stands around a page: the cabinet's menu, or a portal."""

    language: Language

    @property
    @abstractmethod
    def headers(self) -> Mapping[str, str]:
        """What browsers let the page do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page. Its fields are all that its template knows."""

    template: ClassVar[str]

    layout: Layout


def render(page: Page) -> str:
    """The page as HTML in its language."""
    template = environment(page.layout.language).get_template(page.template)
    return template.render({field.name: getattr(page, field.name) for field in fields(page)})


def answer(page: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page as an answer that no browser lets anything else into."""
    return HTMLResponse(render(page), status, headers={**page.layout.headers, **(headers or {})})


@cache
def environment(language: Language) -> Environment:
    """Templates that speak this language. Every text is escaped and nothing in it steers the page's layout."""
    templates = Environment(
        loader=PrefixLoader({name: FileSystemLoader(path) for name, path in TEMPLATES.items()}),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )

    def gettext(sentence: str, **facts: object) -> Markup:
        return Markup(say(sentence, language, **_harmless(facts)))  # noqa: S704 - ours, and its facts are escaped

    def ngettext(one: str, many: str, count: int) -> Markup:
        return Markup(say_number(one, many, count, language))  # noqa: S704 - ours

    templates.globals |= {"_": gettext, "ngettext": ngettext}
    templates.globals["static"] = static_address
    return templates


def _harmless(facts: Mapping[str, object]) -> dict[str, Markup]:
    """The facts of a sentence as they may stand on a page."""
    return {name: escape(_shown(fact)) for name, fact in facts.items()}


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def static_files() -> Mapping[str, bytes]:
    """The files pages refer to, by name."""
    return {path.name: path.read_bytes() for folder in STATIC for path in folder.iterdir() if path.is_file()}


@cache
def static_address(name: str) -> str:
    """Where a file is found; another content has another address, so browsers may keep what they have."""
    return f"/static/{name}?v={hashlib.sha256(static_files()[name]).hexdigest()[:12]}"
