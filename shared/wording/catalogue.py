"""The Russian of every sentence, read from ``locale/ru.po`` when the first Russian sentence is needed.

The file is read as it is, so there is no compiled one to build or to be out of date. The reader is ours and small
because Babel's takes longer than the whole start of a command (docs/decisions/0012-one-catalogue.md). It knows what
``make words`` writes: entries apart by an empty line, each keyword at the start of a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"

# Between the context and the sentence, as in the compiled files of gettext.
CONTEXT_END = "\x04"

_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")')


@cache
def russian() -> Mapping[str, tuple[str, ...]]:
    """The Russian of each English sentence: one form, or three for a sentence with a number."""
    return read_po((LOCALE / "ru.po").read_text(encoding="utf-8"))


def read_po(text: str) -> dict[str, tuple[str, ...]]:
    """The translations in a PO file by sentence; a context stands before its sentence and ``CONTEXT_END``.

    Source: GNU gettext manual, "The Format of PO Files".
    """
    entries = (_fields(entry) for entry in text.split("\n\n"))
    return {_key(fields): _forms(fields) for fields in entries if fields.get("msgid")}


def russian_form(number: int) -> int:
    """Which of the three Russian forms goes with a number: 1 день, 2 дня, 5 дней."""
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2


def _fields(entry: str) -> dict[str, str]:
    """The texts of an entry by keyword. Lines that are no text are comments."""
    fields: dict[str, str] = {}
    keyword = ""
    for line in entry.splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            keyword = match[1] or keyword
            # What PO files write with a backslash, JSON writes in the same way.
            fields[keyword] = fields.get(keyword, "") + json.loads(match[2])
    return fields


def _key(fields: Mapping[str, str]) -> str:
    context = fields.get("msgctxt")
    return fields["msgid"] if context is None else f"{context}{CONTEXT_END}{fields['msgid']}"


def _forms(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text for keyword, text in fields.items() if keyword.startswith("msgstr"))
