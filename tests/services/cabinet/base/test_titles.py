"""A title is one line that looks like what it is."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from services.cabinet.base.titles import LONGEST_TITLE, Title, is_title


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Ромашка",
        "O'Neill & Sons «Юг» №1",
        "日本\u3000語",
        "семья 👨\u200d👩\u200d👧",
        "x" * LONGEST_TITLE,
    ],
)
def test_what_people_call_things_is_a_title(title: str) -> None:
    assert is_title(title)
    assert TypeAdapter(Title).validate_python(title) == title


@pytest.mark.parametrize(
    "between",
    [
        *("\n", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "\x9b", "\u2028", "\u2029"),
        *("\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\ud800", "\u3164"),
        "x" * LONGEST_TITLE,
    ],
)
def test_what_breaks_lines_or_hides_is_none(between: str) -> None:
    title = f"a{between}b"
    assert not is_title(title)
    with pytest.raises(ValidationError):
        TypeAdapter(Title).validate_python(title)
