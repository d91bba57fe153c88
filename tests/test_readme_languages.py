"""README.md and README.ru.md say the same: the same commands, links and pictures in the same order."""

from __future__ import annotations

import re

import pytest

from tests.test_documents import ROOT

ENGLISH, RUSSIAN = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ru.md"))
# One shows what to type, the other is a drawing or a tree with words in it.
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
HEADING = re.compile(r"^(#+) ", re.MULTILINE)


def commands(text: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(text) if kind == "sh"]


def links(text: str) -> list[str]:
    return [link for link in LINK.findall(text) if not link.startswith("README")]


def without_words(text: str) -> list[str]:
    """What stays of drawings and trees when their words are taken out: arrows, folders, names."""
    drawn = "".join(body for kind, body in BLOCK.findall(text) if kind == "mermaid")
    tree = "".join(body for kind, body in BLOCK.findall(text) if kind == "text")
    arrows = re.findall(r"^ *(\w)\b.*?[-.>]{2,} (\w)\b", drawn, re.MULTILINE)
    return [*map("".join, arrows), *re.findall(r"^ *([\w]+/)", tree, re.MULTILINE)]


@pytest.mark.parametrize("part", [commands, links, HEADING.findall, without_words])
def test_both_languages_have_the_same(part: object) -> None:
    assert callable(part)
    english, russian = part(ENGLISH), part(RUSSIAN)
    assert english
    assert english == russian


def test_each_leads_to_the_other() -> None:
    assert "](README.ru.md)" in ENGLISH
    assert "](README.md)" in RUSSIAN


def test_whatever_stands_in_code_is_in_both() -> None:
    def inline(text: str) -> set[str]:
        return set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", text)))

    assert inline(ENGLISH) == inline(RUSSIAN)
