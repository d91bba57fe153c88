"""The HTML specification: one file, printable, in which no label is anything but text."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from shared.domain.snapshot import Snapshot
from shared.specification.html import render_html
from shared.wording.language import LANGUAGES, Language
from shared.wording.visible import visible
from tests.builders import a_pipeline, a_snapshot, a_stage, a_success_stage, a_user_field
from tests.shared.specification.example import example
from tests.shared.specification.hostile import LABELS, labelled

VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a browser would see: elements, attributes, texts, and whether every element was closed."""

    def __init__(self, snapshot: Snapshot, language: Language = "ru") -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.source = render_html(snapshot, language=language).decode()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_complete_in_itself(language: Language) -> None:
    page = Page(example(), language)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "form"} & page.elements.keys()
    assert ("lang", language) in page.attributes
    assert not re.search(r"https?:|url\(|@import", page.source)


def test_the_contents_lead_to_every_section() -> None:
    page = Page(example())
    targets = {value for name, value in page.attributes if name == "id"}
    links = {value.removeprefix("#") for name, value in page.attributes if name == "href"}
    assert links == targets
    assert len(links) == page.elements["section"]


def test_every_pipeline_is_drawn_as_a_line_of_its_stages() -> None:
    page = Page(a_snapshot())
    assert page.elements["svg"] == 1
    assert page.elements["polygon"] == 2
    assert ("aria-label", "Новая заявка → Оплачена") in page.attributes
    assert ("fill", "#39A8EF") in page.attributes
    assert "✓ Оплачена" in page.texts


@pytest.mark.parametrize("color", ["red", "#12345", '"/><script>', "url(#x)", "", None])
def test_only_a_colour_is_used_as_a_colour(color: str | None) -> None:
    page = Page(a_snapshot(stages=(a_stage(color=color), a_success_stage(color=color))))
    fills = {value for name, value in page.attributes if name == "fill"}
    assert fills == {"#c8ccd2", "#1b1f24"}


def test_a_pipeline_without_stages_is_drawn_without_a_line() -> None:
    assert Page(a_snapshot(stages=(), pipelines=(a_pipeline(),))).elements["svg"] == 0


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert render_html(example(), language="ru") == render_html(example(), language="ru")


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_no_label_becomes_an_element_or_an_attribute(label: str) -> None:
    harmless, page = Page(labelled("x")), Page(labelled(label))
    assert page.elements.keys() <= harmless.elements.keys() | {"svg", "g", "polygon", "text", "title"}
    assert {name for name, _ in page.attributes} <= {name for name, _ in harmless.attributes}
    assert page.open == []


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_label_is_shown_as_it_stands(label: str) -> None:
    page = Page(a_snapshot(user_fields=(a_user_field(labels={"ru": label}),)))
    assert (visible(label) or "название не задано") in page.texts


@pytest.mark.parametrize("code", ["<b>", '"', "&amp;"])
def test_no_code_becomes_an_element(code: str) -> None:
    page = Page(
        a_snapshot(
            user_fields=(a_user_field(code=f"UF_{code}", type=code),), stages=(a_stage(status_id=code),)
        )
    )
    assert "b" not in page.elements
    assert f"UF_{code}" in page.texts
