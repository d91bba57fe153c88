"""Pages as HTML. A page is a frozen value; its template can use nothing else."""

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
# Every folder has its own templates; a template is named by folder and file.
TEMPLATES = {path.parent.name: path for path in sorted(CABINET.glob("*/templates"))}
STATIC = sorted(CABINET.glob("*/static"))


@dataclass(frozen=True, slots=True)
class Layout(ABC):
    """What surrounds a page: the cabinet's menu, or a portal."""

    language: Language

    @property
    @abstractmethod
    def headers(self) -> Mapping[str, str]:
        """The security headers of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page. Its template sees its fields and nothing else."""

    template: ClassVar[str]

    layout: Layout


def render(page: Page) -> str:
    """The page as HTML in its language."""
    template = environment(page.layout.language).get_template(page.template)
    return template.render({field.name: getattr(page, field.name) for field in fields(page)})


def answer(page: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page as a response with the security headers of its layout."""
    return HTMLResponse(render(page), status, headers={**page.layout.headers, **(headers or {})})


@cache
def environment(language: Language) -> Environment:
    """The templates in this language. Every text is escaped, and control characters in it become visible marks."""
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
    """The facts of a sentence, made safe for a page."""
    return {name: escape(_shown(fact)) for name, fact in facts.items()}


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def static_files() -> Mapping[str, bytes]:
    """The static files by name."""
    return {path.name: path.read_bytes() for folder in STATIC for path in folder.iterdir() if path.is_file()}


@cache
def static_address(name: str) -> str:
    """The address of a static file. It changes with the content, so browsers may cache the file for good."""
    return f"/static/{name}?v={hashlib.sha256(static_files()[name]).hexdigest()[:12]}"
