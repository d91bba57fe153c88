"""Reads the user fields of every entity type.

Those of classic entity types come from their own lists (``shared.bitrix24.classic_fields``), those of invoices,
documents and smart processes from the settings (``userfieldconfig``). Descriptions complete and check both.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.bitrix24 import (
    classic_fields,
    entity_types,
    field_descriptions,
    field_settings,
    full_read,
    portal_facts,
)
from shared.bitrix24.classic_fields import CLASSIC_METHODS
from shared.bitrix24.coerce import Attributes, Odd, required_text
from shared.bitrix24.commands import Answer, Answers, Command
from shared.bitrix24.entity_fields import (
    EntityFields,
    codes_without_values,
    compared_with_description,
    of_description,
)
from shared.bitrix24.entity_numbers import (
    B2E_DOCUMENT,
    BUILT_IN,
    ON_DEMAND,
    key_of,
)
from shared.bitrix24.expected import Expected
from shared.bitrix24.field_descriptions import DescribedField
from shared.bitrix24.field_rows import (
    described_field,
    described_label,
    list_values,
    settings_field,
    settings_label,
)
from shared.bitrix24.listing import Reading
from shared.bitrix24.rows import Row, UnexpectedShape, map_of, translate_rows
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_reading, partial, with_items
from shared.domain.coverage import Reason, ReasonCode, State
from shared.domain.snapshot import ListValue, UserField


def first(language: str, expected: Expected) -> list[Command]:
    """The commands of the first batch, with labels in ``language``."""
    return [
        *classic_fields.first(language),
        *field_descriptions.first(expected),
        *field_settings.first(language, expected.settings_pages),
    ]


def rest(answers: Answers, language: str) -> list[Command]:
    """The commands for what is missing from the answers so far."""
    commands = [
        *field_descriptions.rest(answers),
        *field_settings.rest(answers, language),
        *classic_fields.rest(answers, language),
    ]
    return commands or list(_values_rest(answers, language))


def further_rest(answers: Answers, language: str) -> list[Command]:
    """The commands that a full read adds once ``rest`` is empty."""
    return full_read.rest(answers, language, CLASSIC_METHODS)


def take(answers: Answers, language: str) -> Iterator[EntityFields]:
    """The user fields of every entity type that has or could have any."""
    readings = field_settings.by_owner(answers, language)
    descriptions = field_descriptions.answers_by_type(answers)
    for number, kind in (*BUILT_IN.items(), *ON_DEMAND.items()):
        if number in ON_DEMAND and not entity_types.in_use(answers, number):
            continue
        if number in CLASSIC_METHODS:
            yield classic_fields.take(answers, number, descriptions.get(number), language)
        elif number == B2E_DOCUMENT:
            reason = Reason(ReasonCode.NOT_DESCRIBED, kind.key)
            yield EntityFields(kind.key, (), Verdict(State.NOT_AVAILABLE, reason))
        else:
            reading = readings.get(kind.field_owner)
            entity = _take_settings(answers, number, reading, descriptions.get(number), language)
            yield _also_named(answers, kind.field_owner, entity, language)
    for row in entity_types.smart_processes(answers):
        number, reading = row.entity_type_id, readings.get(row.field_owner or "")
        entity = _take_settings(answers, number, reading, descriptions.get(number), language)
        yield _also_named(answers, row.field_owner or "", entity, language)


def _values_rest(answers: Answers, language: str) -> Iterator[Command]:
    """One command for each list field whose description has no values."""
    readings = field_settings.by_owner(answers, language)
    descriptions = field_descriptions.answers_by_type(answers)
    for owner, number in field_settings.owners(answers).items():
        described = field_descriptions.take(descriptions.get(number)) or {}
        for row in readings[owner].rows if owner in readings else ():
            if not _is_list(row) or full_read.value_key(row) in answers:
                continue
            if _values_of(described.get(str(row.get("fieldName")))) is None:
                yield full_read.value_command(row)


def _take_settings(
    answers: Answers, number: int, reading: Reading | None, description: Answer | None, language: str
) -> EntityFields:
    """Fields from ``userfieldconfig``, and those that only the description shows to this reader."""
    key = key_of(number)
    described = field_descriptions.take(description)
    reading = reading or field_settings.refusal(answers)
    own_language = portal_facts.portal_language(answers) or language
    without_values: list[str] = []

    def translate(row: Row) -> UserField:
        field_description, attributes = (described or {}).get(required_text(row["fieldName"])), Attributes()
        if label := settings_label(row, attributes):
            names = {language: label}
        else:
            label = described_label(field_description, attributes)
            names = {own_language: label} if label else {}
        is_asked_alone = _is_list(row) and full_read.value_key(row) in answers
        values = _values_alone(answers, row) if is_asked_alone else _values_of(field_description)
        shown_values = values if values is not None else _values_of(field_description) or ()
        field = settings_field(
            key, row, described=field_description, labels=names, values=shown_values, attributes=attributes
        )
        if field.type == "enumeration" and values is None:
            without_values.append(field.code)
        return field

    fields, dropped = translate_rows(reading.rows, translate)
    verdict = of_reading(reading, dropped=dropped)
    if described is None:
        if verdict == COMPLETE or not fields:
            # A settings list silently leaves out fields that the reader may not see, so an empty list proves nothing.
            verdict = with_items(of_description(description) or verdict, len(fields))
        return EntityFields(key, tuple(fields), verdict)
    if not reading.rows and not described:
        return EntityFields(key, (), COMPLETE)
    listed_codes = {field.code for field in fields}
    unlisted = [
        (code, field_description) for code, field_description in described.items() if code not in listed_codes
    ]
    # A field that makes no sense is reported below, where the list is compared with the description.
    described_only, _ = translate_rows(
        unlisted, lambda code_and_field: described_field(key, *code_and_field, own_language)
    )
    if described_only:
        # The settings silently leave out fields that this reader may not administer.
        hidden = verdict.state in (State.COMPLETE, State.FORBIDDEN)
        verdict = (
            partial(ReasonCode.FIELD_SETTINGS_HIDDEN, field_settings.METHOD)
            if hidden
            else Verdict(State.PARTIAL, verdict.reason)
        )
    if verdict == COMPLETE:
        verdict = compared_with_description(description, described, fields)
    without_values += codes_without_values(described_only)
    if verdict == COMPLETE and without_values:
        verdict = partial(ReasonCode.VALUES_MISSING, ", ".join(without_values[:10]))
    return EntityFields(key, (*fields, *described_only), verdict)


def _also_named(answers: Answers, owner: str, entity: EntityFields, language: str) -> EntityFields:
    labels = full_read.of_settings(answers, owner, language)
    return EntityFields(entity.entity_type, *full_read.named(entity.fields, entity.verdict, labels))


def _is_list(row: Row) -> bool:
    return row.get("userTypeId") == "enumeration"


def _values_of(described: DescribedField | None) -> tuple[ListValue, ...] | None:
    """The values in the description; ``None`` if it has none or they make no sense: then the field is asked for."""
    try:
        return None if described is None else described.values
    except (Odd, KeyError):
        return None


def _values_alone(answers: Answers, row: Row) -> tuple[ListValue, ...] | None:
    """The values of a list field that was asked for separately; ``None`` if they did not come."""
    answer = answers.get(full_read.value_key(row))
    if answer is None or not answer.ok:
        return None
    attributes = Attributes()
    try:
        values = list_values(map_of(answer)["enum"], attributes)
    except (UnexpectedShape, KeyError):
        return None
    return None if attributes.not_understood else values
