"""«Ромашка Опт»: an invented wholesale company whose CRM has a bit of everything, readable by people."""

from __future__ import annotations

from tools.simulator import ledger
from tools.simulator.defaults import (
    DEAL_STAGES,
    SMART_PROCESS_STAGES,
    DefaultStage,
    stage_directory,
)
from tools.simulator.founding import add_pipeline, add_smart_process, add_stage_directory
from tools.simulator.ledger import AppType, Crm, Department, Row, User
from tools.simulator.showcase_fields import add_fields

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
_PEOPLE: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("Мария", "Ветрова", "Генеральный директор", (1,)),
    ("Иван", "Громов", "Коммерческий директор", (2,)),
    ("Олег", "Зорин", "Руководитель оптовых продаж", (3,)),
    ("Анна", "Лугова", "Менеджер по оптовым продажам", (3,)),
    ("Пётр", "Калинин", "Менеджер по оптовым продажам", (3,)),
    ("Елена", "Полянова", "Управляющая розницей", (4,)),
    ("Дарья", "Морозова", "Флорист", (4,)),
    ("Антон", "Озеров", "Начальник закупок", (5,)),
    ("Юлия", "Рощина", "Закупщик", (5, 6)),
    ("Лев", "Снегов", "", ()),
    ("Вера", "Туманова", "Главный бухгалтер", (7,)),
    ("Игорь", "Шумилов", "Администратор Битрикс24", (1,)),
    ("Марк", "Рощин", "Мастер", (8,)),
    ("", "", "", (6,)),
    ("Тимур", "", "Стажёр", (3,)),
)


def showcase(crm: Crm) -> Crm:
    """The given new CRM, filled as «Ромашка Опт»."""
    crm.settings.title = "Ромашка Опт"
    _people(crm)
    _pipelines(crm)
    _smart_processes(crm)
    crm.app_types = [AppType(8, "rating", "Оценка", "app.66f0000000000.00000001")]
    add_fields(crm)
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
            number,
            name,
            last_name,
            position=position,
            departments=list(departments),
            email=f"user{number}@romashka-opt.example",
        )
        for number, (name, last_name, position, departments) in enumerate(_PEOPLE, start=1)
    ]
    crm.user(1).admin = crm.user(12).admin = True
    crm.user(2).crm_admin = True
    # A plain salesman sees the pipeline of his department only.
    crm.user(3).pipelines = {ledger.DEAL: {0}}
    for dismissed in (7, 10, 14):
        crm.user(dismissed).active = False
    crm.users.append(User(16, "Интегратор", "Внешний", hidden=True, email="help@integrator.example"))
    crm.last_ids |= {"user": 16, "department": 8}


def _pipelines(crm: Crm) -> None:
    wholesale = crm.pipeline(ledger.DEAL, 0)
    wholesale.name, wholesale.sort = "Опт", 10
    name = crm.directories["DEAL_STAGE"].name
    add_stage_directory(crm, "DEAL_STAGE", name, ledger.DEAL, 0, _WHOLESALE)
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
    supply = add_smart_process(crm, "Поставка", type_id=9, entity_type_id=162, isCategoriesEnabled=True)
    supply.solution_id = 12
    add_pipeline(crm, supply.entity_type_id, "Импорт", sort=600)
    add_smart_process(crm, "Ремонт", type_id=162, entity_type_id=1040, stages=_REPAIR)
    add_smart_process(crm, "Холодильные камеры", type_id=11, entity_type_id=1042, isStagesEnabled=False)
