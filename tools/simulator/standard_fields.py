"""The fields items have in every portal, entity type by entity type, with Russian and English titles.

Source: Bitrix24 REST documentation, crm.item.fields and crm.requisite.fields. Some have no title: their code stands
in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.simulator import ledger


@dataclass(frozen=True, slots=True)
class StandardField:
    """A field of an entity type. ``directory`` is that of a status; empty: the stages of the default pipeline."""

    code: str
    type: str
    ru: str
    en: str
    directory: str | None = None
    multiple: bool = False
    mandatory: bool = False
    read_only: bool = False

    @property
    def titles(self) -> tuple[str, str]:
        return self.ru or self.code, self.en or self.code


def _a(code: str, declared: str, ru: str = "", en: str = "", flags: str = "") -> StandardField:
    """A field whose type may name a directory behind a colon; M: several values, R: required, O: read only."""
    kind, has_directory, directory = declared.partition(":")
    return StandardField(
        code, kind, ru, en, directory if has_directory else None, "M" in flags, "R" in flags, "O" in flags
    )


_ITEM = (
    _a("ID", "integer", "ID", "ID", "O"),
    _a("XML_ID", "string", "Внешний код", "External code"),
    _a("ASSIGNED_BY_ID", "user", "Ответственный", "Responsible"),
    _a("CREATED_BY", "user", "Кем создан", "Created by", "O"),
    _a("CREATED_TIME", "datetime", "Когда создан", "Created on", "O"),
    _a("UPDATED_BY", "user", "Кем изменён", "Updated by", "O"),
    _a("UPDATED_TIME", "datetime", "Когда изменён", "Updated on", "O"),
    _a("OPENED", "boolean", "Доступен для всех", "Available to everyone", "R"),
    _a("LAST_ACTIVITY_TIME", "datetime", "Последняя активность", "Last activity", "O"),
    _a("WEBFORM_ID", "integer", "Создан CRM-формой", "Created by CRM form"),
)
_MOVING = (
    _a("MOVED_BY", "user", "Кем передвинут", "Moved by", "O"),
    _a("MOVED_TIME", "datetime", "Когда передвинут", "Moved on", "O"),
    _a("OBSERVERS", "user", "Наблюдатели", "Observers", "M"),
)
_COMMENTS = _a("COMMENTS", "text", "Комментарий", "Comment")
_SOURCE = (
    _a("SOURCE_ID", "crm_status:SOURCE", "Источник", "Source"),
    _a("SOURCE_DESCRIPTION", "text", "Дополнительно об источнике", "Source information"),
)
_UTM = (
    _a("UTM_SOURCE", "string", "Рекламная система", "UTM source"),
    _a("UTM_MEDIUM", "string", "Тип трафика", "UTM medium"),
    _a("UTM_CAMPAIGN", "string", "Обозначение рекламной кампании", "UTM campaign"),
    _a("UTM_CONTENT", "string", "Содержание кампании", "UTM content"),
    _a("UTM_TERM", "string", "Условие поиска кампании", "UTM term"),
)
_MONEY = (
    _a("OPPORTUNITY", "double", "Сумма", "Amount"),
    _a("IS_MANUAL_OPPORTUNITY", "boolean", "Режим расчёта суммы", "Amount entered by hand"),
    _a("CURRENCY_ID", "crm_currency", "Валюта", "Currency"),
)
_CLIENT = (
    _a("COMPANY_ID", "crm_company", "Компания", "Company"),
    _a("CONTACT_ID", "crm_contact", "Контакт", "Contact"),
    _a("CONTACT_IDS", "crm_contact", flags="M"),
)
_DATES = (
    _a("BEGINDATE", "date", "Дата начала", "Start date"),
    _a("CLOSEDATE", "date", "Дата завершения", "End date"),
)
_MY_COMPANY = _a("MYCOMPANY_ID", "crm_company", "Реквизиты вашей компании", "Details of your company")
_PERSON = (
    _a("HONORIFIC", "crm_status:HONORIFIC", "Обращение", "Salutation"),
    _a("NAME", "string", "Имя", "First name"),
    _a("SECOND_NAME", "string", "Отчество", "Middle name"),
    _a("LAST_NAME", "string", "Фамилия", "Last name"),
    _a("BIRTHDATE", "date", "Дата рождения", "Date of birth"),
    _a("POST", "string", "Должность", "Position"),
)
_REACHED_BY = (
    _a("PHONE", "crm_multifield", "Телефон", "Phone", "M"),
    _a("EMAIL", "crm_multifield", "E-mail", "E-mail", "M"),
)

_OF: dict[int, tuple[StandardField, ...]] = {
    ledger.LEAD: (
        *_ITEM,
        _a("TITLE", "string", "Название лида", "Lead name"),
        _a("STAGE_ID", "crm_status:STATUS", "Стадия", "Stage"),
        _a("STATUS_DESCRIPTION", "text", "Дополнительно о стадии", "Stage information"),
        _a("COMPANY_TITLE", "string", "Название компании", "Company name"),
        *(*_PERSON, *_REACHED_BY, *_SOURCE, *_MONEY, *_CLIENT, *_MOVING, _COMMENTS, *_UTM),
    ),
    ledger.DEAL: (
        *_ITEM,
        _a("TITLE", "string", "Название", "Name"),
        _a("TYPE_ID", "crm_status:DEAL_TYPE", "Тип", "Type"),
        _a("CATEGORY_ID", "crm_category", "Воронка", "Pipeline"),
        _a("STAGE_ID", "crm_status:", "Стадия сделки", "Stage"),
        _a("STAGE_SEMANTIC_ID", "string", "Группа стадии", "Stage group", "O"),
        _a("PROBABILITY", "integer", "Вероятность", "Probability"),
        _a("TAX_VALUE", "double", "Сумма налога", "Tax amount"),
        _a("LEAD_ID", "crm_lead", "Лид", "Lead", "O"),
        _a("IS_RETURN_CUSTOMER", "boolean", "Повторная сделка", "Repeat deal"),
        *(*_MONEY, *_CLIENT, *_DATES, *_SOURCE, *_MOVING, _COMMENTS, *_UTM),
    ),
    ledger.CONTACT: (
        *_ITEM,
        *_PERSON,
        _a("TYPE_ID", "crm_status:CONTACT_TYPE", "Тип контакта", "Contact type"),
        _a("PHOTO", "file", "Фотография", "Photo"),
        _a("COMPANY_ID", "crm_company", "Компания", "Company"),
        _a("COMPANY_IDS", "crm_company", flags="M"),
        _a("EXPORT", "boolean", "Участвует в экспорте контактов", "Include in export"),
        *(*_REACHED_BY, *_SOURCE, _COMMENTS, *_UTM),
    ),
    ledger.COMPANY: (
        *_ITEM,
        _a("TITLE", "string", "Название компании", "Company name"),
        _a("COMPANY_TYPE", "crm_status:COMPANY_TYPE", "Тип компании", "Company type"),
        _a("INDUSTRY", "crm_status:INDUSTRY", "Сфера деятельности", "Industry"),
        _a("EMPLOYEES", "crm_status:EMPLOYEES", "Количество сотрудников", "Employees"),
        _a("REVENUE", "double", "Годовой оборот", "Annual revenue"),
        _a("CURRENCY_ID", "crm_currency", "Валюта", "Currency"),
        _a("LOGO", "file", "Логотип", "Logo"),
        _a("IS_MY_COMPANY", "boolean", "Моя компания", "My company"),
        *(*_REACHED_BY, _COMMENTS, *_UTM),
    ),
    ledger.QUOTE: (
        *_ITEM,
        _a("TITLE", "string", "Тема", "Subject", "R"),
        _a("QUOTE_NUMBER", "string", "Номер", "Number"),
        _a("STAGE_ID", "crm_status:QUOTE_STATUS", "Стадия", "Stage"),
        _a("DEAL_ID", "crm_deal", "Сделка", "Deal"),
        _a("CONTENT", "text", "Содержание", "Content"),
        _a("TERMS", "text", "Условия", "Terms"),
        *(*_MONEY, *_CLIENT, *_DATES, _MY_COMPANY, _COMMENTS, *_UTM),
    ),
    ledger.SMART_INVOICE: (
        *_ITEM,
        _a("TITLE", "string", "Тема", "Subject"),
        _a("ACCOUNT_NUMBER", "string", "Номер", "Number"),
        _a("CATEGORY_ID", "crm_category", "Воронка", "Pipeline"),
        _a("STAGE_ID", "crm_status:", "Стадия", "Stage"),
        *(*_MONEY, *_CLIENT, *_DATES, _MY_COMPANY, *_SOURCE, *_MOVING, _COMMENTS),
    ),
    ledger.REQUISITE: (
        _a("ID", "integer", "ID", "ID", "O"),
        _a("ENTITY_TYPE_ID", "integer", "ID типа сущности", "Entity type ID", "R"),
        _a("ENTITY_ID", "integer", "ID сущности", "Entity ID", "R"),
        _a("PRESET_ID", "integer", "ID шаблона", "Template ID", "R"),
        _a("DATE_CREATE", "datetime", "Дата создания", "Created on", "O"),
        _a("DATE_MODIFY", "datetime", "Дата изменения", "Modified on", "O"),
        _a("CREATED_BY_ID", "user", "Создал", "Created by", "O"),
        _a("MODIFY_BY_ID", "user", "Изменил", "Modified by", "O"),
        _a("NAME", "string", "Название", "Name"),
        _a("XML_ID", "string", "Внешний код", "External code"),
        _a("ORIGINATOR_ID", "string"),
        _a("ACTIVE", "char", "Активен", "Active"),
        _a("SORT", "integer", "Сортировка", "Sorting"),
        _a("RQ_COMPANY_NAME", "string", "Краткое наименование организации", "Short company name"),
        _a("RQ_DIRECTOR", "string", "Ген. директор", "CEO"),
        _a("RQ_INN", "string", "ИНН", "Taxpayer number"),
        _a("RQ_KPP", "string", "КПП"),
        _a("RQ_OGRN", "string", "ОГРН"),
        _a("RQ_IDENT_TYPE", "crm_status:RQ_IDENT_TYPE_CO"),
    ),
}
_SMART_PROCESS = (
    *_ITEM,
    _a("TITLE", "string", "Название", "Name"),
    _a("CATEGORY_ID", "crm_category", "Воронка", "Pipeline"),
    _a("STAGE_ID", "crm_status:", "Стадия", "Stage"),
    _a("PREVIOUS_STAGE_ID", "crm_status:", "Предыдущая стадия", "Previous stage", "O"),
    *(*_MONEY, *_CLIENT, *_DATES, _MY_COMPANY, *_SOURCE, *_MOVING),
)


def standard_fields(entity_type_id: int) -> tuple[StandardField, ...]:
    """The standard fields of an entity type."""
    return _OF.get(entity_type_id, _SMART_PROCESS)
