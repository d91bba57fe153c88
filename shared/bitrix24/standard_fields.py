"""The standard fields of entity types, which a full read includes.

Their descriptions (``crm.item.fields``) come with an ordinary read already. Only requisites need a command of their
own, because the universal methods do not know them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.bitrix24 import entity_types, field_descriptions
from shared.bitrix24.coerce import Attributes, Odd, flag, required_text, text
from shared.bitrix24.commands import Answer, Answers, Command
from shared.bitrix24.entity_numbers import BUILT_IN, ON_DEMAND, REQUISITE, key_of
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.rows import UnexpectedShape, map_of, translate_rows
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_error, with_items, without_rows
from shared.domain.coverage import Reason, ReasonCode, State
from shared.domain.snapshot import StandardField

# Source: Bitrix24 REST documentation, crm.requisite.fields: a map by code, user fields among them.
_OF_REQUISITES = Command(field_descriptions.described(REQUISITE), "crm.requisite.fields")


@dataclass(frozen=True, slots=True)
class EntityStandardFields:
    """The standard fields of one entity type and how completely they are known."""

    entity_type: str
    fields: tuple[StandardField, ...]
    verdict: Verdict


def rest(answers: Answers) -> list[Command]:
    """The commands that a full read adds to an ordinary one."""
    return [] if _OF_REQUISITES.key in answers else [_OF_REQUISITES]


def user_fields_of_requisites(answers: Answers) -> set[str] | None:
    """The codes of the user fields in the description of requisites; ``None`` if it was not read."""
    answer = answers.get(_OF_REQUISITES.key)
    if answer is None or not answer.ok:
        return None
    try:
        return {code for code in map_of(answer) if code.upper().startswith("UF_")}
    except UnexpectedShape:
        return None


def take(answers: Answers) -> Iterator[EntityStandardFields]:
    """The standard fields of every entity type that has or could have any."""
    descriptions = field_descriptions.answers_by_type(answers)
    for number in (*BUILT_IN, *ON_DEMAND):
        if number in ON_DEMAND and not entity_types.in_use(answers, number):
            continue
        if number == REQUISITE:
            yield _taken(number, answers.get(_OF_REQUISITES.key), _OF_REQUISITES.method)
        elif number in field_descriptions.DESCRIBED:
            yield _taken(number, descriptions.get(number), field_descriptions.METHOD)
        else:
            reason = Reason(ReasonCode.NOT_DESCRIBED, key_of(number))
            yield EntityStandardFields(key_of(number), (), Verdict(State.NOT_AVAILABLE, reason))
    for row in entity_types.smart_processes(answers):
        number = row.entity_type_id
        yield _taken(number, descriptions.get(number), field_descriptions.METHOD)


def _taken(number: int, answer: Answer | None, method: str) -> EntityStandardFields:
    key = key_of(number)
    answer = answer or Answer(method, error=PortalError(Fault.NOT_ANSWERED))
    if answer.error is not None:
        return EntityStandardFields(key, (), of_error(answer.error, method))
    fields, dropped = answer.once(_fields, key)
    verdict = COMPLETE
    if dropped:
        verdict = with_items(without_rows(method, dropped), len(fields))
    elif not fields:
        # Every entity type has at least an id.
        verdict = of_error(PortalError(Fault.SHAPE), method)
    return EntityStandardFields(key, fields, verdict)


def _fields(answer: Answer, key: str) -> tuple[tuple[StandardField, ...], list[str]]:
    """The standard fields that make sense, and the rows that could not be used."""
    try:
        described = map_of(answer)
    except UnexpectedShape:
        return (), []
    # Sorted, because the order of a map may vary: of two rows with one code the same one always wins.
    rows = sorted(described.items())
    fields, dropped = translate_rows(rows, lambda named_row: _field(key, *named_row))
    by_code: dict[str, StandardField] = {}
    for field in filter(None, fields):
        if by_code.setdefault(field.code, field) is not field:
            dropped.append(field.code)
    return tuple(by_code.values()), dropped


def _field(key: str, name: str, row: object) -> StandardField | None:
    """The standard field of a row; ``None`` for a user field. Raises Odd or KeyError if it makes no sense."""
    if not isinstance(row, dict):
        raise Odd
    is_universal = key != key_of(REQUISITE)
    code = required_text(row["upperName"] if is_universal else name)
    if code.upper().startswith("UF_"):
        return None
    if code.isdecimal() or name.isdecimal():
        # The map came as a list, so the names are lost.
        raise Odd
    attributes = Attributes()
    return StandardField(
        entity_type=key,
        code=code,
        api_name=required_text(name) if is_universal else None,
        type=required_text(row["type"]),
        multiple=bool(attributes.read("multiple", flag, row.get("isMultiple"))),
        mandatory=bool(attributes.read("mandatory", flag, row.get("isRequired"))),
        read_only=bool(attributes.read("read_only", flag, row.get("isReadOnly"))),
        # Some have their code as a label in every language, such as ID.
        label=attributes.read("label", text, row.get("title")),
        not_understood=attributes.not_understood,
    )
