"""The specification in Markdown as the usual git hosts show it: headings, lists, one table for each group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.domain.snapshot import Snapshot
from shared.specification.build import build
from shared.specification.document import (
    Block,
    Column,
    ColumnKind,
    Detail,
    Facts,
    Form,
    Paragraph,
    Row,
    Section,
    Table,
)
from shared.specification.words import Word
from shared.wording.language import Language
from shared.wording.sentences import say
from shared.wording.visible import visible

# What Markdown or the dialects of git hosts give a meaning to: emphasis, links, HTML, tables, mentions, formulas.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|#~&!{}@$^]")
# A colon of an address or of the name of an emoji; that of a time of day is left alone.
_COLON = re.compile(r":(?=[A-Za-z/+_-])|(?<![0-9]):(?=[0-9])")
_WWW = re.compile(r"(?i)(www)\.")
_LINE_START = re.compile(r"^(\s*[0-9]*)([-+=.)])")
_PLAIN_CODE = re.compile(r"[A-Za-z0-9_:.*#-]+")


def render_markdown(
    snapshot: Snapshot, *, language: Language, persons: bool = True, account: str | None = None
) -> bytes:
    """UTF-8 Markdown with line feeds. Portal text in it is text: no markup, link or picture comes of it."""
    document = build(snapshot, language=language, persons=persons, account=account)
    lines = [f"# {escaped(document.title)}"]
    for section in document.sections:
        lines += ["", f"## {section.number} {escaped(heading(section))}", ""]
        if section.aside:
            lines += [_line(section.aside), ""]
        for block in section.blocks:
            lines += _block(block, language)
    return ("\n".join(_single_spaced(lines)) + "\n").encode("utf-8")


def heading(section: Section) -> str:
    """The title of a section, with the entity it is about before it."""
    return f"{section.subject} — {section.title}" if section.subject else section.title


def escaped(text: str) -> str:
    """Text that Markdown shows as it stands, anywhere but at the beginning of a line."""
    text = _SPECIAL.sub(r"\\\g<0>", visible(text))
    return _WWW.sub(r"\1\\.", _COLON.sub(r"\\:", text))


def _line(text: str) -> str:
    """A line of text that neither becomes a list nor a heading."""
    return _LINE_START.sub(r"\1\\\2", escaped(text).strip())


def _code(text: str) -> str:
    return f"`{text}`" if _PLAIN_CODE.fullmatch(text) else escaped(text)


def _block(block: Block, language: Language) -> Iterator[str]:
    match block:
        case Facts(rows=rows):
            for name, values in rows:
                yield f"- **{escaped(name)}:** {' · '.join(map(escaped, values))}"
            yield ""
        case Paragraph(text=text, warning=warning, under=under):
            mark = "⚠ " if warning else ""
            yield f"{'- ' if under else ''}{mark}{_line(text)}"
            yield ""
        case Table(caption=caption, mark=mark, aside=aside, columns=columns, rows=rows):
            caption_text = " ".join((*caption, *(("—", mark) if mark else ())))
            yield from _captioned(caption_text, aside)
            yield from _table(columns, rows, language)
        case Form(caption=caption, columns=columns, rows=rows):
            yield from _captioned(" ".join(caption), None)
            yield from _table(columns, rows, language)


def _captioned(caption: str, aside: str | None) -> Iterator[str]:
    if caption:
        yield f"### {escaped(caption)}"
        yield ""
    if aside:
        yield _line(aside)
        yield ""


def _table(columns: Sequence[Column], rows: Sequence[Row], language: Language) -> Iterator[str]:
    if not rows:
        return
    detailed = any(row.details for row in rows)
    titles = [escaped(column.title) for column in columns] + [say(Word.DETAILS, language)] * detailed
    rules = ["---:" if column.kind is ColumnKind.NUMBER else "---" for column in columns] + ["---"] * detailed
    yield _cells(titles)
    yield _cells(rules)
    for row in rows:
        cells = [
            _code(cell) if column.kind is ColumnKind.CODE else escaped(cell)
            for column, cell in zip(columns, row.cells, strict=True)
        ]
        yield _cells([*cells, "; ".join(map(_detail, row.details))] if detailed else cells)
    yield ""


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _detail(detail: Detail) -> str:
    return f"{escaped(detail.name)}: {' · '.join(map(escaped, detail.items))}"


def _single_spaced(lines: Sequence[str]) -> Iterator[str]:
    """The lines with runs of empty ones reduced to one, and none at the end."""
    pending = False
    for line in lines:
        if line and pending:
            yield ""
        if line:
            yield line
        pending = not line
