"""Builds the user fields of every entity type from lists, settings and descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.bitrix24 import (
    entity_types,
    field_descriptions,
    field_settings,
    further,
    portal_facts,
    standard_fields,
)
from shared.bitrix24.coerce import Attributes, Odd, required_text
from shared.bitrix24.commands import Answer, Answers, Command
from shared.bitrix24.entity_numbers import (
    B2E_DOCUMENT,
    BUILT_IN,
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    OLD_INVOICE,
    ON_DEMAND,
    QUOTE,
    REQUISITE,
    key_of,
)
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.field_descriptions import DescribedField, Descriptions
from shared.bitrix24.field_rows import (
    classic_field,
    classic_label,
    described_field,
    described_label,
    list_values,
    settings_field,
    settings_label,
)
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.rows import Row, UnexpectedShape, map_of, understood
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_error, of_reading, partial, with_items
from shared.domain.coverage import Reason, ReasonCode, State
from shared.domain.snapshot import ListValue, UserField

CLASSIC_METHODS = {
    LEAD: "crm.lead.userfield.list",
    DEAL: "crm.deal.userfield.list",
    CONTACT: "crm.contact.userfield.list",
    COMPANY: "crm.company.userfield.list",
    QUOTE: "crm.quote.userfield.list",
    REQUISITE: "crm.requisite.userfield.list",
    OLD_INVOICE: "crm.invoice.userfield.list",
}


@dataclass(frozen=True, slots=True)
class EntityFields:
    """The user fields of one entity type and how completely they are known."""

    entity_type: str
    fields: tuple[UserField, ...]
    verdict: Verdict


def first(language: str) -> list[Command]:
    """The commands of the first batch, with labels in ``language``."""
    return [
        *(
            command
            for number in CLASSIC_METHODS
            if number != OLD_INVOICE
            for command in _classic(number, language).first()
        ),
        *field_descriptions.first(),
        *field_settings.first(language),
    ]


def rest(answers: Answers, language: str) -> list[Command]:
    """The commands for what is missing from the answers so far."""
    commands = [
        *field_descriptions.rest(answers),
        *field_settings.rest(answers, language),
        *_classic_rest(answers, language),
    ]
    return commands or list(_values_rest(answers, language))


def further_rest(answers: Answers, language: str) -> list[Command]:
    """The commands that a full read adds once ``rest`` is empty."""
    return further.rest(answers, language, CLASSIC_METHODS)


def take(answers: Answers, language: str) -> Iterator[EntityFields]:
    """The user fields of every entity type that has or could have any."""
    readings = field_settings.by_owner(answers, language)
    descriptions = field_descriptions.answers_by_type(answers)
    for number, kind in (*BUILT_IN.items(), *ON_DEMAND.items()):
        if number in ON_DEMAND and not entity_types.in_use(answers, number):
            continue
        if number in CLASSIC_METHODS:
            yield _take_classic(answers, number, descriptions.get(number), language)
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


def _classic(number: int, language: str) -> Listing:
    """The field list of a classic entity type. It has labels only if the filter names a language."""
    params = {"order": {"SORT": "ASC"}, "filter": {"LANG": language}}
    return Listing(further.classic_key(number, language), CLASSIC_METHODS[number], params)


def _classic_rest(answers: Answers, language: str) -> Iterator[Command]:
    """Further pages of the lists, old invoices if they are in use, and labels in the portal's own language.

    The latter are asked for if some field has no label in ``language``.
    """
    for number in CLASSIC_METHODS:
        if number != OLD_INVOICE or entity_types.in_use(answers, OLD_INVOICE):
            yield from _classic(number, language).rest(answers)
    own_language = portal_facts.portal_language(answers)
    if own_language is None or own_language == language:
        return
    descriptions = field_descriptions.answers_by_type(answers)
    for number in CLASSIC_METHODS:
        in_own = _classic(number, own_language)
        if in_own.key in answers:
            yield from in_own.rest(answers)
        elif _classic(number, language).key in answers:
            fields = _take_classic(answers, number, descriptions.get(number), language).fields
            if any(not field.labels for field in fields):
                yield from in_own.first()


def _values_rest(answers: Answers, language: str) -> Iterator[Command]:
    """One command for each list field whose description has no values."""
    readings = field_settings.by_owner(answers, language)
    descriptions = field_descriptions.answers_by_type(answers)
    for owner, number in field_settings.owners(answers).items():
        described = field_descriptions.take(descriptions.get(number)) or {}
        for row in readings[owner].rows if owner in readings else ():
            field_description = described.get(str(row.get("fieldName")))
            is_asked = further.value_key(row) in answers
            if (
                row.get("userTypeId") == "enumeration"
                and not is_asked
                and _values_of(field_description) is None
            ):
                yield further.value_command(row)


def _take_classic(answers: Answers, number: int, description: Answer | None, language: str) -> EntityFields:
    listing = _classic(number, language)
    reading = listing.read(answers)
    described = field_descriptions.take(description)
    fields: list[UserField] = []
    dropped: list[str] = []
    if listing.key in answers:
        own_language = portal_facts.portal_language(answers) or language
        in_own = _classic(number, own_language).read(answers) if own_language != language else None
        fields, dropped = answers[listing.key].once(
            _classic_fields, reading, number, language, description, in_own, own_language
        )
    verdict = of_reading(reading, dropped=dropped)
    if verdict == COMPLETE and (without_values := _without_values(fields)):
        verdict = partial(ReasonCode.VALUES_MISSING, ", ".join(without_values[:10]))
    if verdict == COMPLETE and number in field_descriptions.DESCRIBED and (fields or described):
        verdict = _held_against(description, described, fields)
    if verdict == COMPLETE and number == REQUISITE:
        verdict = _held_against_requisites(answers, fields)
    if verdict == COMPLETE and number == LEAD and portal_facts.leads_are_off(answers):
        verdict = Verdict(State.COMPLETE, Reason(ReasonCode.LEADS_OFF))
    labels = further.of_classic(answers, number, CLASSIC_METHODS[number], language)
    return EntityFields(key_of(number), *further.named(tuple(fields), verdict, labels))


def _classic_fields(
    _first_page: Answer,
    reading: Reading,
    number: int,
    language: str,
    description: Answer | None,
    in_own: Reading | None,
    own_language: str,
) -> tuple[list[UserField], list[str]]:
    """The fields of a classic list and the rows that could not be used.

    ``in_own`` is the same list in the portal's own language; ``None`` if that equals ``language``.
    """
    key = key_of(number)
    described = field_descriptions.take(description) or {}
    own_rows = in_own.rows if in_own is not None else ()
    labels = dict(understood(own_rows, _classic_label_by_code)[0])

    def translate(row: Row) -> UserField:
        code = required_text(row["FIELD_NAME"])
        field_description, attributes = described.get(code), Attributes()
        if label := classic_label(row, attributes):
            names = {language: label}
        elif label := labels.get(code) or described_label(field_description, attributes):
            names = {own_language: label}
        else:
            names = {}
        return classic_field(key, row, described=field_description, labels=names, attributes=attributes)

    return understood(reading.rows, translate)


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
        is_asked_alone = further.value_key(row) in answers
        values = _values_alone(answers, row) if is_asked_alone else _values_of(field_description)
        shown_values = values if values is not None else _values_of(field_description) or ()
        field = settings_field(
            key, row, described=field_description, labels=names, values=shown_values, attributes=attributes
        )
        if field.type == "enumeration" and values is None:
            without_values.append(field.code)
        return field

    fields, dropped = understood(reading.rows, translate)
    verdict = of_reading(reading, dropped=dropped)
    if described is None:
        if verdict == COMPLETE or not fields:
            # A settings list silently leaves out fields that the reader may not see, so an empty list proves nothing.
            verdict = with_items(_of_description(description) or verdict, len(fields))
        return EntityFields(key, tuple(fields), verdict)
    if not reading.rows and not described:
        return EntityFields(key, (), COMPLETE)
    listed_codes = {field.code for field in fields}
    unlisted = [
        (code, field_description) for code, field_description in described.items() if code not in listed_codes
    ]
    # A field that makes no sense is reported below, where the list is compared with the description.
    described_only, _ = understood(
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
        verdict = _held_against(description, described, fields)
    without_values += _without_values(described_only)
    if verdict == COMPLETE and without_values:
        verdict = partial(ReasonCode.VALUES_MISSING, ", ".join(without_values[:10]))
    return EntityFields(key, (*fields, *described_only), verdict)


def _also_named(answers: Answers, owner: str, entity: EntityFields, language: str) -> EntityFields:
    labels = further.of_settings(answers, owner, language)
    return EntityFields(entity.entity_type, *further.named(entity.fields, entity.verdict, labels))


def _held_against(
    description: Answer | None, described: Descriptions | None, fields: list[UserField]
) -> Verdict:
    """The verdict on a complete list, compared with the description, which has every field."""
    if described is None:
        return with_items(_of_description(description) or COMPLETE, len(fields))
    differing = sorted(described.keys() ^ {field.code for field in fields})
    return partial(ReasonCode.FIELDS_DISAGREE, ", ".join(differing[:10])) if differing else COMPLETE


def _held_against_requisites(answers: Answers, fields: list[UserField]) -> Verdict:
    """The verdict on the fields of requisites, compared with the description that a full read brings."""
    codes = standard_fields.user_fields_of_requisites(answers)
    missing = sorted((codes or set()) - {field.code for field in fields})
    return partial(ReasonCode.FIELDS_DISAGREE, ", ".join(missing[:10])) if missing else COMPLETE


def _values_of(described: DescribedField | None) -> tuple[ListValue, ...] | None:
    """The values in the description; ``None`` if it has none or they make no sense: then the field is asked for."""
    try:
        return None if described is None else described.values
    except (Odd, KeyError):
        return None


def _of_description(answer: Answer | None) -> Verdict | None:
    if answer is None:
        return None
    return of_error(answer.error or PortalError(Fault.SHAPE), field_descriptions.METHOD)


def _classic_label_by_code(row: Row) -> tuple[str, str | None]:
    return required_text(row["FIELD_NAME"]), classic_label(row, Attributes())


def _without_values(fields: Iterable[UserField]) -> list[str]:
    """The codes of the fields that have values which could not be used."""
    return [field.code for field in fields if not field.is_understood("values")]


def _values_alone(answers: Answers, row: Row) -> tuple[ListValue, ...] | None:
    """The values of a list field that was asked for separately; ``None`` if they did not come."""
    answer = answers.get(further.value_key(row))
    if answer is None or not answer.ok:
        return None
    attributes = Attributes()
    try:
        values = list_values(map_of(answer)["enum"], attributes)
    except (UnexpectedShape, KeyError):
        return None
    return None if attributes.not_understood else values
