"""Forms of the text format: tables with bars and room to write in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.specification.columns import clip, pad, width, wrap
from shared.specification.document import Column, ColumnKind, Form, Row
from shared.specification.txt_tables import WIDTH, measured, shown
from shared.wording.visible import visible

BAR = "|"
ABOVE = "↑"

# Codes of fields, types and stages; names rarely contain such a word.
_HAS_CODE = re.compile(r"[A-Za-z0-9]_[A-Za-z0-9]")

BLANK_WIDTH = 8
TEXT_WIDTH = 12
LEAST_NAME_WIDTH = 10


def form_widths(forms: Sequence[Form]) -> tuple[int, ...]:
    """One width for each column of all these forms: codes get room first, then names, and blanks share the rest."""
    columns = forms[0].columns
    rows = [row for form in forms for row in form.rows]
    widths = [_least(column) for column in columns]
    room = WIDTH - (len(columns) + 1) * len(BAR) - sum(widths)
    caps = {ColumnKind.CODE: WIDTH, ColumnKind.TEXT: TEXT_WIDTH, ColumnKind.NAME: WIDTH}
    for kind, cap in caps.items():
        for n, column in enumerate(columns):
            if column.kind is kind:
                needed = max([width(column.title), *(measured(row.cells[n])[1] for row in rows)])
                step = max(0, min(needed, cap) - widths[n])
                widths[n] += min(step, room)
                room -= min(step, room)
    blanks = [n for n, column in enumerate(columns) if column.kind is ColumnKind.BLANK]
    for n in blanks:
        widths[n] += room // len(blanks)
    return tuple(widths)


def _least(column: Column) -> int:
    least = {
        ColumnKind.BLANK: BLANK_WIDTH,
        ColumnKind.NAME: LEAST_NAME_WIDTH,
    }
    return max(width(column.title), least.get(column.kind, 0))


def form_lines(form: Form, widths: Sequence[int]) -> Iterator[str]:
    """The form with its header and a rule below it. Names are cut short here; codes never are, wherever they stand."""
    yield _bars([column.title for column in form.columns], widths)
    yield BAR.join(["", *("-" * room for room in widths), ""])
    code = next(n for n, column in enumerate(form.columns) if column.kind is ColumnKind.CODE)
    for row in form.rows:
        yield from _row(row, code, widths)


def _row(row: Row, code: int, widths: Sequence[int]) -> Iterator[str]:
    cells = []
    for n, (cell, room) in enumerate(zip(row.cells, widths, strict=True)):
        if not cell:
            cells.append(" " * room)
            continue
        text = shown(cell) if n == code else visible(cell)
        text_width = width(text)
        if text_width > room and (n == code or _HAS_CODE.search(text)):
            yield from (BAR + line for line in wrap(text, WIDTH - len(BAR), WIDTH - len(BAR)))
            text, text_width = ABOVE, 1
        elif text_width > room:
            text = clip(text, room)
            text_width = width(text)
        cells.append(text + " " * (room - text_width))
    yield BAR.join(["", *cells, ""])


def _bars(cells: Sequence[str], widths: Sequence[int]) -> str:
    return BAR.join(["", *(pad(cell, room) for cell, room in zip(cells, widths, strict=True)), ""])
