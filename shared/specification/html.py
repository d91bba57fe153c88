"""The specification as one HTML file that needs nothing else and prints on A4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from shared.domain.snapshot import Snapshot
from shared.specification.build import build
from shared.specification.document import (
    Block,
    Column,
    ColumnKind,
    Document,
    Facts,
    Form,
    Paragraph,
    Row,
    Section,
    Table,
)
from shared.specification.stage_line import stage_line
from shared.specification.words import Word
from shared.wording.language import Language
from shared.wording.sentences import say
from shared.wording.visible import visible

STYLE = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, "Segoe UI", Roboto, Arial, sans-serif; color: #1b1f24; margin: 0 auto;
  max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 2px solid #d6dae0; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } .mark, .aside { font-weight: 400; color: #525c69; }
nav ol { columns: 2; list-style: none; padding: 0; } a { color: #0154c8; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; }
th, td { border: 1px solid #d6dae0; padding: .2rem .45rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f2f4f7; } td.number { text-align: right; white-space: nowrap; }
code { font: .92em ui-monospace, Consolas, monospace; } td.code { white-space: nowrap; overflow-wrap: normal; }
tr.details td { border-top: 0; color: #525c69; } dl { display: grid; grid-template-columns: 12rem 1fr; gap: .2rem; }
dt { color: #525c69; } dd { margin: 0; } .warning { border-left: 4px solid #b26a00; padding-left: .6rem; }
.under { margin-left: 1.5rem; } svg.line { max-width: 100%; height: auto; } svg.line text { font-size: 11px; }
@page { size: A4; margin: 15mm; }
@media print { body { max-width: none; padding: 0; font-size: 10px; } nav { display: none; }
  h2, h3 { break-after: avoid; } tr, svg { break-inside: avoid; } thead { display: table-header-group; } }
"""


def render_html(
    snapshot: Snapshot, *, language: Language, persons: bool = True, account: str | None = None
) -> bytes:
    """UTF-8 HTML without scripts and without anything from elsewhere. Portal text in it is text only."""
    document = build(snapshot, language=language, persons=persons, account=account)
    return "\n".join(_page(document)).encode("utf-8")


def text_of(text: str) -> str:
    """Portal text as HTML, fit for an element and for a quoted attribute."""
    return escape(visible(text), quote=True)


def _page(document: Document) -> Iterator[str]:
    title = text_of(document.title)
    yield f'<!doctype html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">'
    # With this policy a browser runs and loads nothing, even if some markup was not escaped.
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield from _contents(document)
    for place, section in enumerate(document.sections):
        yield from _section(section, place, document.language)
    yield "</body>\n</html>\n"


def _contents(document: Document) -> Iterator[str]:
    yield f"<nav>\n<h2>{text_of(say(Word.CONTENTS, document.language))}</h2>\n<ol>"
    for place, section in enumerate(document.sections):
        yield f'<li><a href="#s{place}">{_heading(section)}</a></li>'
    yield "</ol>\n</nav>"


def _heading(section: Section) -> str:
    subject = f"{section.subject} — " if section.subject else ""
    return text_of(f"{section.number} {subject}{section.title}")


def _section(section: Section, place: int, language: Language) -> Iterator[str]:
    yield f'<section id="s{place}">\n<h2>{_heading(section)}</h2>'
    if section.aside:
        yield f'<p class="aside">{text_of(section.aside)}</p>'
    for block in section.blocks:
        yield from _block(block, language)
    yield "</section>"


def _block(block: Block, language: Language) -> Iterator[str]:
    match block:
        case Facts(rows=rows):
            yield "<dl>"
            for name, values in rows:
                yield f"<dt>{text_of(name)}</dt><dd>{' · '.join(map(text_of, values))}</dd>"
            yield "</dl>"
        case Paragraph(text=text, warning=warning, under=under):
            classes = " ".join(name for name, on in (("warning", warning), ("under", under)) if on)
            yield f'<p class="{classes}">{text_of(text)}</p>' if classes else f"<p>{text_of(text)}</p>"
        case Table(caption=caption, mark=mark, aside=aside, columns=columns, rows=rows, stages=stages):
            if caption:
                more = "".join(
                    f' <span class="mark">{text_of(part)}</span>' for part in (mark, aside) if part
                )
                yield f"<h3>{text_of(' '.join(caption))}{more}</h3>"
            if stages:
                yield stage_line(stages, language)
            yield from _table(columns, rows)
        case Form(caption=caption, columns=columns, rows=rows):
            yield f"<h3>{text_of(' '.join(caption))}</h3>"
            yield from _table(columns, rows)


def _table(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    titles = "".join(f"<th>{text_of(column.title)}</th>" for column in columns)
    yield f"<table>\n<thead><tr>{titles}</tr></thead>\n<tbody>"
    for row in rows:
        yield f"<tr>{''.join(_cell(column, cell) for column, cell in zip(columns, row.cells, strict=True))}</tr>"
        if row.details:
            details = "<br>".join(
                f"{text_of(detail.name)}: {' · '.join(map(text_of, detail.items))}" for detail in row.details
            )
            yield f'<tr class="details"><td></td><td colspan="{len(columns) - 1}">{details}</td></tr>'
    yield "</tbody>\n</table>"


def _cell(column: Column, cell: str) -> str:
    match column.kind:
        case ColumnKind.CODE:
            return f'<td class="code"><code>{text_of(cell)}</code></td>'
        case ColumnKind.NUMBER:
            return f'<td class="number">{text_of(cell)}</td>'
        case _:
            return f"<td>{text_of(cell)}</td>"
