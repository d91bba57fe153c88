"""``CRMAP-TXT 1``: the specification as a text file for people, diff and grep."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from shared.domain.order import STANDARD_ENTITY_TYPES
from shared.domain.snapshot import Snapshot
from shared.specification.build import build
from shared.specification.columns import width, wrap
from shared.specification.document import Column, Document, Facts, Form, Paragraph, Section, Table
from shared.specification.txt_forms import form_lines, form_widths
from shared.specification.txt_tables import WIDTH, Layout, MeasuredRow, filled, layout, measured_row, shown
from shared.specification.words import Word
from shared.wording.language import Language
from shared.wording.sentences import say

FORMAT = "CRMAP-TXT 1"
BYTE_ORDER_MARK = "\ufeff"

# Only rows of user fields begin with a number and a code. In any other line that begins like this the
# space before the code is replaced by a dot.
_LIKE_A_FIELD = re.compile(r"^( *[0-9]+ *) (?=UF_)")

PASSPORT = "0"

_LEADER = 15
_INDENT = _GAP = "  "
_UNDER = "      "
_BETWEEN = "    "
_WARNING = "!"


def render_txt(
    snapshot: Snapshot,
    *,
    language: Language,
    newline: str = "\r\n",
    bom: bool = True,
    persons: bool = True,
    account: str | None = None,
) -> bytes:
    """The specification as UTF-8 text, at most 118 columns wide; codes longer than that are not broken.

    The same snapshot and options give the same bytes.
    """
    document = build(snapshot, language=language, persons=persons, account=account)
    text = "".join(f"{line.rstrip()}{newline}" for line in txt_lines(document))
    return ((BYTE_ORDER_MARK if bom else "") + text).encode("utf-8", "replace")


def file_name(domain: str, read_at: datetime, extension: str) -> str:
    """``crmap-romashka-opt.example-2031-03-12.txt``; whatever a file system might refuse is a hyphen."""
    name = re.sub(r"[^\w.-]+", "-", domain).strip("-.")
    return f"crmap-{name}-{read_at:%Y-%m-%d}.{extension}"


def txt_lines(document: Document) -> Iterator[str]:
    """The lines of the document without their ends."""
    yield _apart(document.title.upper(), f"{say(Word.FORMAT, document.language)} {FORMAT}")
    yield "=" * WIDTH
    for section in document.sections:
        if section.number == PASSPORT:
            yield from _blocks(document, section)
            yield from _facts(_legend(document.language))
        else:
            yield ""
            yield from _heading(section)
            yield from _blocks(document, section)


def _heading(section: Section) -> Iterator[str]:
    title = section.title.upper()
    if section.subject:
        ours = section.entity_type in STANDARD_ENTITY_TYPES
        title = f"{section.subject.upper() if ours else shown(section.subject)} — {title}"
    title = f"{section.number} {title}"
    if section.aside and width(title) + width(section.aside) + len(_INDENT) <= WIDTH:
        yield _apart(title, section.aside)
    else:
        yield from _wrapped(title, rest=" " * (len(section.number) + 1))
    yield "-" * WIDTH


def _blocks(document: Document, section: Section) -> Iterator[str]:
    tables = {
        position: [measured_row(row) for row in block.rows]
        for position, block in enumerate(section.blocks)
        if isinstance(block, Table)
    }
    layouts = _layouts(document, section, tables)
    forms = [block for block in section.blocks if isinstance(block, Form)]
    widths = form_widths(forms) if forms else ()
    headed: set[tuple[Column, ...]] = set()
    for position, block in enumerate(section.blocks):
        if position and isinstance(block, Table | Form) and block.caption:
            yield ""
        match block:
            case Facts():
                yield from map(_unlike_a_field, _facts(block))
            case Paragraph():
                yield from _paragraph(block)
            case Form(caption=caption):
                yield from _wrapped(_GAP.join(map(shown, caption)))
                yield from form_lines(block, widths)
            case Table():
                yield from _caption(block)
                lines = layouts[block.columns]
                if block.columns not in headed and block.rows:
                    yield lines.header()
                    headed.add(block.columns)
                for row in tables[position]:
                    first, *rest = lines.lines(row)
                    yield first if section.user_fields else _unlike_a_field(first)
                    yield from map(_unlike_a_field, rest)


def _layouts(
    document: Document, section: Section, tables: Mapping[int, list[MeasuredRow]]
) -> dict[tuple[Column, ...], Layout]:
    """Tables with the same columns share one layout, so codes start at the same column throughout a section."""
    rows: dict[tuple[Column, ...], list[MeasuredRow]] = defaultdict(list)
    for position, block in enumerate(section.blocks):
        if isinstance(block, Table):
            rows[block.columns] += tables[position]
    more = say(Word.MORE, document.language)
    return {columns: layout(columns, rows[columns], more) for columns in rows}


def _caption(table: Table) -> Iterator[str]:
    caption, aside = _GAP.join(map(shown, table.caption)), shown(table.aside or "")
    if table.mark:
        caption = f"{caption}   {table.mark}"
    if caption and width(caption) + width(aside) + len(_INDENT) <= WIDTH:
        yield _unlike_a_field(_apart(caption, aside))
    elif caption:
        yield from _wrapped(caption)
        yield from _wrapped(aside, _INDENT)


def _facts(facts: Facts) -> Iterator[str]:
    for name, values in facts.rows:
        prefix = f"{name} {'.' * (_LEADER - width(name))} "
        rest = " " * width(prefix)
        yield from filled(map(shown, values), _BETWEEN, prefix, rest)


def _legend(language: Language) -> Facts:
    signs = (Word.SIGN_BELOW, Word.SIGN_DEFAULT, Word.SIGN_BREAK, Word.SIGN_HIDDEN, Word.SIGN_SPACE)
    return Facts(((say(Word.SIGNS, language), tuple(say(sign, language) for sign in signs)),))


def _paragraph(paragraph: Paragraph) -> Iterator[str]:
    margin = _UNDER if paragraph.under else ""
    mark = f"{_WARNING} " if paragraph.warning else ""
    return _wrapped(shown(paragraph.text), margin + mark, margin + " " * max(len(mark), len(_INDENT)))


def _wrapped(text: str, prefix: str = "", rest: str = _INDENT) -> Iterator[str]:
    first, *more = wrap(text, WIDTH - width(prefix), WIDTH - width(rest))
    yield _unlike_a_field(prefix + first)
    for line in more:
        yield _unlike_a_field(rest + line)


def _apart(left: str, right: str) -> str:
    return left + " " * (WIDTH - width(left) - width(right)) + right


def _unlike_a_field(line: str) -> str:
    return _LIKE_A_FIELD.sub(r"\1·", line)
