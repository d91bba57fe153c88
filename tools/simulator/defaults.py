"""What Bitrix24 puts into a CRM by itself: stage sets of new pipelines and filled dictionaries.

Codes, order, colours and semantics follow the platform's own defaults (crm module, status defaults).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.simulator import ledger


@dataclass(frozen=True, slots=True)
class DefaultStage:
    code: str
    ru: str
    en: str
    color: str | None = None
    semantics: str | None = None
    system: bool = False

    def name(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


LEAD_STAGES = (
    DefaultStage("NEW", "Не обработан", "Unassigned", "#39A8EF", system=True),
    DefaultStage("IN_PROCESS", "В работе", "In progress", "#2FC6F6"),
    DefaultStage("PROCESSED", "Обработан", "Processed", "#55D0E0"),
    DefaultStage("CONVERTED", "Качественный лид", "Good lead", "#7BD500", "S", system=True),
    DefaultStage("JUNK", "Некачественный лид", "Junk lead", "#FF5752", "F", system=True),
)
DEAL_STAGES = (
    DefaultStage("NEW", "Новая", "New", "#39A8EF", system=True),
    DefaultStage("PREPARATION", "Подготовка документов", "Create papers", "#2FC6F6"),
    DefaultStage("PREPAYMENT_INVOICE", "Счёт на предоплату", "Invoice", "#55D0E0"),
    DefaultStage("EXECUTING", "В работе", "In progress", "#47E4C2"),
    DefaultStage("FINAL_INVOICE", "Финальный счёт", "Final invoice", "#FFA900"),
    DefaultStage("WON", "Сделка успешна", "Deal won", "#7BD500", "S", system=True),
    DefaultStage("LOSE", "Сделка провалена", "Deal lost", "#FF5752", "F", system=True),
    DefaultStage("APOLOGY", "Анализ причины провала", "Analyse failure", "#FF5752", "F"),
)
QUOTE_STAGES = (
    DefaultStage("DRAFT", "Новое", "Draft", "#39A8EF", system=True),
    DefaultStage("SENT", "Отправлено клиенту", "Sent to client", "#2FC6F6"),
    DefaultStage("APPROVED", "Принято", "Accepted", "#7BD500", "S", system=True),
    DefaultStage("DECLAINED", "Отклонено", "Declined", "#FF5752", "F", system=True),
    DefaultStage("APOLOGY", "Анализ причины провала", "Analyse failure", "#FF5752", "F"),
)
SMART_INVOICE_STAGES = (
    DefaultStage("N", "Новый", "New", "#39A8EF", system=True),
    DefaultStage("S", "Отправлен клиенту", "Sent to client", "#2FC6F6"),
    DefaultStage("P", "Оплачен", "Paid", "#7BD500", "S", system=True),
    DefaultStage("D", "Не оплачен", "Unpaid", "#FF5752", "F", system=True),
)
SMART_PROCESS_STAGES = (
    DefaultStage("NEW", "Начало", "Start", "#22B9FF", system=True),
    DefaultStage("PREPARATION", "Подготовка", "Preparation", "#88B9FF"),
    DefaultStage("CLIENT", "Согласование", "Agreement", "#10e5fc"),
    DefaultStage("SUCCESS", "Успех", "Success", "#00ff00", "S", system=True),
    DefaultStage("FAIL", "Провал", "Failure", "#ff0000", "F", system=True),
)

#: Dictionaries in the order the platform names them: id, Russian and English name, "CODE=Русское имя" rows.
DICTIONARIES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "SOURCE",
        "Источники",
        "Sources",
        (
            "CALL=Звонок",
            "EMAIL=Электронная почта",
            "WEB=Веб-сайт",
            "ADVERTISING=Реклама",
            "PARTNER=Существующий клиент",
            "RECOMMENDATION=По рекомендации",
            "TRADE_SHOW=Выставка",
            "WEBFORM=CRM-форма",
            "REPEAT_SALE=Повторные продажи",
            "CALLBACK=Обратный звонок",
            "RC_GENERATOR=Генератор продаж",
            "STORE=Интернет-магазин",
            "OTHER=Другое",
            "BOOKING=Онлайн-запись",
        ),
    ),
    (
        "CONTACT_TYPE",
        "Тип контакта",
        "Contact type",
        (
            "CLIENT=Клиенты",
            "SUPPLIER=Поставщики",
            "PARTNER=Партнёры",
            "OTHER=Другое",
        ),
    ),
    (
        "COMPANY_TYPE",
        "Тип компании",
        "Company type",
        (
            "CUSTOMER=Клиент",
            "SUPPLIER=Поставщик",
            "COMPETITOR=Конкурент",
            "PARTNER=Партнёр",
            "OTHER=Другое",
        ),
    ),
    (
        "EMPLOYEES",
        "Кол-во сотрудников",
        "Employees",
        (
            "EMPLOYEES_1=менее 50",
            "EMPLOYEES_2=50–250",
            "EMPLOYEES_3=250–500",
            "EMPLOYEES_4=более 500",
        ),
    ),
    (
        "INDUSTRY",
        "Сфера деятельности",
        "Industry",
        (
            "IT=Информационные технологии",
            "TELECOM=Связь",
            "MANUFACTURING=Производство",
            "BANKING=Банки",
            "CONSULTING=Консалтинг",
            "FINANCE=Финансы",
            "GOVERNMENT=Правительство",
            "DELIVERY=Доставка",
            "ENTERTAINMENT=Развлечения",
            "NOTPROFIT=Не для получения прибыли",
            "OTHER=Другое",
        ),
    ),
    (
        "DEAL_TYPE",
        "Тип сделки",
        "Deal type",
        (
            "SALE=Продажа",
            "COMPLEX=Комплексная продажа",
            "GOODS=Продажа товара",
            "SERVICES=Услуги",
            "SERVICE=Сервисное обслуживание",
        ),
    ),
    ("HONORIFIC", "Обращения", "Salutations", ("HNR_RU_1=г-н", "HNR_RU_2=г-жа")),
    (
        "CALL_LIST",
        "Статусы обзвона",
        "Call list",
        (
            "IN_WORK=В работе",
            "SUCCESS=Успех",
            "WRONG_NUMBER=Неверный номер",
            "STOP_CALLING=Не звонить",
        ),
    ),
)

DIRECTORY_NAMES = {
    "STATUS": ("Стадии лида", "Lead stages"),
    "QUOTE_STATUS": ("Стадии предложения", "Quote stages"),
    "DEAL_STAGE": ("Стадии сделки", "Deal stages"),
}
COMMON_PIPELINE = {"ru": "Общая", "en": "General"}


def default_stages(entity_type_id: int) -> tuple[DefaultStage, ...]:
    fixed = {
        ledger.LEAD: LEAD_STAGES,
        ledger.DEAL: DEAL_STAGES,
        ledger.QUOTE: QUOTE_STAGES,
        ledger.SMART_INVOICE: SMART_INVOICE_STAGES,
    }
    return fixed.get(entity_type_id, SMART_PROCESS_STAGES)


def stage_directory(entity_type_id: int, pipeline_id: int) -> str:
    """Directory id of a pipeline's stages; the first deal pipeline has no number in it."""
    if entity_type_id == ledger.DEAL:
        return f"DEAL_STAGE_{pipeline_id}" if pipeline_id else "DEAL_STAGE"
    if entity_type_id == ledger.SMART_INVOICE:
        return f"SMART_INVOICE_STAGE_{pipeline_id}"
    return f"DYNAMIC_{entity_type_id}_STAGE_{pipeline_id}"


def stage_prefix(entity_type_id: int | None, pipeline_id: int | None) -> str:
    """What stands before a stage code of this pipeline, the colon included; often nothing."""
    if entity_type_id in (None, ledger.LEAD, ledger.QUOTE) or not pipeline_id:
        return ""
    return f"C{pipeline_id}:" if entity_type_id == ledger.DEAL else f"DT{entity_type_id}_{pipeline_id}:"


def localized(names: Sequence[str], language: str) -> str:
    """The Russian or the English one of two names; every language but Russian gets English."""
    return names[0] if language == "ru" else names[1]
