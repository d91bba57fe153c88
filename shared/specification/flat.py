"""Every item of a snapshot as a row of one flat table, for filters in spreadsheets and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from shared.domain.coverage import Coverage
from shared.domain.snapshot import AsRead, Dictionary, Stage, StandardField, UserField
from shared.specification.field_rows import field_details
from shared.specification.not_understood import is_odd, odd_lines
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.kinds import state_word


@dataclass(frozen=True, slots=True)
class FlatRow:
    """An item, or with ``kind`` "coverage" the receipt of a kind; what an item cannot have is empty."""

    kind: str
    entity_type: str = ""
    parent: str = ""
    id: str = ""
    code: str = ""
    name: str = ""
    type: str = ""
    api_name: str = ""
    multiple: str = ""
    mandatory: str = ""
    sort: str = ""
    default: str = ""
    meaning: str = ""
    color: str = ""
    active: str = ""
    position: str = ""
    departments: str = ""
    head: str = ""
    type_id: str = ""
    binding_prefix: str = ""
    note: str = ""


# Columns whose name differs from the attribute they show.
_COLUMNS: Final = {
    **dict.fromkeys(("title", "label", "labels"), "name"),
    "is_default": "default",
    "parent_id": "parent",
    "head_id": "head",
}


def flat_rows(source: Source) -> Iterator[FlatRow]:
    """The receipts first, then every item in the order of the specification."""
    snapshot = source.snapshot
    yield from (_coverage(source, entry) for entry in snapshot.coverage)
    for entity in snapshot.entity_types:
        yield _noted(
            source,
            entity,
            FlatRow(
                "entity_type",
                entity.key,
                id=str(entity.entity_type_id),
                code=entity.field_owner or source.say(Word.NOT_KNOWN),
                name=source.named(entity.title),
                type_id="" if entity.type_id is None else str(entity.type_id),
                binding_prefix=entity.binding_prefix or "",
            ),
        )
    for key in source.entity_keys:
        yield from entity_rows(source, key)
    yield from (_stage(source, "leftover_stage", stage) for stage in snapshot.orphan_stages)
    for dictionary in snapshot.dictionaries:
        yield from dictionary_rows(source, dictionary)
    yield from _people(source)


def entity_rows(source: Source, key: str) -> Iterator[FlatRow]:
    """Pipelines, stages, fields and list values of one entity type."""
    for pipeline in source.pipelines.get(key, ()):
        yield _noted(
            source,
            pipeline,
            FlatRow(
                "pipeline",
                key,
                id=str(pipeline.id),
                code=pipeline.directory,
                name=source.named(pipeline.name),
                sort=_read(source, pipeline.sort),
                default=_flag(source, pipeline.is_default),
            ),
        )
    yield from (_stage(source, "stage", stage) for stage in source.stages.get(key, ()))
    yield from (_standard_field(source, field) for field in source.standard_fields.get(key, ()))
    for field in source.fields.get(key, ()):
        yield _field(source, field)
        for value in field.values:
            yield FlatRow(
                "list_value",
                key,
                field.code,
                str(value.id),
                _read(source, value.xml_id),
                value.value,
                sort=_read(source, value.sort),
                default=source.say(Word.NOT_KNOWN) if value.default is None else _flag(source, value.default),
            )


def dictionary_rows(source: Source, dictionary: Dictionary) -> Iterator[FlatRow]:
    """A reference list and its values."""
    yield _noted(
        source,
        dictionary,
        FlatRow("dictionary", code=dictionary.directory, name=source.named(dictionary.name)),
    )
    for item in dictionary.items:
        yield _noted(
            source,
            item,
            FlatRow(
                "dictionary_item",
                parent=dictionary.directory,
                id=str(item.id),
                code=item.status_id,
                name=source.named(item.name),
                sort=_read(source, item.sort),
            ),
        )


def _coverage(source: Source, entry: Coverage) -> FlatRow:
    return FlatRow(
        "coverage",
        entry.entity_type or "",
        code=entry.kind.value,
        name=state_word(entry.state, source.language),
        type=entry.state.value,
        note=source.reason(entry),
    )


def _stage(source: Source, kind: str, stage: Stage) -> FlatRow:
    return _noted(
        source,
        stage,
        FlatRow(
            kind,
            stage.entity_type,
            "" if stage.pipeline_id is None else str(stage.pipeline_id),
            str(stage.id),
            stage.status_id,
            source.named(stage.name),
            sort=_read(source, stage.sort),
            meaning=stage.meaning.value,
            color=stage.color or source.say(Word.NO_COLOR),
            note=source.say(Word.DIRECTORY_ASIDE, directory=stage.directory),
        ),
    )


def _standard_field(source: Source, field: StandardField) -> FlatRow:
    return _noted(
        source,
        field,
        FlatRow(
            "standard_field",
            field.entity_type,
            code=field.code,
            name=source.named(field.label),
            type=field.type,
            api_name=field.api_name or source.say(Word.NONE_HERE),
            multiple=_flag(source, field.multiple),
            mandatory=_flag(source, field.mandatory),
            note=source.say(Word.READ_ONLY) if field.read_only else "",
        ),
    )


def _field(source: Source, field: UserField) -> FlatRow:
    details = (detail for detail in field_details(source, field) if detail.name != source.say(Word.VALUES))
    return _noted(
        source,
        field,
        FlatRow(
            "user_field",
            field.entity_type,
            id=source.say(Word.ID_HIDDEN) if field.id is None else str(field.id),
            code=field.code,
            name=source.label(field),
            type=field.type,
            api_name=field.api_name or source.say(Word.NONE_HERE),
            multiple=_flag(source, field.multiple),
            mandatory=_flag(source, field.mandatory),
            sort=source.say(Word.ID_HIDDEN) if field.sort is None else str(field.sort),
            note="; ".join(f"{detail.name}: {', '.join(detail.items)}" for detail in details),
        ),
    )


def _people(source: Source) -> Iterator[FlatRow]:
    for user in source.snapshot.users if source.persons else ():
        yield _noted(
            source,
            user,
            FlatRow(
                "user",
                id=str(user.id),
                name=user.name or source.say(Word.READER_NAMELESS, id=user.id),
                active=_flag(source, user.active),
                position=user.position or source.say(Word.NO_POSITION),
                departments=", ".join(map(str, user.departments)) or source.say(Word.NO_DEPARTMENTS_OF_USER),
            ),
        )
    for department in source.snapshot.departments:
        yield _noted(
            source,
            department,
            FlatRow(
                "department",
                parent=source.say(Word.TOP) if department.parent_id is None else str(department.parent_id),
                id=str(department.id),
                name=source.named(department.name),
                head=source.say(Word.NO_HEAD) if department.head_id is None else str(department.head_id),
            ),
        )


def _noted(source: Source, item: AsRead, row: FlatRow) -> FlatRow:
    """The row with a placeholder in the columns that were not understood, and the received values in its note."""
    if not item.not_understood:
        return row
    odd = (
        _COLUMNS.get(odd.attribute, odd.attribute)
        for odd in item.not_understood
        if is_odd(item, odd.attribute)
    )
    word = source.say(Word.NOT_UNDERSTOOD)
    came = f"{word}: {', '.join(odd_lines(source, item))}"
    words = {column: word for column in odd if column in FlatRow.__slots__}
    return replace(row, **words, note="; ".join(filter(None, (row.note, came))))


def _flag(source: Source, value: bool) -> str:  # noqa: FBT001 - a value to be told, not a switch
    return source.say(Word.YES if value else Word.NO)


def _read(source: Source, value: int | str | None) -> str:
    return source.say(Word.NOT_KNOWN) if value is None else str(value)
