"""How tests read a text specification: its sections, its rows of user fields, the width of its lines."""

from __future__ import annotations

import re
import unicodedata

from shared.domain.snapshot import Snapshot
from shared.specification.txt import render_txt
from shared.wording.language import Language

FIELD_ROW = re.compile(r"^ *[0-9]+ +UF_", re.MULTILINE)


def txt(snapshot: Snapshot, language: Language = "ru", *, persons: bool = True) -> str:
    return render_txt(snapshot, language=language, newline="\n", bom=False, persons=persons).decode()


def section(text: str, number: str) -> str:
    """Everything under the headings with this number."""
    parts = re.split(r"(?m)^(?=[0-9А-ЯA-Z.]+ .*\n-{118}$)", text)
    return "".join(part for part in parts if part.startswith(f"{number} "))


def columns(line: str) -> int:
    """Display width, counted independently of the code under test."""
    return sum(
        2
        if unicodedata.east_asian_width(sign) in "WF"
        else 0
        if unicodedata.category(sign) in ("Mn", "Me")
        else 1
        for sign in line.replace("\u200d", "")
    )
