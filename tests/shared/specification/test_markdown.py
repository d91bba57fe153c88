"""The Markdown specification: tables as git hosts show them, and no label that becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.domain.snapshot import Snapshot
from shared.specification.build import build
from shared.specification.document import Form, Table
from shared.specification.markdown import escaped, render_markdown
from shared.wording.visible import visible
from tests.builders import a_snapshot, a_user_field
from tests.shared.specification.example import example
from tests.shared.specification.hostile import LABELS, labelled
from tests.shared.specification.strategies import texts

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"text", "code_inline", "strong_open", "strong_close"}


def markdown(snapshot: Snapshot) -> str:
    return render_markdown(snapshot, language="ru").decode()


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def shape(text: str) -> list[str]:
    """The blocks of a document, whatever is written in them."""
    return [token.type for token in PARSER.parse(text)]


def row_texts(text: str) -> list[list[str]]:
    rows: list[list[str]] = []
    tokens = PARSER.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        if token.type in ("td_open", "th_open"):
            rows[-1].append("".join(child.content for child in tokens[place + 1].children or []))
    return rows


def test_user_fields_stand_in_a_table() -> None:
    row = next(row for row in row_texts(markdown(a_snapshot())) if "UF_CRM_1700000000001" in row)
    assert row == [
        "1",
        "UF_CRM_1700000000001",
        "ufCrm_1700000000001",
        "501",
        "строка",
        "--",
        "Способ доставки",
    ]


def test_every_section_has_a_heading_and_every_group_a_table() -> None:
    document = build(example(), language="ru")
    tables = [
        block
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Table | Form) and block.rows
    ]
    types = shape(markdown(example()))
    assert types.count("heading_open") > len(document.sections)
    assert types.count("table_open") == len(tables)


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert markdown(example()) == markdown(example())


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_no_label_becomes_markup(label: str) -> None:
    text = markdown(labelled(label))
    inline = {
        child.type
        for token in flat(PARSER.parse(text))
        if token.type == "inline"
        for child in token.children or []
    }
    assert inline <= HARMLESS
    assert not {"html_block", "code_block", "fence", "hr", "blockquote_open", "ordered_list_open"} & set(
        shape(text)
    )


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_label_is_shown_as_it_stands(label: str) -> None:
    rows = row_texts(markdown(a_snapshot(user_fields=(a_user_field(labels={"ru": label}),))))
    name = next(row for row in rows if "UF_CRM_1700000000001" in row)[6]
    assert name == (visible(label).strip() or "название не задано") or label.isspace()


@given(texts)
def test_any_text_survives_a_table_cell(text: str) -> None:
    rows = row_texts(f"| a | b |\n| --- | --- |\n| x{escaped(text)}x | y |\n")
    assert rows[1] == [f"x{visible(text)}x", "y"]


@given(texts)
def test_what_a_host_would_link_or_replace_is_left_alone(text: str) -> None:
    for risky in (
        f"http://{text}",
        f"www.{text}",
        f"{text}@e.example",
        f":smile:{text}",
        f"#1{text}",
        f"${text}$",
    ):
        assert not re.search(r"(?<!\\)[@#$]|www\.|p://|(?<!\\):smile", escaped(risky))
