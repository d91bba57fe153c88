"""The specification as one flat table for spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

from shared.domain.snapshot import Snapshot
from shared.specification.flat import FlatRow, flat_rows
from shared.specification.source import Source
from shared.wording.language import Language
from shared.wording.visible import visible

BYTE_ORDER_MARK = "\ufeff"

COLUMNS = tuple(field.name for field in fields(FlatRow))

# Beginnings that make a spreadsheet read a text as a formula, full-width forms included (OWASP, CSV injection).
_FORMULA_SIGNS = frozenset("=+-@＝＋－＠")


def render_csv(snapshot: Snapshot, *, language: Language, persons: bool = True) -> bytes:
    """UTF-8 with a byte order mark, semicolons and CRLF, which Excel opens with Cyrillic intact.

    A cell that a spreadsheet might take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in flat_rows(Source(snapshot, language, persons)):
        writer.writerow([harmless(getattr(row, column)) for column in COLUMNS])
    return (BYTE_ORDER_MARK + text.getvalue()).encode("utf-8")


def harmless(text: str) -> str:
    """The text on one line, and never a formula."""
    shown = visible(text)
    return f"'{shown}" if shown.lstrip()[:1] in _FORMULA_SIGNS else shown
