"""The specification as sheets for a workbook: plain rows of text under a header, ready to be filtered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.coverage import Kind
from shared.domain.snapshot import Meaning
from shared.specification.build import document_of
from shared.specification.document import Document, Facts, Form, Paragraph, Row, Table
from shared.specification.entity_sections import stage_gaps
from shared.specification.flat import FlatRow, dictionary_rows, entity_rows
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.field_types import field_type_word
from shared.wording.findings import finding_advice, finding_line, finding_title
from shared.wording.kinds import meaning_word
from shared.wording.sentences import say

Line = tuple[str, ...]

ENTITY_COLUMNS = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; ``about`` says in the index what it holds."""

    name: str
    about: str
    columns: Line
    rows: tuple[Line, ...]


def sheets(source: Source) -> tuple[Sheet, ...]:
    """The index first, then what the portal has at a glance, one sheet for each entity, and the rest."""
    document = document_of(source)
    content = (
        *_section(document, "2", source.say(Word.SUMMARY)),
        *_section(document, "3", source.say(Word.MAP_SHEET)),
        *_entities(source),
        *_dictionaries(source),
        *_section(document, "6", None),
        *_remarks(source),
        *_mapping(source, document),
    )
    return (_index(source, document, content), *content)


def _index(source: Source, document: Document, content: tuple[Sheet, ...]) -> Sheet:
    """The passport, what is missing, and what stands on which sheet."""
    passport, missing = document.sections[:2]
    rows: list[Line] = []
    for block in passport.blocks:
        if isinstance(block, Facts):
            rows += ((name, value) for name, values in block.rows for value in values)
    for block in missing.blocks:
        if isinstance(block, Paragraph):
            rows.append(("" if block.under else missing.title, block.text))
    for sheet in content:
        counted = source.say(Word.ROWS, count=len(sheet.rows))
        rows.append((source.say(Word.SHEET), f"{sheet.name} — {sheet.about}, {counted}"))
    return Sheet(passport.title, document.title, (passport.title, document.title), tuple(rows))


def _section(document: Document, number: str, name: str | None) -> Iterator[Sheet]:
    """A section with one table as a sheet; its other content comes below the rows."""
    for section in document.sections:
        if section.number != number:
            continue
        columns: Line = (section.title,)
        rows: list[Line] = []
        notes: list[Line] = []
        for block in section.blocks:
            match block:
                case Table():
                    columns = (
                        *(column.title for column in block.columns),
                        say(Word.DETAILS, document.language),
                    )
                    rows += ((*row.cells, _details(row)) for row in block.rows)
                case Paragraph():
                    notes.append((block.text,))
                case Facts():
                    notes += ((fact, ", ".join(values)) for fact, values in block.rows)
        yield Sheet(name or section.title.partition(" (")[0], section.title, columns, (*rows, *notes))


def _details(row: Row) -> str:
    return "; ".join(f"{detail.name}: {', '.join(detail.items)}" for detail in row.details)


def _entities(source: Source) -> Iterator[Sheet]:
    columns = (
        *(Word.ITEM, Word.PARENT_ITEM, "id", Word.CODE, Word.API_NAME, Word.NAME, Word.TYPE),
        *(Word.SEVERAL, Word.MANDATORY, Word.SORT, Word.BY_DEFAULT, Word.MEANING, Word.COLOR, Word.REMARK),
    )
    titles = tuple(source.say(column) for column in columns)
    for key in source.entity_keys:
        rows = (*_gaps(source, key), *(_entity_line(source, row) for row in entity_rows(source, key)))
        if rows:
            name = source.entity_title(key)
            yield Sheet(name, name, titles, rows)


def _entity_line(source: Source, row: FlatRow) -> Line:
    kinds = {
        "pipeline": Word.A_PIPELINE,
        "stage": Word.A_STAGE,
        "standard_field": Word.A_STANDARD_FIELD,
        "user_field": Word.A_FIELD,
        "list_value": Word.VALUE_SPILL,
    }
    word = field_type_word(row.type, source.language)
    field_type = word if row.type in word else f"{word} ({row.type})"
    meanings = {meaning.value: meaning_word(meaning, source.language) for meaning in Meaning}
    meaning = meanings.get(row.meaning, row.meaning)
    return (
        *(source.say(kinds[row.kind]), row.parent, row.id, row.code, row.api_name, row.name, field_type),
        *(row.multiple, row.mandatory, row.sort, row.default, meaning, row.color, row.note),
    )


def _gaps(source: Source, key: str) -> Iterator[Line]:
    """Lines for what could not be read of an entity type, so that missing rows are not mistaken for none."""
    notes = stage_gaps(source, key)
    for kind in (Kind.STANDARD_FIELDS, Kind.USER_FIELDS):
        entry = source.coverage(kind, key)
        if entry is not None and not entry.state.is_whole:
            notes += source.gap(kind, key, shown=False)
    for note in notes:
        yield ("!", *("" for _ in range(ENTITY_COLUMNS - 2)), note.text)


def _dictionaries(source: Source) -> Iterator[Sheet]:
    columns = (
        *(source.say(Word.IN_DICTIONARY).capitalize(), "id", "STATUS_ID"),
        *(source.say(Word.NAME), source.say(Word.SORT)),
    )
    rows: list[Line] = [(note.text,) for note in source.gap(Kind.DICTIONARIES, shown=False)]
    for dictionary in source.snapshot.dictionaries:
        head, *items = dictionary_rows(source, dictionary)
        rows.append((head.code, "", "", head.name, ""))
        rows += ((item.parent, item.id, item.code, item.name, item.sort) for item in items)
    title = source.say(Word.DICTIONARIES)
    yield Sheet(title, title, columns, tuple(rows))


def _remarks(source: Source) -> Iterator[Sheet]:
    columns = tuple(source.say(word) for word in (Word.REMARK, Word.WHERE, Word.ADVICE))
    rows = tuple(
        (
            finding_title(finding.code, source.language),
            finding_line(finding, source.language, title=source.entity_title),
            finding_advice(finding.code, source.language),
        )
        for finding in source.shown_findings
    )
    title = source.say(Word.REMARKS)
    yield Sheet(title, title, columns, rows or ((source.say(Word.NO_REMARKS),),))


def _mapping(source: Source, document: Document) -> Iterator[Sheet]:
    section = next(section for section in document.sections if section.number == "8")
    forms = [block for block in section.blocks if isinstance(block, Form)]
    if forms:
        columns = (source.say(Word.ENTITY), *(column.title for column in forms[0].columns))
        rows = tuple((*form.caption, *row.cells) for form in forms for row in form.rows)
        yield Sheet(source.say(Word.MAPPING_SHEET), section.title, columns, rows)
