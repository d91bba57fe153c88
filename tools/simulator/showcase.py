"""«Ромашка Опт»: an invented wholesale company whose CRM has a bit of everything, readable by people."""

from __future__ import annotations

from tools.simulator import ledger
from tools.simulator.defaults import (
    DEAL_STAGES,
    SMART_PROCESS_STAGES,
    DefaultStage,
    add_pipeline,
    add_smart_process,
    stage_directory,
)
from tools.simulator.field_making import add_field
from tools.simulator.ledger import AppType, Crm, Department, Row, Solution, User

_WON, _LOSE, _APOLOGY = DEAL_STAGES[5:]

_WHOLESALE = (
    DefaultStage("NEW", "Новая заявка", "New", "#39A8EF", system=True),
    DefaultStage("PREPARATION", "Подбор ассортимента", "Selection", "#2FC6F6"),
    DefaultStage("UC_7K2M4P", "Согласование цены", "Price", "#55D0E0"),
    DefaultStage("PREPAYMENT_INVOICE", "Выставлен счёт", "Invoice", "#47E4C2"),
    DefaultStage("EXECUTING", "Отгрузка", "Shipment", "#FFA900"),
    DefaultStage("WON", "Оплачена", "Paid", "#7BD500", "S", system=True),
    DefaultStage("LOSE", "Отказ клиента", "Lost", "#FF5752", "F", system=True),
    DefaultStage("APOLOGY", "Разбор причин", "Analysis", "#ff5752", "F"),
)
_RETAIL = (
    DefaultStage("NEW", "Обращение", "Request", "#39A8EF", system=True),
    DefaultStage("UC_A1B2C3", "Консультация", "Advice", "#2fc6f6"),
    DefaultStage("UC_D4E5F6", "Примерка букета", "Try-out", None),
    _WON,
    _LOSE,
)
_TENDERS = (
    DefaultStage("NEW", "Найден тендер", "Found", "#39A8EF", system=True),
    DefaultStage("UC_T1", "Подготовка документов", "Papers", "#2FC6F6"),
    DefaultStage("UC_T2", "Подана заявка", "Applied", "#55D0E0"),
    DefaultStage("UC_T3", "Торги", "Bidding", "#47E4C2"),
    DefaultStage("WON", "Контракт подписан", "Signed", "#7BD500", "S", system=True),
    DefaultStage("LOSE", "Проиграли", "Lost", "#FF5752", "F", system=True),
    DefaultStage("UC_T4", "Сняли с торгов", "Withdrawn", "#FF5752", "F"),
    _APOLOGY,
)
_REPAIR = (
    SMART_PROCESS_STAGES[0],
    DefaultStage("UC_DIAG", "Диагностика", "Diagnosis", "#88b9ff"),
    DefaultStage("CLIENT", "Ждём запчасти", "Parts", "#10e5fc"),
    *SMART_PROCESS_STAGES[3:],
)
_FLOWERS = (
    "Роза",
    "Тюльпан",
    "Пион",
    "Хризантема",
    "Гербера",
    "Лилия",
    "Орхидея",
    "Ирис",
    "Нарцисс",
    "Гвоздика",
    "Астра",
    "Фрезия",
    "Эустома",
    "Альстромерия",
    "Гортензия",
    "Ранункулюс",
    "Анемон",
    "Мимоза",
    "Сирень",
    "Подсолнух",
    "Ромашка",
    "Василёк",
    "Лаванда",
    "Дельфиниум",
    "Гладиолус",
    "Георгин",
    "Калла",
    "Антуриум",
    "Стрелиция",
    "Протея",
    "Гипсофила",
    "Статица",
    "Лизиантус",
    "Матиола",
    "Нигелла",
    "Скабиоза",
    "Аллиум",
    "Гиацинт",
    "Мускари",
    "Крокус",
    "Примула",
    "Фиалка",
    "Цикламен",
    "Бегония",
    "Петуния",
    "Эвкалипт",
    "Рускус",
    "Аспидистра",
    "Папоротник",
    "Салал",
    "Питтоспорум",
    "Хамелациум",
    "Брассика",
    "Лимониум",
)


def showcase(name: str, crm: Crm) -> Crm:
    """The brand-new CRM given, furnished as «Ромашка Опт»."""
    crm.settings.title = "Ромашка Опт"
    _people(crm)
    _pipelines(crm)
    _smart_processes(crm)
    crm.app_types = [AppType(8, "rating", "Оценка", "app.66f0000000000.00000001")]
    _lead_and_deal_fields(crm)
    _customer_fields(crm)
    _other_fields(crm)
    return crm


def _people(crm: Crm) -> None:
    rows = (
        (1, "Ромашка Опт", 100, None, 1),
        (2, "Отдел продаж", 100, 1, 2),
        (3, "Оптовые продажи", 100, 2, 3),
        (4, "Розница", 200, 2, 6),
        (5, "Закупки", 200, 1, 8),
        (6, "Склад", 300, 1, None),
        (7, "Бухгалтерия", 400, 1, 11),
        (8, "Ремонт оборудования", 500, 6, 13),
    )
    crm.departments = [Department(*row) for row in rows]
    crm.users = [
        User(
            1,
            "Мария",
            "Ветрова",
            True,
            "Генеральный директор",
            [1],
            "vetrova@romashka-opt.example",
            "F",
            admin=True,
        ),
        User(
            2,
            "Иван",
            "Громов",
            True,
            "Коммерческий директор",
            [2],
            "gromov@romashka-opt.example",
            "M",
            crm_admin=True,
        ),
        User(3, "Олег", "Зорин", True, "Руководитель оптовых продаж", [3], "zorin@romashka-opt.example", "M"),
        User(
            4, "Анна", "Лугова", True, "Менеджер по оптовым продажам", [3], "lugova@romashka-opt.example", "F"
        ),
        User(
            5,
            "Пётр",
            "Калинин",
            True,
            "Менеджер по оптовым продажам",
            [3],
            "kalinin@romashka-opt.example",
            "M",
        ),
        User(
            6, "Елена", "Полянова", True, "Управляющая розницей", [4], "polyanova@romashka-opt.example", "F"
        ),
        User(7, "Дарья", "Морозова", False, "Флорист", [4], "morozova@romashka-opt.example", "F"),
        User(8, "Антон", "Озеров", True, "Начальник закупок", [5], "ozerov@romashka-opt.example", "M"),
        User(9, "Юлия", "Рощина", True, "Закупщик", [5, 6], "roshchina@romashka-opt.example", "F"),
        User(10, "Лев", "Снегов", False, "", [], "snegov@romashka-opt.example", "M"),
        User(11, "Вера", "Туманова", True, "Главный бухгалтер", [7], "tumanova@romashka-opt.example", "F"),
        User(
            12,
            "Игорь",
            "Шумилов",
            True,
            "Администратор Битрикс24",
            [1],
            "shumilov@romashka-opt.example",
            "M",
            admin=True,
        ),
        User(13, "Марк", "Рощин", True, "Мастер", [8], "roshchin@romashka-opt.example", "M"),
        User(14, "", "", False, "", [6], "ushel@romashka-opt.example"),
        User(15, "Тимур", "", True, "Стажёр", [3], "timur@romashka-opt.example", "M"),
        User(16, "Интегратор", "Внешний", hidden=True, email="help@integrator.example"),
    ]
    crm.last_ids |= {"user": 16, "department": 8}


def _pipelines(crm: Crm) -> None:
    wholesale = crm.pipeline(ledger.DEAL, 0)
    wholesale.name, wholesale.sort = "Опт", 10
    for row, stage in zip(crm.directories["DEAL_STAGE"].rows, _WHOLESALE, strict=True):
        row.status_id, row.name, row.color, row.semantics = stage.code, stage.ru, stage.color, stage.semantics
        row.system, row.name_init = stage.system, row.name_init if stage.system else ""
    crm.last_ids["deal pipeline"] = 1
    add_pipeline(crm, ledger.DEAL, "Розница", sort=20, stages=_RETAIL)
    add_pipeline(crm, ledger.DEAL, "Тендеры", sort=30, stages=_TENDERS)
    gone = add_pipeline(crm, ledger.DEAL, "Экспорт", sort=40, stages=DEAL_STAGES[:1] + DEAL_STAGES[5:7])
    crm.pipelines.remove(gone)
    crm.directories[stage_directory(ledger.DEAL, gone.id)].leftover = True
    spam = Row(crm.next_id("row"), "UC_SPAM01", "Спам", 60, color="#A8ADB4", semantics="F")
    crm.directories["STATUS"].rows.append(spam)
    crm.directories["SOURCE"].rows.append(Row(crm.next_id("row"), "1", "Ярмарка «Цветы»", 150))
    crm.directories["COMPANY_TYPE"].rows.append(Row(crm.next_id("row"), "UC_RETAIL", "Сеть магазинов", 25))


def _smart_processes(crm: Crm) -> None:
    crm.solutions = [Solution(12, "Логистика")]
    supply = add_smart_process(crm, "Поставка", type_id=9, entity_type_id=162, isCategoriesEnabled=True)
    supply.solution_id = 12
    add_pipeline(crm, supply.entity_type_id, "Импорт", sort=600)
    add_smart_process(crm, "Ремонт", type_id=162, entity_type_id=1040, stages=_REPAIR)
    add_smart_process(crm, "Холодильные камеры", type_id=11, entity_type_id=1042, isStagesEnabled=False)


def _lead_and_deal_fields(crm: Crm) -> None:
    lead, deal = "CRM_LEAD", "CRM_DEAL"
    add_field(
        crm, lead, "enumeration", "Канал обращения", sort=10, values=("Телефон", "Мессенджер", "Выставка")
    )
    add_field(crm, lead, "string", "Что ищет клиент", sort=20)
    add_field(crm, lead, "boolean", "Согласен на рассылку", sort=30)
    add_field(crm, lead, "crm_status", "Отрасль", code="UF_CRM_LEAD_INDUSTRY", sort=40)

    delivery = add_field(
        crm,
        deal,
        "enumeration",
        "Способ доставки",
        sort=10,
        mandatory=True,
        values=("Самовывоз", "Курьер", "Транспортная компания"),
    )
    delivery.xml_id = "DELIVERY"
    delivery.labels["en"] = "Delivery"
    add_field(crm, deal, "enumeration", "Сорта", sort=20, values=_FLOWERS, multiple=True)
    add_field(crm, deal, "enumeration", "Причина скидки", sort=30)
    add_field(crm, deal, "money", "Сумма предоплаты", sort=40, settings={"DEFAULT_VALUE": "1000|RUB"})
    add_field(crm, deal, "date", "Дата отгрузки", code="UF_CRM_SHIP_DATE", sort=50, mandatory=True)
    add_field(crm, deal, "datetime", "Время прибытия машины", sort=60)
    add_field(crm, deal, "address", "Адрес доставки", sort=70)
    add_field(crm, deal, "file", "Накладная", sort=80, multiple=True)
    add_field(crm, deal, "employee", "Ответственный за отгрузку", sort=90)
    add_field(
        crm,
        deal,
        "crm",
        "Связанные поставки",
        sort=100,
        multiple=True,
        settings={"LEAD": "N", "CONTACT": "N", "COMPANY": "N", "DEAL": "N", "DYNAMIC_162": "Y"},
    )
    add_field(crm, deal, "iblock_element", "Склад отгрузки", sort=100)
    add_field(crm, deal, "string", None, code="UF_CRM_5E1F3A77B0C1D", sort=110)
    # The same label twice: only the code tells the two apart.
    add_field(crm, deal, "string", "Комментарий логиста", sort=120)
    add_field(crm, deal, "string", "Комментарий логиста", sort=120, settings={"ROWS": 5, "SIZE": 40})
    add_field(crm, deal, "rest_8_rating", "Оценка сделки", sort=130, settings={})
    add_field(crm, deal, "url", "Ссылка на тендер", sort=140)
    add_field(crm, deal, "double", "Вес, кг", code="UF_CRM_WEIGHT_2", sort=150)


def _customer_fields(crm: Crm) -> None:
    contact, company = "CRM_CONTACT", "CRM_COMPANY"
    add_field(crm, contact, "date", "День именин", sort=10)
    add_field(
        crm, contact, "enumeration", "Роль в закупке", sort=20, values=("Решает", "Влияет", "Исполняет")
    )
    add_field(crm, contact, "boolean", "Получает прайс-лист", sort=30)
    add_field(
        crm, company, "enumeration", "Категория клиента", sort=10, values=("A", "B", "C"), mandatory=True
    )
    add_field(crm, company, "integer", "Отсрочка, дней", sort=20)
    add_field(crm, company, "money", "Кредитный лимит", sort=30)
    add_field(crm, company, "employee", "Закреплённый менеджер", sort=40)
    add_field(crm, company, "iblock_section", "Раздел каталога", sort=50)
    add_field(crm, company, "resourcebooking", "Окно разгрузки", sort=60)


def _other_fields(crm: Crm) -> None:
    add_field(crm, "CRM_QUOTE", "date", "Цена действует до", sort=10)
    add_field(crm, "CRM_QUOTE", "enumeration", "Валюта прайса", sort=20, values=("Рубли", "Юани"))
    add_field(crm, "CRM_SMART_INVOICE", "string", "Номер договора", sort=10)
    add_field(
        crm, "CRM_SMART_INVOICE", "enumeration", "Основание", sort=20, values=("Договор", "Счёт-оферта")
    )
    add_field(crm, "CRM_REQUISITE", "string", "ЭДО-идентификатор", code="UF_CRM_EDO_ID", sort=10)
    supply, repair, cold = "CRM_9", "CRM_162", "CRM_11"
    add_field(
        crm,
        supply,
        "enumeration",
        "Состояние груза",
        code="UF_CRM_9_STATE",
        sort=10,
        values=("В пути", "На таможне", "Принят", "Брак"),
    )
    add_field(crm, supply, "string", "Номер фуры", sort=20, mandatory=True)
    add_field(
        crm,
        supply,
        "crm",
        "Сделки",
        sort=30,
        multiple=True,
        settings={"DEAL": "Y", "LEAD": "N", "CONTACT": "N", "COMPANY": "N"},
    )
    add_field(crm, repair, "string", "Состояние", code="UF_STATUS_LINE", sort=100)
    add_field(crm, repair, "enumeration", "Тип поломки", sort=110, values=("Холод", "Электрика", "Кузов"))
    add_field(crm, cold, "double", "Температура, °C", code="UF_CRM_11_TEMPERATURE", sort=10)
    add_field(crm, cold, "boolean", "Под охраной", sort=20)
