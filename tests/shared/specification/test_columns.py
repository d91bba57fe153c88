"""Display columns: what is wide, what has no width, and where a line may be broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.specification.columns import clip, pad, width, wrap

texts = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=80)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("Deal", 4),
        ("Сделка № 5 — «да»", 17),
        ("中文", 4),
        ("＝1", 3),
        ("한글", 4),
        ("й", 1),
        ("и\u0306", 1),
        ("e\u0301\u0302", 1),
        ("👍", 2),
        ("👩‍💻", 4),
        ("↓⏎␣‹›…", 6),
        ("طريقة", 5),
    ],
)
def test_width_counts_columns_not_signs(text: str, columns: int) -> None:
    assert width(text) == columns


def test_padding_fills_up_to_the_column() -> None:
    assert pad("中", 4) == "中  "
    assert pad("7", 3, right=True) == "  7"
    assert pad("too long", 3) == "too long"


@pytest.mark.parametrize(
    ("text", "clipped"),
    [
        ("Сделка", "Сделка"),
        ("Сделка1", "Сделк…"),
        ("中中中", "中中中"),
        ("中中中中", "中中…"),
        ("e\u0301" * 7, "e\u0301" * 5 + "…"),
    ],
)
def test_clipping_keeps_what_fits_before_an_ellipsis(text: str, clipped: str) -> None:
    assert clip(text, 6) == clipped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one", ["one"]),
        ("one two three", ["one two", "three"]),
        ("one two three four", ["one two", "three", "four"]),
        ("unbelievable", ["unbeliev", "able"]),
        ("an unbelievable", ["an", "unbel", "ievab", "le"]),
        ("中中中中中 a", ["中中中中", "中 a"]),
    ],
)
def test_wrapping_breaks_at_spaces_and_inside_what_is_too_long(text: str, lines: list[str]) -> None:
    assert wrap(text, 8, 5) == lines


def test_wrapping_never_parts_a_letter_from_its_mark() -> None:
    assert wrap("и\u0306" * 4, 2, 2) == ["и\u0306и\u0306"] * 2
    assert wrap("👩‍💻👩‍💻", 4, 4) == ["👩‍💻", "👩‍💻"]


@given(texts, st.integers(2, 20), st.integers(2, 20))
def test_wrapping_loses_nothing_and_stays_within_the_columns(text: str, first: int, rest: int) -> None:
    lines = wrap(text, first, rest)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    joined = "\u200d" in text
    assert joined or all(
        width(line) <= room for line, room in zip(lines, [first] + [rest] * len(lines), strict=False)
    )


@given(texts, st.integers(1, 20))
def test_clipped_text_fits(text: str, columns: int) -> None:
    clipped = clip(text, columns)
    assert width(clipped) <= columns or "\u200d" in text or columns < 3


def test_a_very_long_word_is_wrapped_quickly() -> None:
    assert len(wrap("中" * 100_000, 100, 100)) == 2000
