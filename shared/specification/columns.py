"""Text in display columns: an ideograph or emoji is two wide, a combining sign none."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Characters that are one column wide and harmless. Nearly all portal text consists of these and spaces.
PLAIN_SIGNS = "!-~\u00a1-\u00ac\u00ae-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203f→↓⏎⇥␣№"
_NARROW = re.compile(f"[ \u00a0{PLAIN_SIGNS}]*")
_ELLIPSIS = "…"
_JOINER = "\u200d"


def width(text: str) -> int:
    """How many columns the text takes where every sign has one, two or none."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    return sum(map(_sign_width, text))


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """The text padded with spaces to so many columns; a longer text is returned as it is."""
    space = " " * (columns - width(text))
    return space + text if right else text + space


def clip(text: str, columns: int) -> str:
    """The text, or as much of its beginning as fits before an ellipsis."""
    return text if width(text) <= columns else _head(text, columns - 1) + _ELLIPSIS


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Lines of at most ``first`` and then ``rest`` columns, broken at spaces, or inside a word that is too long.

    A combining sign stays with its letter and an emoji with its parts, so a line may be wider than one or two
    columns. At least one line comes back.
    """
    lines: list[str] = []
    line, used, room = "", 0, first
    for word in text.split(" "):
        needed = width(word)
        if line and used + 1 + needed <= room:
            line, used = f"{line} {word}", used + 1 + needed
            continue
        if line:
            lines.append(line)
            room = rest
        while needed > room:
            head = _head(word, room)
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901 - the rest of the word is the word to place
            needed, room = needed - width(head), rest
        line, used = word, needed
    return [*lines, line]


def _head(text: str, columns: int) -> str:
    """The longest beginning that fits; at least one character, and never half a combined one."""
    if _NARROW.fullmatch(text):
        return text[: max(columns, 1)]
    used = end = 0
    while end < len(text):
        cluster = _cluster_end(text, end)
        used += sum(map(_sign_width, text[end:cluster]))
        if used > columns and end:
            break
        end = cluster
        if used >= columns:
            break
    return text[:end]


def _cluster_end(text: str, start: int) -> int:
    end = start + 1
    while end < len(text) and (_sign_width(text[end]) == 0 or text[end - 1] == _JOINER):
        end += 1
    return end


@lru_cache(maxsize=4096)
def _sign_width(sign: str) -> int:
    if sign == _JOINER or unicodedata.category(sign) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
