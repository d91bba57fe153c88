"""What Bitrix24 puts into a CRM by itself: stage sets of new pipelines and filled dictionaries.

Codes, order, colours and semantics follow the platform's own defaults (crm module, status defaults).
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.simulator import ledger
from tools.simulator.ledger import Crm, Directory, Pipeline, Row, SmartProcess


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
    DefaultStage("PREPAYMENT_INVOICE", "Cчёт на предоплату", "Invoice", "#55D0E0"),
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


def localized(names: tuple[str, str], language: str) -> str:
    return names[0] if language == "ru" else names[1]


def add_stage_directory(
    crm: Crm,
    directory_id: str,
    name: str,
    entity_type_id: int,
    pipeline_id: int | None = None,
    stages: tuple[DefaultStage, ...] | None = None,
) -> Directory:
    """A stage directory exists; without ``stages`` it is filled as the platform fills a new one."""
    prefix = stage_prefix(entity_type_id, pipeline_id)
    language = crm.settings.language
    rows = [
        Row(
            crm.next_id("row"),
            prefix + stage.code,
            stage.name(language),
            10 * place,
            stage.system,
            stage.color,
            stage.semantics,
            stage.name(language) if stage.system else "",
        )
        for place, stage in enumerate(default_stages(entity_type_id) if stages is None else stages, start=1)
    ]
    crm.directories[directory_id] = Directory(directory_id, name, rows, entity_type_id, pipeline_id)
    return crm.directories[directory_id]


def add_pipeline(
    crm: Crm,
    entity_type_id: int,
    name: str,
    *,
    sort: int | None = None,
    is_default: bool = False,
    stages: tuple[DefaultStage, ...] | None = None,
) -> Pipeline:
    """A pipeline exists with its directory and stages; only the first deal pipeline has id 0."""
    if entity_type_id == ledger.DEAL:
        pipeline_id = 0 if is_default else crm.next_id("deal pipeline", step=2)
    else:
        pipeline_id = crm.next_id("item pipeline")
    if sort is None:
        sort = 10 * (len(crm.pipelines_of(entity_type_id)) + 1)
    directory = stage_directory(entity_type_id, pipeline_id)
    row = Pipeline(pipeline_id, entity_type_id, name, sort, directory, is_default)
    crm.pipelines.append(row)
    title = DIRECTORY_NAMES.get(directory)
    add_stage_directory(
        crm,
        directory,
        localized(title, crm.settings.language) if title else name,
        entity_type_id,
        pipeline_id,
        stages,
    )
    return row


def add_smart_process(
    crm: Crm,
    title: str,
    *,
    type_id: int | None = None,
    entity_type_id: int | None = None,
    stages: tuple[DefaultStage, ...] | None = None,
    **flags: bool,
) -> SmartProcess:
    """A smart process exists with its default pipeline; without stages that pipeline has no rows."""
    type_id = type_id or crm.next_id("smart process", at_least=7, step=2)
    # New portals number smart processes from 1030 on in even steps, old ones from 128.
    entity_type_id = entity_type_id or crm.next_id("entity type", at_least=1030, step=2)
    defaults = {
        "isStagesEnabled": True,
        "isCategoriesEnabled": False,
        "isClientEnabled": True,
        "isRecyclebinEnabled": True,
        "isAutomationEnabled": True,
        "isSetOpenPermissions": True,
    }
    row = SmartProcess(type_id, entity_type_id, title, defaults | flags)
    crm.smart_processes.append(row)
    name = COMMON_PIPELINE.get(crm.settings.language, "General")
    add_pipeline(
        crm, entity_type_id, name, sort=500, is_default=True, stages=stages if row.stages_enabled else ()
    )
    return row


def fill_with_defaults(crm: Crm) -> None:
    """Whatever the platform creates on the first day is there: stages, dictionaries, currency, presets."""
    language = crm.settings.language
    for directory_id, entity_type_id in (("STATUS", ledger.LEAD), ("QUOTE_STATUS", ledger.QUOTE)):
        add_stage_directory(
            crm, directory_id, localized(DIRECTORY_NAMES[directory_id], language), entity_type_id
        )
    for directory_id, ru, en, entries in DICTIONARIES:
        rows = []
        for place, entry in enumerate(entries, start=1):
            code, _, name = entry.partition("=")
            shown = name if language == "ru" else code.replace("_", " ").capitalize()
            rows.append(Row(crm.next_id("row"), code, shown, 10 * place, system=True, name_init=shown))
        crm.directories[directory_id] = Directory(directory_id, localized((ru, en), language), rows)
    common = COMMON_PIPELINE.get(language, "General")
    add_pipeline(crm, ledger.DEAL, common, sort=300, is_default=True)
    if crm.settings.smart_invoices:
        add_pipeline(crm, ledger.SMART_INVOICE, common, sort=500, is_default=True)
    main, second = ("RUB", "USD") if language == "ru" else ("EUR", "USD")
    crm.currencies = [ledger.Currency(main, main, 100, base=True), ledger.Currency(second, second, 200)]
    crm.presets = [ledger.Preset(1, "Организация"), ledger.Preset(2, "ИП"), ledger.Preset(3, "Физ. лицо")]
