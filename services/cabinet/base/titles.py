"""Which titles accounts, groups, tokens and applications may have."""

from __future__ import annotations

from shared.domain.errors import Refused

LONGEST_TITLE = 100


class TitleUnfit(Refused):
    """Not a title, or one that is too long."""

    code = "title_unfit"
    status = 422


def is_title(text: str) -> bool:
    """True for a text the database can store as a title. An empty text is one; callers decide whether it is allowed."""
    return len(text) <= LONGEST_TITLE and "\x00" not in text
