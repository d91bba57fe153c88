"""Reads the user fields of classic entity types, each of which has a list method of its own."""

from __future__ import annotations

from collections.abc import Iterator

from shared.bitrix24 import entity_types, field_descriptions, full_read, portal_facts, standard_fields
from shared.bitrix24.coerce import Attributes, required_text
from shared.bitrix24.commands import Answer, Answers, Command
from shared.bitrix24.entity_fields import EntityFields, codes_without_values, compared_with_description
from shared.bitrix24.entity_numbers import (
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    OLD_INVOICE,
    QUOTE,
    REQUISITE,
    key_of,
)
from shared.bitrix24.field_rows import classic_field, classic_label, classic_label_by_code, described_label
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.rows import Row, translate_rows
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_reading, partial
from shared.domain.coverage import Reason, ReasonCode, State
from shared.domain.snapshot import UserField

CLASSIC_METHODS = {
    LEAD: "crm.lead.userfield.list",
    DEAL: "crm.deal.userfield.list",
    CONTACT: "crm.contact.userfield.list",
    COMPANY: "crm.company.userfield.list",
    QUOTE: "crm.quote.userfield.list",
    REQUISITE: "crm.requisite.userfield.list",
    OLD_INVOICE: "crm.invoice.userfield.list",
}


def first(language: str) -> list[Command]:
    """The commands of the first batch, with labels in ``language``. Old invoices are rare, so they come later."""
    return [
        command
        for number in CLASSIC_METHODS
        if number != OLD_INVOICE
        for command in _list_of(number, language).first()
    ]


def rest(answers: Answers, language: str) -> Iterator[Command]:
    """Further pages of the lists, old invoices if they are in use, and labels in the portal's own language.

    The latter are asked for if some field has no label in ``language``.
    """
    for number in CLASSIC_METHODS:
        if number != OLD_INVOICE or entity_types.in_use(answers, OLD_INVOICE):
            yield from _list_of(number, language).rest(answers)
    own_language = portal_facts.portal_language(answers)
    if own_language is None or own_language == language:
        return
    descriptions = field_descriptions.answers_by_type(answers)
    for number in CLASSIC_METHODS:
        in_own = _list_of(number, own_language)
        if in_own.key in answers:
            yield from in_own.rest(answers)
        elif _list_of(number, language).key in answers:
            fields = take(answers, number, descriptions.get(number), language).fields
            if any(not field.labels for field in fields):
                yield from in_own.first()


def take(answers: Answers, number: int, description: Answer | None, language: str) -> EntityFields:
    """The fields of this entity type. ``description`` is the answer that describes them, if the type has one."""
    listing = _list_of(number, language)
    reading = listing.read(answers)
    described = field_descriptions.take(description)
    fields: list[UserField] = []
    dropped: list[str] = []
    if listing.key in answers:
        own_language = portal_facts.portal_language(answers) or language
        in_own = _list_of(number, own_language).read(answers) if own_language != language else None
        fields, dropped = answers[listing.key].once(
            _fields, reading, number, language, description, in_own, own_language
        )
    verdict = of_reading(reading, dropped=dropped)
    if verdict == COMPLETE and (without_values := codes_without_values(fields)):
        verdict = partial(ReasonCode.VALUES_MISSING, ", ".join(without_values[:10]))
    if verdict == COMPLETE and number in field_descriptions.DESCRIBED and (fields or described):
        verdict = compared_with_description(description, described, fields)
    if verdict == COMPLETE and number == REQUISITE:
        verdict = _compared_with_requisites(answers, fields)
    if verdict == COMPLETE and number == LEAD and portal_facts.leads_are_off(answers):
        verdict = Verdict(State.COMPLETE, Reason(ReasonCode.LEADS_OFF))
    labels = full_read.of_classic(answers, number, CLASSIC_METHODS[number], language)
    return EntityFields(key_of(number), *full_read.named(tuple(fields), verdict, labels))


def _list_of(number: int, language: str) -> Listing:
    """The field list of a classic entity type. It has labels only if the filter names a language."""
    params = {"order": {"SORT": "ASC"}, "filter": {"LANG": language}}
    return Listing(full_read.classic_key(number, language), CLASSIC_METHODS[number], params)


def _fields(
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
    labels = dict(translate_rows(own_rows, classic_label_by_code)[0])

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

    return translate_rows(reading.rows, translate)


def _compared_with_requisites(answers: Answers, fields: list[UserField]) -> Verdict:
    """The verdict on the fields of requisites: partial if the description, which only a full read has, names more."""
    codes = standard_fields.user_fields_of_requisites(answers)
    missing = sorted((codes or set()) - {field.code for field in fields})
    return partial(ReasonCode.FIELDS_DISAGREE, ", ".join(missing[:10])) if missing else COMPLETE
