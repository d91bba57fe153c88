"""Answers without a portal: an ordinary small CRM, of which a test changes what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.read_portal import first_commands, snapshot_of
from shared.domain.snapshot import Snapshot
from tests.builders import READ_AT
from tests.shared.bitrix24.reading import an_access

Answered = dict[Key, Answer]
Row = dict[str, Any]

_OWN = {1: "L", 2: "D", 3: "C", 4: "CO", 7: "Q", 8: "RQ", 31: "SI"}
_DIRECTORIES: list[Row] = [
    {"ID": "STATUS", "NAME": "Стадии лидов"},
    {"ID": "SOURCE", "NAME": "Источники"},
    {"ID": "QUOTE_STATUS", "NAME": "Стадии предложений"},
    {"ID": "DEAL_STAGE", "NAME": "Стадии сделки", "CATEGORY_ID": 0},
    {"ID": "SMART_INVOICE_STAGE_1", "NAME": "Счёт (Общая)", "CATEGORY_ID": 1, "CATEGORY_NAME": "Общая"},
]


def _status(number: int, directory: str, status_id: str, semantics: str | None = None) -> Row:
    return {
        "ID": str(number),
        "ENTITY_ID": directory,
        "STATUS_ID": status_id,
        "NAME": status_id.title(),
        "SORT": "10",
        "SYSTEM": "Y",
        "SEMANTICS": semantics,
        "COLOR": "#39A8EF",
    }


def _statuses(directories: Iterable[Row]) -> list[Row]:
    rows = [_status(9, "SOURCE", "CALL")]
    for place, row in enumerate(directories, start=1):
        if row["ID"] != "SOURCE":
            rows.append(_status(place * 100, row["ID"], "NEW"))
            rows.append(_status(place * 100 + 1, row["ID"], "WON", "S"))
    return rows


def _values(smart: Sequence[Row]) -> dict[str, Any]:
    """What each method gives on this portal; the methods not here give an empty list that says so."""
    own = [
        {"ID": number, "NAME": f"№ {number}", "SYMBOL_CODE_SHORT": short} for number, short in _OWN.items()
    ]
    own += [{"ID": row["entityTypeId"], "NAME": row["title"], "SYMBOL_CODE_SHORT": ""} for row in smart]
    directories = [
        *_DIRECTORIES,
        *({"ID": f"DYNAMIC_{row['entityTypeId']}_STAGE_{row['id']}", "NAME": row["title"]} for row in smart),
    ]
    return {
        "app.info": {"SCOPE": ["crm"], "LICENSE": "ru_basic"},
        "profile": {"ID": "1", "ADMIN": True, "NAME": "Мария", "LAST_NAME": "Ветрова"},
        "scope": ["crm", "user_basic", "department", "userfieldconfig"],
        "crm.settings.mode.get": 1,
        "crm.enum.ownertype": own,
        "crm.type.list": {"types": list(smart)},
        "crm.status.entity.types": directories,
        "crm.status.list": _statuses(directories),
        "crm.item.fields": {"fields": []},
        "userfieldconfig.list": {"fields": []},
        "user.get": [{"ID": "1", "ACTIVE": True, "NAME": "Мария", "LAST_NAME": "Ветрова"}],
        "department.get": [{"ID": "1", "NAME": "Ромашка Опт"}],
    }


def answered(
    changes: Mapping[Key, Answer] | None = None, *, smart: Sequence[Row] = (), language: str = "ru"
) -> Answered:
    """The first batch of an ordinary portal without user fields, with these answers changed.

    ``smart``: rows of its smart processes, each with one pipeline.
    """
    values = _values(smart)
    answers: Answered = {}
    for command in first_commands(language):
        value = values.get(command.method, [])
        if command.method == "crm.category.list":
            number = command.params["entityTypeId"]
            row = {"id": 0 if number == 2 else 1, "name": "Общая", "sort": 10, "isDefault": "Y"}
            value = {"categories": [row]}
        if command.params.get("start"):
            value = [] if isinstance(value, list) else {name: [] for name in value}
            answers[command.key] = Answer(command.method, value)
        else:
            answers[command.key] = Answer(command.method, value, _total(value))
    return {**answers, **(changes or {})}


def _total(value: Any) -> int | None:
    rows = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value
    return len(rows) if isinstance(rows, list) else None


def snapshot(answers: Answered, language: str = "ru") -> Snapshot:
    """What these answers amount to."""
    return snapshot_of(answers, an_access(), language=language, read_at=READ_AT)
