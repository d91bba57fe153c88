"""Words for the types of fields (Bitrix24 REST documentation: user field types, crm.item.fields)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shared.wording.language import Language
from shared.wording.sentences import N_, say

_TYPES: Final[Mapping[str, str]] = {
    "string": N_("string"),
    "integer": N_("integer"),
    "double": N_("number"),
    "boolean": N_("yes/no"),
    "enumeration": N_("list"),
    "date": N_("date"),
    "datetime": N_("date and time"),
    "money": N_("money"),
    "url": N_("link"),
    "address": N_("address"),
    "file": N_("file"),
    "employee": N_("employee"),
    "crm": N_("CRM item"),
    "crm_status": N_("dictionary"),
    "iblock_element": N_("list element"),
    "iblock_section": N_("list section"),
    "hlblock": N_("highload block"),
    "text": N_("text"),
    "char": N_("Y or N"),
    "user": N_("user"),
    "location": N_("location"),
    "crm_entity": N_("CRM entity"),
    "crm_category": N_("pipeline"),
    "crm_currency": N_("currency"),
    "crm_multifield": N_("contact details"),
    "crm_lead": N_("lead"),
    "crm_deal": N_("deal"),
    "crm_contact": N_("contact"),
    "crm_company": N_("company"),
    "crm_quote": N_("quote"),
    "resourcebooking": N_("booking"),
}

# The form of types that applications add: the number of the application and the type's code.
_APPLICATIONS = re.compile(r"rest_[0-9]+_.+", re.DOTALL)
_OF_APPLICATION: Final = N_("application type")


def field_type_word(field_type: str, language: Language) -> str:
    """The type in the reader's language; for a type of an application, that word and its whole code."""
    word = _TYPES.get(field_type)
    if word:
        return say(word, language)
    return (
        f"{say(_OF_APPLICATION, language)} {field_type}"
        if _APPLICATIONS.fullmatch(field_type)
        else field_type
    )
