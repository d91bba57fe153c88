"""What ``crmap spec`` decides before and after it has read a portal."""

from __future__ import annotations

import pytest

from shared.domain.coverage import Kind, State
from tests.builders import a_coverage
from tools.cli.spec import exit_code_of, format_of


@pytest.mark.parametrize(
    ("file", "form"),
    [
        (None, "txt"),
        ("portal.json", "json"),
        ("portal.TXT", "txt"),
        ("reports/portal.JSON", "json"),
        ("portal.md", "md"),
        ("portal.xlsx", "xlsx"),
        ("portal.pdf", "txt"),
        ("portal", "txt"),
        ("romashka.bitrix24.ru", "txt"),
        (".json", "txt"),
    ],
)
def test_the_ending_of_a_file_chooses_the_format(file: str | None, form: str) -> None:
    assert format_of(file) == form


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.COMPLETE, 0),
        (State.NOT_AVAILABLE, 0),
        (State.PARTIAL, 3),
        (State.FORBIDDEN, 3),
        (State.NOT_GRANTED, 3),
        (State.FAILED, 3),
    ],
)
def test_the_exit_code_says_whether_everything_was_read(state: State, code: int) -> None:
    assert exit_code_of([a_coverage(Kind.PIPELINES), a_coverage(Kind.USERS, state=state)]) == code
