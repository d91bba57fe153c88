"""Tables of the text format: fixed columns, and indented lines below for cells that are too wide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.specification.columns import PLAIN_SIGNS, width, wrap
from shared.specification.document import Column, ColumnKind, Detail, Row
from shared.wording.visible import visible

WIDTH = 118
BELOW = "↓"

GAP = "  "
NUMBER_WIDTH = 3
TEXT_WIDTH = 20
INNER_NAME_WIDTH = 40
LEAST_NAME_WIDTH = 24

_SPACES = re.compile("^ +|  +| +$")
_PLAIN = re.compile(f"(?:[{PLAIN_SIGNS}]+(?: [{PLAIN_SIGNS}]+)*)?")


def shown(text: str) -> str:
    """Portal text on one line, with spaces marked where they could pass for the gap between two columns."""
    # A quick check: most texts have nothing to mark.
    if _PLAIN.fullmatch(text):
        return text
    return _SPACES.sub(lambda run: "␣" * len(run[0]), visible(text))


# A text as it is shown, and how many columns it takes.
Cell = tuple[str, int]


def measured(text: str) -> Cell:
    """The text as ``shown``, with its width."""
    if _PLAIN.fullmatch(text):
        return text, len(text)
    shown_text = shown(text)
    return shown_text, width(shown_text)


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """A row whose cells are measured once: for the widths of the columns and for its own line."""

    cells: tuple[Cell, ...]
    details: tuple[Detail, ...]


def measured_row(row: Row) -> MeasuredRow:
    return MeasuredRow(tuple(map(measured, row.cells)), row.details)


@dataclass(frozen=True)
class Layout:
    """The widths of the columns that a set of rows shares; an empty column has ``None``."""

    columns: tuple[Column, ...]
    widths: tuple[int | None, ...]
    more: str

    @property
    def indent(self) -> int:
        """Where lines below a row begin: after the column of the code."""
        first = self.widths[0] or 0
        return (first + len(GAP) if self.columns[0].kind is ColumnKind.NUMBER else 0) + len(GAP)

    @cached_property
    def _key(self) -> int:
        return key_column(self.columns)

    @cached_property
    def _rooms(self) -> tuple[tuple[int | None, bool], ...]:
        """Each column's width, and whether its content is aligned to the right."""
        numbers = (column.kind is ColumnKind.NUMBER for column in self.columns)
        return tuple(zip(self.widths, numbers, strict=True))

    def header(self) -> str:
        return self._line([(column.title, width(column.title)) for column in self.columns])

    def lines(self, row: MeasuredRow) -> Iterator[str]:
        """The row and everything below it."""
        cells, key = row.cells, self._key
        if cells[key][1] > (self.widths[key] or 0):
            yield from self._stacked(cells, key)
        else:
            below = [
                n
                for n, (cell, room) in enumerate(zip(cells, self.widths, strict=True))
                if room is None or cell[1] > room
            ]
            if below:
                yield self._line([(BELOW, 1) if n in below else cell for n, cell in enumerate(cells)])
            else:
                yield self._line(cells)
            for n in below:
                yield from self._below(_spilled(self.columns[n], cells[n]))
        for detail in row.details:
            yield from self._below(detail)

    def _stacked(self, cells: Sequence[Cell], key: int) -> Iterator[str]:
        """A row whose code needs its own line; the other cells follow below with their names."""
        before = self._line([*cells[:key], ("", 0)])
        head = f"{before}{GAP}" if key else ""
        first, *rest = wrap(cells[key][0], WIDTH - width(head), WIDTH - width(self._prefix(self.more)))
        yield head + first
        for line in rest:
            yield self._prefix(self.more) + line
        for column, cell in list(zip(self.columns, cells, strict=True))[key + 1 :]:
            yield from self._below(_spilled(column, cell))

    def _below(self, detail: Detail) -> Iterator[str]:
        """Indented lines: the name, then the items between bars; every continuation line begins with a word."""
        items = [shown(item) for item in detail.items]
        pieces = [*(f"{item} |" for item in items[:-1]), items[-1]]
        prefix, rest = self._prefix(detail.name), self._prefix(self.more)
        *lines, last = filled(pieces, " ", prefix, rest)
        yield from lines
        together = f"{last}   {detail.note}"
        yield together if detail.note and width(together) <= WIDTH else last

    def _prefix(self, word: str) -> str:
        return f"{' ' * self.indent}{word}: "

    def _line(self, cells: Sequence[Cell]) -> str:
        placed = [
            " " * (room - taken) + text if is_number else text + " " * (room - taken)
            for (text, taken), (room, is_number) in zip(cells, self._rooms, strict=False)
            if room is not None
        ]
        return GAP.join(placed).rstrip()


def _spilled(column: Column, cell: Cell) -> Detail:
    return Detail(column.spill or column.title.lower(), (cell[0],))


def key_column(columns: Sequence[Column]) -> int:
    """The column that never moves below its row: the first, or the code that follows a number."""
    numbered = (
        columns[0].kind is ColumnKind.NUMBER and len(columns) > 1 and columns[1].kind is ColumnKind.CODE
    )
    return 1 if numbered else 0


def layout(columns: tuple[Column, ...], rows: Sequence[MeasuredRow], more: str) -> Layout:
    """Widths that keep most cells in their row: short columns get room first, then whole codes, then names."""
    titles = [width(column.title) for column in columns]
    needed = [max([titles[n], *(row.cells[n][1] for row in rows)]) for n in range(len(columns))]
    key = key_column(columns)
    widths = list(titles)
    if columns[0].kind is ColumnKind.NUMBER:
        widths[0] = max(NUMBER_WIDTH, widths[0])
    room = WIDTH - len(GAP) * (len(columns) - 1) - sum(widths)

    def widen(column: int, target: int) -> None:
        nonlocal room
        step = max(0, min(target - widths[column], room))
        widths[column] += step
        room -= step

    widen(
        key, needed[key] if columns[key].kind is not ColumnKind.NAME else min(needed[key], INNER_NAME_WIDTH)
    )
    for n, column in enumerate(columns):
        if column.kind in (ColumnKind.NUMBER, ColumnKind.TEXT):
            widen(n, min(needed[n], TEXT_WIDTH))
    names = [n for n, column in enumerate(columns) if column.kind is ColumnKind.NAME and n != key]
    wanted = {n: needed[n] if n == len(columns) - 1 else min(needed[n], INNER_NAME_WIDTH) for n in names}
    reserved = sum(max(0, min(wanted[n], LEAST_NAME_WIDTH) - widths[n]) for n in names)
    unplaced = set()
    for n, column in enumerate(columns):
        if column.kind is ColumnKind.CODE and n != key:
            if needed[n] - widths[n] <= room - reserved:
                widen(n, needed[n])
            elif all(row.cells[n][1] > widths[n] for row in rows):
                unplaced.add(n)
                room += widths[n] + len(GAP)
    for position, n in enumerate(sorted(names, key=lambda name: wanted[name])):
        widen(n, min(wanted[n], widths[n] + room // (len(names) - position)))
    return Layout(columns, tuple(None if n in unplaced else widths[n] for n in range(len(columns))), more)


def filled(pieces: Iterable[str], between: str, prefix: str, rest: str) -> Iterator[str]:
    """Lines with as many of the pieces as there is room for; the first begins with ``prefix``, others with ``rest``."""
    line = ""
    for piece in pieces:
        together = f"{line}{between}{piece}" if line else piece
        if width(prefix) + width(together) <= WIDTH:
            line = together
            continue
        if line:
            yield prefix + line
            prefix = rest
        *full, line = wrap(piece, WIDTH - width(prefix), WIDTH - width(rest))
        for part in full:
            yield prefix + part
            prefix = rest
    yield prefix + line
