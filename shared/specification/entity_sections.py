"""Section 4: every entity with its pipelines, stages and fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from shared.domain.coverage import Kind, State
from shared.domain.snapshot import Pipeline, Stage
from shared.specification.document import Block, Column, ColumnKind, Paragraph, Row, Section, Table
from shared.specification.entity_shapes import has_pipelines, has_stages, is_smart_process
from shared.specification.field_rows import field_table, standard_field_table
from shared.specification.not_understood import odd_details, odd_paragraphs, text_or_placeholder
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.kinds import meaning_word


def entity_sections(source: Source) -> Iterator[Section]:
    """Up to three sections an entity: its pipelines with their stages, its standard fields, its user fields."""
    number = 0
    for key in source.entity_keys:
        candidates = (_pipelines(source, key), _standard_fields(source, key), _fields(source, key))
        sections = [section for section in candidates if section]
        number += bool(sections)
        for section in sections:
            yield replace(section, number=f"4.{number}", subject=entity_heading(source, key), entity_type=key)


def entity_heading(source: Source, key: str) -> str:
    """The name of an entity type in headings; a smart process has its number too, because its name can be anything."""
    entity = source.entities.get(key)
    if not key.startswith("dynamic_"):
        return source.entity_title(key)
    number = key.removeprefix("dynamic_")
    title = entity.title if entity else None
    if not is_smart_process(key):
        return source.say(Word.OTHER_ENTITY, title=source.named(title), id=number)
    if not title:
        return source.say(Word.SMART_PROCESS_NAMELESS, id=number)
    return source.say(Word.SMART_PROCESS, title=title, id=number)


def _pipelines(source: Source, key: str) -> Section | None:
    pipelines, stages = source.pipelines.get(key, []), source.stages.get(key, [])
    gaps = stage_gaps(source, key)
    if not pipelines and not stages and not gaps:
        return None
    return _section(source.say(Word.PIPELINES_AND_STAGES), (*gaps, *_tables(source, pipelines, stages)))


def stage_gaps(source: Source, key: str) -> tuple[Paragraph, ...]:
    """What could not be read of the pipelines and stages this entity type may have."""
    pipelines, stages = bool(source.pipelines.get(key)), bool(source.stages.get(key))
    gaps: tuple[Paragraph, ...] = ()
    if pipelines or has_pipelines(key):
        gaps += source.gap(Kind.PIPELINES, shown=pipelines or stages)
    if stages or has_stages(key):
        gaps += source.gap(Kind.STAGES, shown=stages)
    return gaps


def _tables(source: Source, pipelines: list[Pipeline], stages: list[Stage]) -> Iterator[Block]:
    by_pipeline: dict[int | None, list[Stage]] = defaultdict(list)
    for stage in stages:
        by_pipeline[stage.pipeline_id].append(stage)
    for pipeline in pipelines:
        name = text_or_placeholder(source, pipeline, "name", source.quoted(pipeline.name))
        caption = (source.say(Word.PIPELINE, id=pipeline.id), name)
        mark = source.say(Word.DEFAULT) if pipeline.is_default else None
        rows = by_pipeline.pop(pipeline.id, [])
        yield replace(_stage_table(source, pipeline.directory, rows), caption=caption, mark=mark)
        if not rows:
            unread = (
                source.say(Word.NO_STAGES) if source.is_complete(Kind.STAGES) else source.state(Kind.STAGES)
            )
            yield Paragraph(unread, under=True)
        yield from odd_paragraphs(source, pipeline)
    for pipeline_id, rows in by_pipeline.items():
        if pipeline_id is None:
            words = [source.say(Word.STAGES_WITHOUT_PIPELINE)]
        else:
            words = [source.say(Word.PIPELINE, id=pipeline_id), source.say(Word.ONLY_STAGES_READ)]
        yield replace(_stage_table(source, rows[0].directory, rows), caption=tuple(words))


def _stage_table(source: Source, directory: str, stages: list[Stage]) -> Table:
    columns = (
        Column(source.say(Word.NUMBER), ColumnKind.NUMBER),
        Column("STATUS_ID", ColumnKind.CODE),
        Column("id", ColumnKind.NUMBER),
        Column(source.say(Word.NAME), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
        Column(source.say(Word.MEANING)),
        Column(source.say(Word.COLOR)),
    )
    rows = tuple(
        Row(
            (
                str(number),
                stage.status_id,
                str(stage.id),
                text_or_placeholder(source, stage, "name", source.named(stage.name)),
                text_or_placeholder(source, stage, "meaning", meaning_word(stage.meaning, source.language)),
                text_or_placeholder(source, stage, "color", stage.color or source.say(Word.NO_COLOR)),
            ),
            tuple(odd_details(source, stage)),
        )
        for number, stage in enumerate(stages, 1)
    )
    aside = source.say(Word.DIRECTORY_ASIDE, directory=directory)
    return Table(columns, rows, aside=aside, stages=tuple(stages))


def _standard_fields(source: Source, key: str) -> Section | None:
    fields = source.standard_fields.get(key, [])
    entry = source.coverage(Kind.STANDARD_FIELDS, key)
    if entry is None or (not fields and entry.state is State.NOT_AVAILABLE):
        return None
    title = source.say(Word.STANDARD)
    if not fields:
        return _section(title, source.nothing(Kind.STANDARD_FIELDS, Word.NO_STANDARD_FIELDS, key))
    count = source.count(len(fields), Kind.STANDARD_FIELDS, key)
    note = source.gap(Kind.STANDARD_FIELDS, key, shown=True)
    section = _section(
        source.say(Word.STANDARD_COUNTED, count=count), (*note, standard_field_table(source, key, fields))
    )
    return replace(section, aside=source.say(Word.FLAGS_STANDARD_ASIDE))


def _fields(source: Source, key: str) -> Section | None:
    fields = source.fields.get(key, [])
    entry = source.coverage(Kind.USER_FIELDS, key)
    if not fields and (entry is None or entry.state is State.NOT_AVAILABLE):
        return None
    title = source.say(Word.FIELDS)
    if fields or source.is_complete(Kind.USER_FIELDS, key):
        count = source.count(len(fields), Kind.USER_FIELDS, key)
        title = source.say(Word.FIELDS_COUNTED, count=count)
    if not fields:
        return _section(title, source.nothing(Kind.USER_FIELDS, Word.NO_FIELDS, key))
    note = source.gap(Kind.USER_FIELDS, key, shown=True)
    section = _section(title, (*note, *field_table(source, key, fields)))
    return replace(section, aside=source.say(Word.FLAGS_ASIDE), user_fields=True)


def _section(title: str, blocks: tuple[Block, ...]) -> Section:
    return Section("", title, blocks)
