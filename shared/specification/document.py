"""The specification before it takes a form: sections of facts, paragraphs and tables in the reader's language.

Portal text stands in it as it was read. Every format makes it visible and harmless in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from shared.domain.snapshot import Stage
from shared.wording.language import Language


class ColumnKind(Enum):
    """How a column may be set. Only ``NAME`` and ``TEXT`` may be broken into lines."""

    NUMBER = auto()
    CODE = auto()
    NAME = auto()
    TEXT = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``spill`` names its content where it stands below its row for want of room."""

    title: str
    kind: ColumnKind = ColumnKind.TEXT
    spill: str | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """What belongs to a row but to no column, such as the values of a list: a word, and what it announces."""

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
    """A sentence or two. ``warning`` is what nobody may overlook; ``under`` indents it below the line before."""

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
