"""Field descriptions of an entity type (``crm.item.fields``): universal names, list values, labels.

In the first batch the numbers of smart processes are not known yet, so references stand for them, which the portal
replaces by values of an earlier answer of the batch. If it does not, the next batch has the numbers themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from shared.bitrix24 import entity_types
from shared.bitrix24.coerce import Odd, clean, required_integer, required_text, text
from shared.bitrix24.commands import Answer, Answers, Command, Key
from shared.bitrix24.entity_numbers import (
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    QUOTE,
    SMART_DOCUMENT,
    SMART_INVOICE,
)
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.expected import Expected
from shared.bitrix24.php import as_map
from shared.bitrix24.rows import Row, UnexpectedShape, map_of
from shared.domain.snapshot import ListValue

METHOD = "crm.item.fields"
# The built-in entity types of this method. It does not know requisites and old invoices.
DESCRIBED = (LEAD, DEAL, CONTACT, COMPANY, QUOTE, SMART_INVOICE, SMART_DOCUMENT)
# What a portal answers about an entity type that it does not have.
_SWITCHED_OFF = Answer(METHOD, error=PortalError(Fault.NO_OBJECT))


class DescribedField:
    """A user field in the description of its entity type.

    Attributes have the portal's spelling and are not converted, since most are never used: lists have nearly all of
    them as well. ``type`` raises Odd or KeyError if it makes no sense.
    """

    def __init__(self, api_name: str, row: Row) -> None:
        self.api_name = api_name
        self._row = row

    @property
    def type(self) -> str:
        return required_text(self._row["type"])

    @property
    def multiple(self) -> object:
        return self._row.get("isMultiple")

    @property
    def mandatory(self) -> object:
        return self._row.get("isRequired")

    @property
    def labels(self) -> tuple[object, ...]:
        """The candidates for its label, best first."""
        return tuple(map(self._row.get, ("formLabel", "listLabel", "filterLabel")))

    @property
    def values(self) -> tuple[ListValue, ...] | None:
        """The values of a list field, ``None`` for other fields. Raises Odd or KeyError if one makes no sense."""
        return None if self._row.get("items") is None else self._list_values

    @functools.cached_property
    def _list_values(self) -> tuple[ListValue, ...]:
        return _values(self._row["items"])

    @property
    def settings(self) -> object:
        return self._row.get("settings")


Descriptions = Mapping[str, DescribedField]


def first(expected: Expected) -> list[Command]:
    """The commands of the first batch, before the numbers of the smart processes are known."""
    unexpected = {SMART_INVOICE: not expected.invoices, SMART_DOCUMENT: not expected.documents}
    return [
        *(_literal(number) for number in DESCRIBED if not unexpected.get(number)),
        *(_by_reference(row) for row in range(expected.smart_processes)),
    ]


def rest(answers: Answers) -> list[Command]:
    """Commands for entity types that were not expected, and for smart processes that a reference did not reach."""
    descriptions = answers_by_type(answers)
    numbers = [number for number in DESCRIBED if entity_types.is_shown(answers, number)]
    numbers += [row.entity_type_id for row in entity_types.smart_processes(answers)]
    return [
        _literal(number)
        for number in numbers
        if described(number) not in answers and user_field_codes(descriptions.get(number)) is None
    ]


def answers_by_type(answers: Answers) -> dict[int, Answer]:
    """The description of each entity type, by entity type id, whichever command it came by.

    An entity type that the portal does not have, and that was therefore not asked for, is switched off.
    """
    reached = entity_types.by_reference(answers).items()
    keys = {row.entity_type_id: _by_reference(place).key for place, row in reached}
    for number in (*DESCRIBED, *(row.entity_type_id for row in entity_types.smart_processes(answers))):
        if (literal := _literal(number).key) in answers:
            keys[number] = literal
    switched_off = {
        number: _SWITCHED_OFF
        for number in DESCRIBED
        if number not in keys and not entity_types.is_shown(answers, number)
    }
    return switched_off | {number: answers[key] for number, key in keys.items() if key in answers}


def references_work(answers: Answers) -> bool:
    """True when a reference was resolved; then those of the same batch were resolved as well."""
    return any(
        user_field_codes(answers.get(_by_reference(place).key)) is not None
        for place in entity_types.by_reference(answers)
    )


def user_field_codes(answer: Answer | None) -> frozenset[str] | None:
    """The codes of an entity's user fields; ``None`` when its description is not readable."""
    described = take(answer)
    return None if described is None else frozenset(described)


def take(answer: Answer | None) -> Descriptions | None:
    """The user fields of an entity by code; ``None`` when its description is not readable."""
    return None if answer is None or not answer.ok else answer.once(_descriptions)


def _descriptions(answer: Answer) -> Descriptions | None:
    try:
        fields = map_of(answer)
    except UnexpectedShape:
        return None
    fields_by_code: dict[str, DescribedField] = {}
    for name, row in fields.items():
        code = row.get("upperName") if isinstance(row, dict) else None
        if not isinstance(code, str):
            return None
        if code.startswith("UF_"):
            fields_by_code[clean(code)] = DescribedField(clean(name), row)
    return fields_by_code


def _values(items: object) -> tuple[ListValue, ...]:
    try:
        rows = as_map(items).values()
    except TypeError as error:
        raise Odd from error
    if not all(isinstance(row, dict) for row in rows):
        raise Odd
    return tuple(ListValue(required_integer(row["ID"]), text(row.get("VALUE")) or "") for row in rows)


def described(entity_type_id: int) -> Key:
    """The key of a description that is asked for by entity type id."""
    return Key("described", entity_type_id)


def _literal(entity_type_id: int) -> Command:
    return Command(described(entity_type_id), METHOD, {"entityTypeId": entity_type_id})


def _by_reference(row: int) -> Command:
    reference = f"$result[{entity_types.TYPES.key.text}][types][{row}][entityTypeId]"
    return Command(Key("described_by_reference", row), METHOD, {"entityTypeId": reference})
