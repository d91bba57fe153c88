"""Templates know nothing but their page, and moments are told in the way of the visitor."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import meta, nodes

from services import cabinet
from services.cabinet.base.rendering import TEMPLATES, Page, environment
from services.cabinet.base.words import Words
from services.cabinet.contents.tabs import TABS


def pages() -> Iterator[type[Page]]:
    for module in pkgutil.walk_packages(cabinet.__path__, f"{cabinet.__name__}."):
        for _, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(kind, Page) and hasattr(kind, "template"):
                yield kind


PAGES = sorted(set(pages()), key=lambda page: page.template)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.template)
def test_a_template_knows_its_page_and_nothing_else(page: type[Page]) -> None:
    made = environment("ru")
    known = {field.name for field in fields(page)} | set(made.globals)
    names = [page.template]
    while names:
        tree = made.parse(source(names.pop()))
        assert meta.find_undeclared_variables(tree) - made_by_itself(tree) <= known
        names += [
            found.template.value
            for found in tree.find_all((nodes.Extends,))
            if isinstance(found.template, nodes.Const)
        ]


def source(name: str) -> str:
    """The text of a template."""
    folder, _, file = name.partition("/")
    return (TEMPLATES[folder] / file).read_text()


def made_by_itself(tree: nodes.Template) -> set[str]:
    """What the template takes from another or gives a name itself."""
    imported = {
        name for found in tree.find_all(nodes.FromImport) for name in found.names if isinstance(name, str)
    }
    imported |= {found.target for found in tree.find_all(nodes.Import)}
    targets = (found.target for found in tree.find_all(nodes.Assign))
    return imported | {target.name for target in targets if isinstance(target, nodes.Name)}


def test_every_template_belongs_to_a_page_or_to_another_template() -> None:
    kinds = [kind for tab in TABS for kind in (tab, tab.beside) if kind]
    used = {page.template for page in PAGES} | {kind.template for kind in kinds}
    names = {f"{folder}/{path.name}" for folder, place in TEMPLATES.items() for path in place.iterdir()}
    for name in names:
        used |= set(re.findall(r"{% (?:extends|from|include|import) '([^']+)'", source(name)))
    assert used == names


NOW = datetime(2031, 3, 12, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "ago", "told"),
    [
        ("ru", timedelta(minutes=5), "5 минут назад"),
        ("ru", timedelta(hours=21), "21 час назад"),
        ("en", timedelta(minutes=1), "1 minute ago"),
        ("en", timedelta(days=3), "3 days ago"),
        # The clocks of two machines differ by a moment.
        ("en", -timedelta(minutes=3), "1 second ago"),
    ],
)
def test_ages_are_told_in_words(language: Any, ago: timedelta, told: str) -> None:
    assert Words(language, UTC, NOW).age(NOW - ago).replace("\xa0", " ") == told


def test_moments_are_told_in_the_visitors_zone() -> None:
    assert Words("ru", ZoneInfo("Asia/Yekaterinburg"), NOW).moment(NOW) == "12.03.2031 11:15"
    assert Words("en", UTC, NOW).moment(NOW) == "2031-03-12 06:15"
