"""What people may call their accounts, groups, tokens and applications."""

from __future__ import annotations

LONGEST_TITLE = 100


def is_title(text: str) -> bool:
    """True for what the database can keep as a title; whether it may be empty is another question."""
    return len(text) <= LONGEST_TITLE and "\x00" not in text
