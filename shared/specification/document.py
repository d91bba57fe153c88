"""The specification independent of format: sections of facts, paragraphs and tables in the reader's language.

It holds portal text as it was read. Every format makes the text visible and harmless in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from shared.domain.snapshot import Stage
from shared.wording.language import Language


class ColumnKind(Enum):
    """The kind of a column. Only ``NAME`` and ``TEXT`` may be broken into lines."""

    NUMBER = auto()
    CODE = auto()
    NAME = auto()
    TEXT = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``spill`` names the cell's content if it is too wide and is moved below the row."""

    title: str
    kind: ColumnKind = ColumnKind.TEXT
    spill: str | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """Content of a row that belongs to no column, such as the values of a list: a name and items."""

    name: str
    items: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[str, ...]
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values; values that belong together share a name."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two. ``warning`` marks an important one; ``under`` indents it below the line before."""

    text: str
    warning: bool = False
    under: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns.

    The parts of the ``caption`` and a ``mark`` stand above it on the left, ``aside`` on the right. ``stages`` may be
    drawn as a line.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: tuple[str, ...] = ()
    mark: str | None = None
    aside: str | None = None
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A table people fill in: the last columns are blank."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: tuple[str, ...] = ()


Block = Facts | Paragraph | Table | Form


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it.

    ``entity_type`` and its name, ``subject``, are given for sections about one entity. ``user_fields`` marks the
    one kind of section whose rows are user fields.
    """

    number: str
    title: str
    blocks: tuple[Block, ...]
    subject: str | None = None
    aside: str | None = None
    entity_type: str | None = None
    user_fields: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole specification. The first section is the passport."""

    language: Language
    title: str
    sections: tuple[Section, ...]
