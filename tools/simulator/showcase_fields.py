"""User fields of «Ромашка Опт»: every type, long, empty and odd lists, a twin label, a field without one."""

from __future__ import annotations

from tools.simulator.field_making import add_field
from tools.simulator.ledger import Crm
from tools.simulator.words import words

#: More than fifty, so that the list goes to the appendix of a specification.
_SORTS = words("""
    Роза Тюльпан Пион Хризантема Гербера Лилия Орхидея Ирис Нарцисс Гвоздика Астра Фрезия Эустома
    Альстромерия Гортензия Ранункулюс Анемон Мимоза Сирень Подсолнух Ромашка Василёк Лаванда Дельфиниум
    Гладиолус Георгин Калла Антуриум Стрелиция Протея Гипсофила Статица Лизиантус Матиола Нигелла
    Скабиоза Аллиум Гиацинт Мускари Крокус Примула Фиалка Цикламен Бегония Петуния Эвкалипт Рускус
    Аспидистра Папоротник Салал Питтоспорум Хамелациум Брассика Лимониум
    """)


def add_fields(crm: Crm) -> None:
    """The showcase's user fields exist; its smart processes and app type must be there already."""
    _lead_and_deal_fields(crm)
    _customer_fields(crm)
    _other_fields(crm)


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
    add_field(crm, deal, "enumeration", "Сорта", sort=20, values=_SORTS, multiple=True)
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
