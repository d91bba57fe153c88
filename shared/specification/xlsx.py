"""The specification as a workbook: an index, a sheet for each entity, everything as text."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC

import xlsxwriter  # type: ignore[import-untyped]

from shared.domain.snapshot import Snapshot
from shared.specification.columns import width
from shared.specification.sheets import Sheet, sheets
from shared.specification.source import Source
from shared.wording.language import Language
from shared.wording.visible import visible

# Limits of the format (Excel specifications and limits).
LONGEST_NAME = 31
LONGEST_CELL = 32_767

NARROWEST, WIDEST = 8, 60

_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


def render_xlsx(
    snapshot: Snapshot, *, language: Language, persons: bool = True, account: str | None = None
) -> bytes:
    """An XLSX file in which every cell is text: no formula, no link and no number comes of what a portal holds."""
    content = sheets(Source(snapshot, language, persons, account))
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        created = snapshot.read_at.astimezone(UTC).replace(tzinfo=None)
        workbook.set_properties({"title": content[0].about, "created": created})
        header = workbook.add_format({"bold": True, "bg_color": "#F2F4F7", "bottom": 1})
        for name, sheet in zip(sheet_names([sheet.name for sheet in content]), content, strict=True):
            _write(workbook.add_worksheet(name), sheet, header)
    return file.getvalue()


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Names a workbook accepts: no forbidden signs, at most 31 long, all different whatever their case."""
    names: list[str] = []
    used_names: set[str] = set()
    for title in titles:
        name = _FORBIDDEN_IN_NAMES.sub(" ", visible(title)).strip("' ") or "-"
        unique, number = _cut(name, LONGEST_NAME), 2
        while unique.casefold() in used_names or unique.casefold() == "history":
            ending = f" ({number})"
            unique, number = _cut(name, LONGEST_NAME - len(ending)) + ending, number + 1
        names.append(unique)
        used_names.add(unique.casefold())
    return names


def _cut(text: str, length: int) -> str:
    """At most so many UTF-16 units, which is what the limit counts, and no apostrophe at the end."""
    units = text.encode("utf-16-le")[: 2 * length]
    return units.decode("utf-16-le", "ignore").rstrip("' ")


def _write(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet, header: xlsxwriter.format.Format) -> None:
    lines = (sheet.columns, *sheet.rows)
    widest = [NARROWEST] * max(map(len, lines))
    for place, line in enumerate(lines):
        for column, text in enumerate(line):
            if text:
                shown = _cell(text)
                worksheet.write_string(place, column, shown, None if place else header)
                widest[column] = max(widest[column], min(width(shown[:WIDEST]) + 2, WIDEST))
    for column, columns in enumerate(widest):
        worksheet.set_column(column, column, columns)
    worksheet.freeze_panes(1, 0)
    worksheet.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    worksheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _cell(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= LONGEST_CELL // 2 else f"{_cut(shown, LONGEST_CELL - 1)}…"
