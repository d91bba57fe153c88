"""A small portal with one of everything, and the files its specification is held against.

``python -m tests.shared.specification.example`` writes the files anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.order import in_business_order
from shared.domain.snapshot import (
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Meaning,
    Pipeline,
    Snapshot,
    Stage,
    User,
    UserField,
)
from shared.specification.txt import render_txt
from shared.wording.language import LANGUAGES
from tests.builders import a_portal, a_reader, a_snapshot, a_user_field, complete_coverage

READ_AT = datetime(2031, 3, 12, 9, 15, tzinfo=timezone(timedelta(hours=3)))

ENTITY_TYPES = (
    EntityType("lead", 1, None, "Лид", "CRM_LEAD", "L"),
    EntityType("deal", 2, None, "Сделка", "CRM_DEAL", "D"),
    EntityType("contact", 3, None, "Контакт", "CRM_CONTACT", "C"),
    EntityType("smart_invoice", 31, None, "Счёт", "CRM_SMART_INVOICE", "SI"),
    EntityType("requisite", 8, None, "Реквизиты", "CRM_REQUISITE", "RQ"),
    EntityType("dynamic_5", 5, None, "Счёт (старая версия)", "CRM_INVOICE", "I"),
    EntityType("dynamic_175", 175, 12, None, "CRM_12", "Taf"),
    EntityType("dynamic_1040", 1040, 7, "Ремонт", "CRM_7", "T410"),
)

PIPELINES = (
    Pipeline("deal", 0, "Общая", 10, is_default=True, directory="DEAL_STAGE"),
    Pipeline("deal", 3, "Розница", 20, is_default=False, directory="DEAL_STAGE_3"),
    Pipeline("smart_invoice", 2, None, 10, is_default=True, directory="SMART_INVOICE_STAGE_2"),
    Pipeline("dynamic_1040", 17, "Общее", 10, is_default=True, directory="DYNAMIC_1040_STAGE_17"),
)


def _stages(
    entity_type: str,
    pipeline_id: int | None,
    directory: str,
    *rows: tuple[str, int, str, Meaning, str | None],
) -> Iterable[Stage]:
    for place, (status_id, number, name, meaning, color) in enumerate(rows, 1):
        yield Stage(
            entity_type,
            pipeline_id,
            directory,
            status_id,
            number,
            name,
            place * 10,
            meaning,
            color,
            system=False,
        )


STAGES = (
    *_stages(
        *("lead", None, "STATUS"),
        ("NEW", 1, "Не обработан", Meaning.PROCESS, "#39A8EF"),
        ("CONVERTED", 3, "Качественный лид", Meaning.SUCCESS, "#7BD500"),
        ("JUNK", 4, "Некачественный лид", Meaning.FAILURE, "#FF5752"),
    ),
    *_stages(
        *("deal", 0, "DEAL_STAGE"),
        ("NEW", 101, "Новая заявка", Meaning.PROCESS, "#39A8EF"),
        (
            "UC_7A1B2C",
            103,
            "Согласование условий с юристами и службой безопасности",
            Meaning.PROCESS,
            "#55D0E0",
        ),
        ("WON", 111, "Оплачена", Meaning.SUCCESS, "#7BD500"),
        ("LOSE", 112, "Отказ", Meaning.FAILURE, "#FF5752"),
        ("APOLOGY", 113, "Анализ причины провала", Meaning.APOLOGY, None),
    ),
    *_stages(
        *("deal", 3, "DEAL_STAGE_3"),
        ("C3:NEW", 301, "Обращение", Meaning.PROCESS, "#39A8EF"),
        ("C3:UC_A1B2C3", 317, "Примерка", Meaning.PROCESS, "#55D0E0"),
        ("C3:WON", 302, "Продано", Meaning.SUCCESS, "#7BD500"),
    ),
    *_stages(
        *("dynamic_1040", 17, "DYNAMIC_1040_STAGE_17"),
        ("DT1040_17:NEW", 401, "Начало", Meaning.PROCESS, "#22B9FF"),
        ("DT1040_17:SUCCESS", 402, "Успех", Meaning.SUCCESS, "#00ff00"),
    ),
)


def _field(
    entity_type: str, number: int, code: str, api_name: str | None, label: str | None, **more: Any
) -> UserField:
    labels = {"ru": label} if label else {}
    return a_user_field(
        entity_type=entity_type, id=number, code=code, api_name=api_name, labels=labels, sort=number, **more
    )


def _values(*texts: str, read: bool = True) -> tuple[ListValue, ...]:
    return tuple(
        ListValue(71 + n, text, 10 * n, default=n == 0, xml_id=f"x{n}") if read else ListValue(71 + n, text)
        for n, text in enumerate(texts)
    )


_AGREED = "Связанные элементы, которые менеджер указывает до перевода сделки на стадию «Согласование условий»"

USER_FIELDS = (
    _field(
        *("deal", 501, "UF_CRM_1700000000001", "ufCrm_1700000000001", "Способ доставки"),
        type="enumeration",
        mandatory=True,
        values=_values("Самовывоз", "Курьер", "Транспортная компания"),
    ),
    _field(
        *("deal", 502, "UF_CRM_1700000000002", "ufCrm_1700000000002", "Откуда узнали о нас"),
        type="crm_status",
        settings={"ENTITY_TYPE": "SOURCE"},
    ),
    _field(
        *("deal", 503, "UF_CRM_1700000000003", "ufCrm_1700000000003", "Склад"),
        type="iblock_element",
        settings={"IBLOCK_TYPE_ID": "lists", "IBLOCK_ID": 17},
    ),
    _field(
        *("deal", 504, "UF_CRM_1700000000004", "ufCrm_1700000000004", "Пустой список"),
        type="enumeration",
    ),
    _field(
        *("deal", 505, "UF_CRM_1700000000005", "ufCrm_1700000000005", _AGREED),
        type="crm",
        multiple=True,
        settings={"LEAD": "N", "CONTACT": "Y", "DYNAMIC_1040": "Y"},
    ),
    _field("deal", 506, "UF_CRM_1700000000006", "ufCrm_1700000000006", "Бюджет", type="money"),
    _field("deal", 507, "UF_CRM_1700000000007", "ufCrm_1700000000007", "бюджет", type="double"),
    _field("deal", 508, "UF_CRM_DELIVERY", "ufCrmDelivery", None, type="address"),
    _field(
        *("deal", 509, "UF_CRM_CITY", "ufCrmCity", "Город"),
        type="enumeration",
        multiple=True,
        values=_values(*(f"Город № {n}" for n in range(1, 52))),
    ),
    _field(
        *("deal", 510, "UF_CRM_1700000000010", "ufCrm_1700000000010", "Направление"),
        type="enumeration",
        values=_values(
            "Оптовые поставки", "Розничные продажи через магазины", "Интернет-магазин", "Тендеры и госзакупки"
        ),
    ),
    _field(
        "contact",
        601,
        "UF_CRM_1700000000020",
        "ufCrm_1700000000020",
        "Последняя встреча\nс клиентом",
        type="date",
    ),
    _field(
        *("smart_invoice", 701, "UF_CRM_SMART_INVOICE_1700000000030", "ufCrmSmartInvoice_1700000000030"),
        "Основание для выставления счёта",
    ),
    _field("requisite", 801, "UF_CRM_1700000000040", None, "ОГРН филиала"),
    _field("dynamic_1040", 901, "UF_CRM_7_1700000000050", "ufCrm7_1700000000050", "Мастер", type="employee"),
    _field(
        "dynamic_1040", 902, "UF_STATUS_LINE", "ufStatusLine", "Строка состояния", type="rest_8_traffic_light"
    ),
    _field(
        *("dynamic_1040", 903, "UF_CRM_7_KIND", "ufCrm7Kind", "Вид ремонта"),
        type="enumeration",
        values=_values("Гарантийный", "Платный", read=False),
    ),
)

DICTIONARIES = (
    Dictionary("INDUSTRY", "Отрасли"),
    Dictionary(
        "SOURCE",
        "Источники",
        (
            DictionaryItem("CALL", 9, "Звонок", 10, system=True),
            DictionaryItem("WEB", 10, "Веб-сайт", 20, system=True),
            DictionaryItem("1", 77, None, 30, system=False),
        ),
    ),
)

USERS = (
    User(12, "Пример Иван", active=True, departments=(1,)),
    User(17, "Смирнова Ева", active=True, position="Руководитель отдела продаж", departments=(1, 7)),
    User(31, None, active=False),
)

DEPARTMENTS = (Department(1, "Ромашка Опт", None, 12), Department(7, "Отдел продаж", 1, 31))

LEFT_OVER = tuple(_stages("deal", 9, "DEAL_STAGE_9", ("C9:NEW", 900, "Новая", Meaning.PROCESS, None)))

GAPS = {
    (Kind.PIPELINES, None): (State.PARTIAL, Reason(ReasonCode.PIPELINES_HIDDEN, "DYNAMIC_175_STAGE_3")),
    (Kind.USER_FIELDS, "lead"): (State.NOT_AVAILABLE, Reason(ReasonCode.LEADS_OFF)),
    (Kind.USER_FIELDS, "dynamic_5"): (
        State.NOT_AVAILABLE,
        Reason(ReasonCode.METHOD_MISSING, "crm.invoice.userfield.list"),
    ),
    (Kind.USER_FIELDS, "dynamic_175"): (
        State.FORBIDDEN,
        Reason(ReasonCode.NO_RIGHTS, "userfieldconfig.list"),
    ),
}


def example() -> Snapshot:
    """A portal read by an integrator whom it hides; one smart process is closed to him."""
    snapshot = a_snapshot(
        number=148,
        portal=a_portal(member_id="0000b7f1c2d3e4f5a6b7c8d9e0f100a1"),
        read_at=READ_AT,
        reader=a_reader(id=77, name="Интегратор Пример"),
        entity_types=ENTITY_TYPES,
        pipelines=PIPELINES,
        stages=STAGES,
        dictionaries=DICTIONARIES,
        user_fields=USER_FIELDS,
        users=USERS,
        departments=DEPARTMENTS,
        orphan_stages=LEFT_OVER,
    )
    return in_business_order(replace(snapshot, coverage=tuple(_coverage(snapshot))))


def _coverage(snapshot: Snapshot) -> Iterable[Coverage]:
    for entry in complete_coverage(snapshot):
        state, reason = GAPS.get(entry.key, (entry.state, entry.reason))
        yield replace(entry, state=state, reason=reason, read_at=READ_AT)


if __name__ == "__main__":
    for language in LANGUAGES:
        file = Path(__file__).with_name(f"example.{language}.txt")
        file.write_bytes(render_txt(example(), language=language, newline="\n", bom=False))
