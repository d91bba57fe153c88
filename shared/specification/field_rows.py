"""The rows of fields: identifiers, type and label, and below user fields what a list or a binding points to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.domain.coverage import Kind
from shared.domain.findings import FindingCode
from shared.domain.snapshot import ListValue, StandardField, UserField
from shared.specification.document import Block, Column, ColumnKind, Detail, Paragraph, Row, Table
from shared.specification.not_understood import odd_details, text_or_placeholder
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.field_types import field_type_word

# Entity types with their own methods (crm.deal.* and so on); the others have only the universal methods.
CLASSIC = frozenset({"lead", "deal", "contact", "company", "quote", "requisite"})

NAMED_TWINS = 3

_STAGE_DIRECTORIES = ("DEAL_STAGE", "DYNAMIC_", "SMART_", "QUOTE_STATUS", "INVOICE_STATUS")


def field_table(source: Source, key: str, fields: list[UserField]) -> Iterator[Block]:
    """The user fields of one entity in the portal's order."""
    if any(field.values and all(value.default is None for value in field.values) for field in fields):
        yield Paragraph(source.say(Word.DEFAULTS_UNREAD))
    columns = (
        Column(source.say(Word.NUMBER), ColumnKind.NUMBER),
        Column(_code_title(source, key), ColumnKind.CODE),
        Column(source.say(Word.API_NAME), ColumnKind.CODE, source.say(Word.API_NAME_SPILL)),
        Column("id", ColumnKind.NUMBER),
        Column(source.say(Word.TYPE), ColumnKind.TEXT, source.say(Word.TYPE_SPILL)),
        Column(source.say(Word.FLAGS)),
        Column(source.say(Word.NAME), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
    )
    notes = _notes(source, key)
    rows = (_row(source, number, field, notes) for number, field in enumerate(fields, 1))
    yield Table(columns, tuple(rows))


def standard_field_table(source: Source, key: str, fields: list[StandardField]) -> Table:
    """The standard fields of one entity type by code. Its rows cannot be mistaken for rows of user fields."""
    # The entity types' own methods use other codes for some fields than the universal methods.
    code = _code_title(source, key) if key == "requisite" else source.say(Word.CODE)
    columns = (
        Column(code, ColumnKind.CODE),
        Column(source.say(Word.API_NAME), ColumnKind.CODE, source.say(Word.API_NAME_SPILL)),
        Column(source.say(Word.TYPE), ColumnKind.TEXT, source.say(Word.TYPE_SPILL)),
        Column(source.say(Word.FLAGS_STANDARD)),
        Column(source.say(Word.NAME), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
    )
    return Table(columns, tuple(_standard_row(source, field) for field in fields))


def _code_title(source: Source, key: str) -> str:
    return source.say(Word.CODE_CLASSIC, entity=key) if key in CLASSIC else source.say(Word.CODE)


def _standard_row(source: Source, field: StandardField) -> Row:
    return Row(
        (
            field.code,
            field.api_name or source.say(Word.NONE_HERE),
            field_type_word(field.type, source.language),
            _flags(source, field) + _flag(source, field, "read_only", Word.FLAG_READ_ONLY),
            text_or_placeholder(source, field, "label", source.named(field.label)),
        ),
        tuple(odd_details(source, field)),
    )


def _flags(source: Source, field: StandardField | UserField) -> str:
    multiple = _flag(source, field, "multiple", Word.FLAG_MULTIPLE)
    return multiple + _flag(source, field, "mandatory", Word.FLAG_MANDATORY)


def _flag(source: Source, field: StandardField | UserField, attribute: str, letter: str) -> str:
    if not field.is_understood(attribute):
        return "?"
    return source.say(letter) if getattr(field, attribute) else "-"


def _row(source: Source, number: int, field: UserField, notes: Mapping[str, list[str]]) -> Row:
    remarks = (Detail(source.say(Word.NOTE), (note,)) for note in notes.get(field.code, ()))
    return Row(
        (
            str(number),
            field.code,
            field.api_name or _no_api_name(source, field),
            source.say(Word.ID_HIDDEN) if field.id is None else str(field.id),
            field_type_word(field.type, source.language),
            _flags(source, field),
            text_or_placeholder(source, field, "labels", source.label(field)),
        ),
        (*field_details(source, field), *odd_details(source, field), *remarks),
    )


def _no_api_name(source: Source, field: UserField) -> str:
    are_read = source.is_complete(Kind.USER_FIELDS, field.entity_type)
    return source.say(Word.NONE_HERE if are_read or field.entity_type == "requisite" else Word.NOT_KNOWN)


def field_details(source: Source, field: UserField) -> Iterator[Detail]:
    """What a list holds and what a field of another kind points to."""
    match field.type:
        case "enumeration":
            yield _values(source, field)
        case "crm_status":
            yield Detail(source.say(Word.IN_DICTIONARY), (_dictionary(source, field.settings),))
        case "iblock_element" | "iblock_section":
            yield Detail(
                source.say(Word.BLOCK), (_block(source, field.settings, "IBLOCK_ID", "IBLOCK_TYPE_ID"),)
            )
        case "hlblock":
            yield Detail(source.say(Word.HIGHLOAD_BLOCK), (_block(source, field.settings, "HLBLOCK_ID"),))
        case "crm":
            yield Detail(source.say(Word.BOUND_TO), tuple(_bindings(source, field.settings)))
        case _ if field.values:
            yield _values(source, field)


def _values(source: Source, field: UserField) -> Detail:
    name = source.say(Word.VALUES)
    if not field.values:
        are_read = source.is_complete(Kind.USER_FIELDS, field.entity_type)
        return Detail(name, (source.say(Word.NO_VALUES if are_read else Word.VALUES_UNREAD),))
    appendix = source.long_lists.get((field.entity_type, field.code))
    if appendix:
        return Detail(name, (source.say(Word.VALUES_IN_APPENDIX, count=len(field.values), number=appendix),))
    items = tuple(list_value(value) for value in field.values)
    default = any(value.default for value in field.values)
    return Detail(name, items, source.say(Word.DEFAULT_NOTE) if default else "")


def list_value(value: ListValue) -> str:
    """The id of a list value and its text: ``71 Самовывоз*``."""
    return f"{value.id} {value_text(value)}"


def value_text(value: ListValue) -> str:
    """The text with ``*`` for a default. A text that could be mistaken for several values or a default is quoted."""
    doubtful = "|" in value.value or value.value.endswith("*") or not value.value.strip()
    text = f"«{value.value}»" if doubtful else value.value
    return f"{text}*" if value.default else text


def _dictionary(source: Source, settings: Mapping[str, Any]) -> str:
    directory = settings.get("ENTITY_TYPE")
    if not isinstance(directory, str) or not directory:
        return source.say(Word.NOT_KNOWN)
    dictionary = next((row for row in source.snapshot.dictionaries if row.directory == directory), None)
    if dictionary is not None and dictionary.name:
        return source.say(Word.DICTIONARY_IN_SECTION_5, directory=directory, name=dictionary.name)
    if dictionary is not None:
        return source.say(Word.DICTIONARY_NAMELESS, directory=directory)
    if directory == "STATUS" or directory.startswith(_STAGE_DIRECTORIES):
        return source.say(Word.DICTIONARY_STAGES, directory=directory)
    return source.say(Word.DICTIONARY_UNREAD, directory=directory)


def _block(source: Source, settings: Mapping[str, Any], key: str, type_key: str | None = None) -> str:
    block = _plain(settings.get(key)) or source.say(Word.NOT_KNOWN)
    block_type = _plain(settings.get(type_key)) if type_key else ""
    if block_type:
        block = source.say(Word.BLOCK_OF_TYPE, id=block, type=block_type)
    return source.say(Word.BLOCK_VALUES, block=block)


def _plain(setting: Any) -> str:
    return str(setting) if isinstance(setting, str | int) and not isinstance(setting, bool) else ""


def _bindings(source: Source, settings: Mapping[str, Any]) -> Iterator[str]:
    """The entity types a field of type ``crm`` may point to; the portal marks each with Y."""
    if not settings:
        yield source.say(Word.NOT_KNOWN)
        return
    codes = {code for code, flag in settings.items() if flag in ("Y", True)}
    known_codes = [key.upper() for key in source.entities if key.upper() in codes]
    for code in (*known_codes, *sorted(codes.difference(known_codes))):
        entity = source.entities.get(code.lower())
        prefix = f" ({entity.binding_prefix})" if entity and entity.binding_prefix else ""
        yield f"{source.entity_title(entity.key)}{prefix}" if entity else code
    if not codes:
        yield source.say(Word.NOWHERE)


def _notes(source: Source, key: str) -> Mapping[str, list[str]]:
    """What the findings say about single fields, by code."""
    notes: dict[str, list[str]] = {}
    for finding in source.findings:
        if finding.entity_type != key:
            continue
        codes = [item.code for item in finding.items if item.code]
        for code in codes:
            if finding.code is FindingCode.UNUSUAL_CODE:
                notes.setdefault(code, []).append(source.say(Word.UNUSUAL_CODE))
            elif finding.code is FindingCode.SAME_LABEL:
                twins = [other for other in codes[: NAMED_TWINS + 1] if other != code][:NAMED_TWINS]
                more = ", …" if len(codes) > NAMED_TWINS + 1 else ""
                notes.setdefault(code, []).append(source.say(Word.SAME_LABEL, codes=", ".join(twins) + more))
    return notes
