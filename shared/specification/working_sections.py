"""Sections 7, 8 and the appendix: remarks, a blank mapping table, lists that are too long for their field."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from shared.domain.coverage import Kind
from shared.domain.snapshot import StandardField, UserField
from shared.specification.document import Block, Column, ColumnKind, Form, Paragraph, Row, Section, Table
from shared.specification.entity_sections import entity_heading
from shared.specification.field_rows import value_text
from shared.specification.not_understood import text_or_placeholder
from shared.specification.source import LONG_LIST, Source
from shared.specification.words import Word
from shared.wording.field_types import field_type_word
from shared.wording.findings import finding_advice, finding_line, finding_title

NAMED_ITEMS = 20


def remarks(source: Source) -> Section:
    """Findings by kind: what is odd, what to do, and which items."""
    blocks: list[Block] = []
    for code, group in groupby(source.shown_findings, key=lambda finding: finding.code):
        title, advice = finding_title(code, source.language), finding_advice(code, source.language)
        blocks.append(Paragraph(f"{title}. {advice}"))
        blocks += (
            Paragraph(
                finding_line(finding, source.language, limit=NAMED_ITEMS, title=source.entity_title),
                under=True,
            )
            for finding in group
        )
    return Section("7", source.say(Word.REMARKS), tuple(blocks) or (Paragraph(source.say(Word.NO_REMARKS)),))


def mapping(source: Source) -> Section:
    """A form to be filled in with what the fields correspond to elsewhere."""
    title = source.say(Word.MAPPING)
    if not source.snapshot.user_fields and not source.snapshot.standard_fields:
        are_read = any(
            entry.kind is Kind.USER_FIELDS and entry.state.is_whole for entry in source.snapshot.coverage
        )
        sentence = source.say(Word.NOTHING_TO_MAP if are_read else Word.NOTHING_READ_TO_MAP)
        return Section("8", title, (Paragraph(sentence),))
    columns = (
        Column(source.say(Word.FIELD_HERE), ColumnKind.NAME),
        Column(source.say(Word.CODE), ColumnKind.CODE),
        Column(source.say(Word.TYPE)),
        Column(source.say(Word.MANDATORY)),
        Column(source.say(Word.OTHER_SYSTEM), ColumnKind.BLANK),
        Column(source.say(Word.FIELD_THERE), ColumnKind.BLANK),
        Column(source.say(Word.RULE), ColumnKind.BLANK),
        Column(source.say(Word.CHECK), ColumnKind.BLANK),
    )
    forms = tuple(
        Form(columns, tuple(_form_rows(source, key)), (entity_heading(source, key),))
        for key in source.entity_keys
        if source.fields.get(key) or source.standard_fields.get(key)
    )
    return Section("8", title, (Paragraph(source.say(Word.MAPPING_HELP)), *forms))


def _form_rows(source: Source, key: str) -> Iterator[Row]:
    for standard in source.standard_fields.get(key, ()):
        yield _form_row(
            source, standard, text_or_placeholder(source, standard, "label", source.named(standard.label))
        )
    for field in source.fields.get(key, ()):
        yield _form_row(source, field, text_or_placeholder(source, field, "labels", source.label(field)))


def _form_row(source: Source, field: StandardField | UserField, label: str) -> Row:
    return Row(
        (
            label,
            field.code,
            field_type_word(field.type, source.language),
            text_or_placeholder(
                source, field, "mandatory", source.say(Word.YES if field.mandatory else Word.NO)
            ),
            *("", "", "", ""),
        )
    )


def appendix(source: Source) -> Section:
    """Every list with more than fifty values, in full."""
    columns = (
        Column("id", ColumnKind.NUMBER),
        Column(source.say(Word.VALUE), ColumnKind.NAME, source.say(Word.VALUE_SPILL)),
    )
    tables = []
    for field in source.snapshot.user_fields:
        number = source.long_lists.get((field.entity_type, field.code))
        if number is None:
            continue
        entity = entity_heading(source, field.entity_type)
        caption = (number, entity, field.code, source.quoted(source.label(field)))
        rows = tuple(Row((str(value.id), value_text(value))) for value in field.values)
        tables.append(Table(columns, rows, caption))
    letter = source.say(Word.APPENDIX_LETTER)
    empty = Paragraph(source.say(Word.APPENDIX_EMPTY, limit=LONG_LIST))
    return Section(letter, source.say(Word.APPENDIX), tuple(tables) or (empty,))
