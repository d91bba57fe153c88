"""The user fields of one entity type and the verdict on them, whichever methods listed them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.bitrix24 import field_descriptions
from shared.bitrix24.commands import Answer
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.field_descriptions import Descriptions
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_error, partial, with_items
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import UserField


@dataclass(frozen=True, slots=True)
class EntityFields:
    """The user fields of one entity type and how completely they are known."""

    entity_type: str
    fields: tuple[UserField, ...]
    verdict: Verdict


def compared_with_description(
    description: Answer | None, described: Descriptions | None, fields: list[UserField]
) -> Verdict:
    """The verdict on a list that is complete by itself: partial if the description, which has every field, differs."""
    if described is None:
        return with_items(of_description(description) or COMPLETE, len(fields))
    differing = sorted(described.keys() ^ {field.code for field in fields})
    return partial(ReasonCode.FIELDS_DISAGREE, ", ".join(differing[:10])) if differing else COMPLETE


def of_description(answer: Answer | None) -> Verdict | None:
    """The verdict on a description that could not be read; ``None`` if it was not asked for."""
    if answer is None:
        return None
    return of_error(answer.error or PortalError(Fault.SHAPE), field_descriptions.METHOD)


def codes_without_values(fields: Iterable[UserField]) -> list[str]:
    """The codes of the fields that have values which could not be used."""
    return [field.code for field in fields if not field.is_understood("values")]
