"""Words for the types of fields (Bitrix24 REST documentation: user field types, crm.item.fields)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shared.wording.language import Language

_TYPES: Final[Mapping[str, Mapping[Language, str]]] = {
    "string": {"ru": "строка", "en": "string"},
    "integer": {"ru": "целое число", "en": "integer"},
    "double": {"ru": "число", "en": "number"},
    "boolean": {"ru": "да/нет", "en": "yes/no"},
    "enumeration": {"ru": "список", "en": "list"},
    "date": {"ru": "дата", "en": "date"},
    "datetime": {"ru": "дата и время", "en": "date and time"},
    "money": {"ru": "деньги", "en": "money"},
    "url": {"ru": "ссылка", "en": "link"},
    "address": {"ru": "адрес", "en": "address"},
    "file": {"ru": "файл", "en": "file"},
    "employee": {"ru": "сотрудник", "en": "employee"},
    "crm": {"ru": "элемент CRM", "en": "CRM item"},
    "crm_status": {"ru": "справочник", "en": "dictionary"},
    "iblock_element": {"ru": "элемент инфоблока", "en": "list element"},
    "iblock_section": {"ru": "раздел инфоблока", "en": "list section"},
    "hlblock": {"ru": "highload-блок", "en": "highload block"},
    "text": {"ru": "текст", "en": "text"},
    "char": {"ru": "Y или N", "en": "Y or N"},
    "user": {"ru": "пользователь", "en": "user"},
    "location": {"ru": "местоположение", "en": "location"},
    "crm_entity": {"ru": "сущность CRM", "en": "CRM entity"},
    "crm_category": {"ru": "воронка", "en": "pipeline"},
    "crm_currency": {"ru": "валюта", "en": "currency"},
    "crm_multifield": {"ru": "контактные данные", "en": "contact details"},
    "crm_lead": {"ru": "лид", "en": "lead"},
    "crm_deal": {"ru": "сделка", "en": "deal"},
    "crm_contact": {"ru": "контакт", "en": "contact"},
    "crm_company": {"ru": "компания", "en": "company"},
    "crm_quote": {"ru": "предложение", "en": "quote"},
    "resourcebooking": {"ru": "бронирование", "en": "booking"},
}

# How a portal keeps the types its applications bring: by the number of the application and their own code.
_APPLICATIONS = re.compile(r"rest_[0-9]+_.+", re.DOTALL)
_OF_APPLICATION: Final[Mapping[Language, str]] = {"ru": "тип приложения", "en": "application type"}


def field_type_word(field_type: str, language: Language) -> str:
    """The type in the reader's language; one of an application is called so, with its whole code."""
    words = _TYPES.get(field_type)
    if words:
        return words[language]
    return f"{_OF_APPLICATION[language]} {field_type}" if _APPLICATIONS.fullmatch(field_type) else field_type
