"""Portal text made safe to show: nothing in it controls a terminal, a page or a layout."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LINE_BREAK = "⏎"
TAB = "⇥"

_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Invisible letters: fillers that look like a gap or like nothing.
_HIDDEN_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_ONE_HIDDEN_LETTER = re.compile(f"[{_HIDDEN_LETTERS}]")
_JOINER = "\u200d"
_LAST_OF_PLANE = 0xFFFE


def visible(text: str) -> str:
    """The text on one line, in stored order: invisible and control characters appear as marks.

    A line break becomes ``⏎``, a tab ``⇥``, any other control, bidirectional or zero-width sign ``‹U+202E›``.
    The joiner inside an emoji stays, for without it the emoji falls apart. Plain text comes back unchanged.
    """
    if text.isprintable() and not _ONE_HIDDEN_LETTER.search(text):
        return text
    one_line = _BREAKS.sub(LINE_BREAK, text).replace("\t", TAB)
    return "".join(
        sign if not _is_hidden(sign) or _joins_emoji(one_line, place) else f"‹U+{ord(sign):04X}›"
        for place, sign in enumerate(one_line)
    )


@lru_cache(maxsize=4096)
def _is_hidden(sign: str) -> bool:
    return (
        unicodedata.category(sign) in _HIDDEN_CATEGORIES
        or sign in _HIDDEN_LETTERS
        or (unicodedata.category(sign) == "Zs" and sign not in " \u00a0\u3000")
        or ord(sign) & _LAST_OF_PLANE == _LAST_OF_PLANE  # noncharacters, which XML cannot hold
    )


def _joins_emoji(text: str, place: int) -> bool:
    if text[place] != _JOINER or place == 0 or place + 1 == len(text):
        return False
    before = text[place - 1]
    if before == "\ufe0f" or "\U0001f3fb" <= before <= "\U0001f3ff":
        before = text[place - 2] if place > 1 else ""
    return bool(before) and all(unicodedata.category(sign) == "So" for sign in (before, text[place + 1]))
