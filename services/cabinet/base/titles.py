"""What people may call their accounts, groups, tokens and applications."""

from __future__ import annotations

from shared.domain.errors import Refused

LONGEST_TITLE = 100


class TitleUnfit(Refused):
    """Not a title, or one that is too long."""

    code = "title_unfit"
    status = 422


def is_title(text: str) -> bool:
    """True for what the database can keep as a title; whether it may be empty is another question."""
    return len(text) <= LONGEST_TITLE and "\x00" not in text
