"""Which titles accounts, groups, tokens and applications may have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.domain.errors import Refused
from shared.wording.visible import visible

LONGEST_TITLE = 100


class TitleUnfit(Refused):
    """Not a title: it is too long, or has a line break or a sign that nobody sees."""

    code = "title_unfit"
    status = 422


def is_title(text: str) -> bool:
    """True for one line that looks like what it is. An empty text is one; callers decide whether it is allowed."""
    return len(text) <= LONGEST_TITLE and visible(text) == text


def _fit(text: str) -> str:
    if not is_title(text):
        raise ValueError("not a title")
    return text


# The same in the body of a call of the API.
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TITLE), AfterValidator(_fit)
]
