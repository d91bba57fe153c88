"""Portals made by number: tiny, small, medium, large and brand-new ones, the same for the same seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from tools.simulator import ledger, words
from tools.simulator.defaults import DEAL_STAGES, DefaultStage
from tools.simulator.field_making import SETTINGS, add_field, field_prefix
from tools.simulator.founding import add_pipeline, add_smart_process, fill_with_defaults
from tools.simulator.ledger import AppType, Crm, Department, Settings, User
from tools.simulator.showcase import showcase


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; pipelines are those of deals, fields those outside smart processes."""

    pipelines: int
    fields: int
    smart_processes: int
    fields_each: int
    users: int
    departments: int


NUMBERED = {
    "tiny": Size(1, 3, 0, 0, 2, 2),
    "S": Size(1, 20, 0, 0, 10, 3),
    "M": Size(10, 300, 3, 10, 300, 25),
    "L": Size(60, 2_000, 30, 40, 3_000, 120),
}

#: Shares of the fields outside smart processes; deals take what rounding leaves.
_SHARES = {
    "CRM_LEAD": 20,
    "CRM_CONTACT": 13,
    "CRM_COMPANY": 13,
    "CRM_QUOTE": 5,
    "CRM_REQUISITE": 5,
    "CRM_SMART_INVOICE": 5,
}
#: Users who are never dismissed or left without a department: administrator, CRM administrator, employee.
_KNOWN = (1, 2, 3)


def _founded(name: str, title: str, mode: int = 1) -> Crm:
    member_id = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    crm = Crm(Settings(title, mode=mode, member_id=member_id))
    fill_with_defaults(crm)
    return crm


def _empty(name: str, _dice: random.Random) -> Crm:
    crm = _founded(name, "Новый портал", mode=2)
    crm.departments = [Department(1, "Моя компания", head_id=1)]
    crm.users = [User(1, "Анна", "Первая", departments=[1], email="admin@portal.example", admin=True)]
    return crm


def _numbered(size: Size) -> Callable[[str, random.Random], Crm]:
    def build(name: str, dice: random.Random) -> Crm:
        crm = _founded(name, f"Портал {name}")
        _add_people(crm, size, dice)
        for number in range(2, size.pipelines + 1):
            add_pipeline(
                crm,
                ledger.DEAL,
                f"Воронка {number}",
                sort=dice.choice((10, 20, 200, 500)),
                stages=_some_stages(dice),
            )
        _add_smart_processes(crm, size, dice)
        _add_fields(crm, size, dice)
        return crm

    return build


def _happens(dice: random.Random, share: float) -> bool:
    return dice.random() < share


def _some_stages(dice: random.Random) -> tuple[DefaultStage, ...] | None:
    """The default set, or one with stages of the portal's own; there are always success and failure."""
    if _happens(dice, 0.5):
        return None
    own = tuple(
        DefaultStage(
            f"UC_{dice.randrange(16**6):06X}",
            f"Этап {place}",
            f"Step {place}",
            f"#{dice.randrange(16**6):06x}",
        )
        for place in range(1, dice.randint(2, 9))
    )
    return (DEAL_STAGES[0], *own, *DEAL_STAGES[5:])


def _add_people(crm: Crm, size: Size, dice: random.Random) -> None:
    crm.departments = [Department(1, crm.settings.title, head_id=1)]
    for number in range(2, size.departments + 1):
        parent = dice.randint(1, min(number - 1, 12))
        unit = f"{words.UNITS[number % len(words.UNITS)]} {number}"
        head = dice.randint(1, size.users) if _happens(dice, 0.7) else None
        crm.departments.append(Department(number, unit, dice.choice((100, 200, 500)), parent, head))
    for number in range(1, size.users + 1):
        woman = _happens(dice, 0.5)
        last_name = dice.choice(words.LAST_NAMES) + ("а" if woman else "")
        active = number in _KNOWN or not _happens(dice, 0.1)
        belongs = number in _KNOWN or not _happens(dice, 0.03)
        departments = (
            dice.sample(range(1, size.departments + 1), dice.choice((1, 1, 1, 2))) if belongs else []
        )
        crm.users.append(
            User(
                number,
                dice.choice(words.WOMEN if woman else words.MEN),
                last_name,
                active,
                dice.choice(words.POSITIONS),
                departments,
                f"user{number}@portal.example",
                "F" if woman else "M",
                admin=number == 1,
                crm_admin=number == 2,
            )
        )
    nameless = crm.users[-1]
    nameless.name = nameless.last_name = ""
    crm.users.append(User(size.users + 1, "Интегратор", "Скрытый", hidden=True))
    crm.last_ids |= {"user": size.users + 1, "department": size.departments}


def _add_smart_processes(crm: Crm, size: Size, dice: random.Random) -> None:
    if not size.smart_processes:
        return
    # The entity type id of the first is the type id of the second: the two numbers must never be mixed up.
    add_smart_process(crm, "Поставка 1", entity_type_id=162, isCategoriesEnabled=True)
    add_smart_process(crm, "Ремонт 2", type_id=162)
    for number in range(3, size.smart_processes + 1):
        many = _happens(dice, 0.4)
        process = add_smart_process(crm, f"Процесс {number}", isCategoriesEnabled=many)
        process.solution_id = dice.choice((None, 12, 13))
        if many:
            add_pipeline(crm, process.entity_type_id, f"Вторая воронка {number}", sort=500)


def _add_fields(crm: Crm, size: Size, dice: random.Random) -> None:
    crm.app_types = [
        AppType(8, "rating", "Рейтинг", "app.0000000000.example"),
        AppType(9, "gone", "Старый тип", None),
    ]
    counts = {owner: size.fields * share // 100 for owner, share in _SHARES.items()}
    counts["CRM_DEAL"] = size.fields - sum(counts.values())
    for owner, count in counts.items():
        _add_fields_of(crm, owner, count, dice)
    for process in crm.smart_processes:
        _add_fields_of(crm, process.field_owner, size.fields_each, dice)


def _add_fields_of(crm: Crm, owner: str, count: int, dice: random.Random) -> None:
    # App types stay away from requisites: nothing there would show which application they belong to.
    kinds = [*SETTINGS, "string", "enumeration", "enumeration", "double", "date"]
    kinds += [] if owner == "CRM_REQUISITE" else [row.stored for row in crm.app_types]
    for number in range(1, count + 1):
        kind = kinds[number % len(kinds)]
        code = f"{field_prefix(owner)}FIELD_{chr(64 + number % 26 + 1)}{chr(65 + number // 26 % 26)}"
        label = (
            f"{dice.choice(words.THINGS)} {dice.choice(words.QUALITIES)} {number}"
            if not _happens(dice, 0.02)
            else None
        )
        row = add_field(
            crm,
            owner,
            kind,
            label,
            code=code + chr(65 + number // 676) if _happens(dice, 0.2) else "",
            sort=dice.choice((100, 100, 100, 10 * number)),
            values=_some_values(dice) if kind == "enumeration" else (),
            multiple=kind not in ("boolean", "resourcebooking") and _happens(dice, 0.15),
            mandatory=_happens(dice, 0.1),
        )
        if _happens(dice, 0.3):
            row.labels["en"] = f"Field {number}"
        dice.shuffle(row.values)


def _some_values(dice: random.Random) -> list[str]:
    count = 60 if _happens(dice, 0.02) else dice.randint(0, 12)
    return [f"{dice.choice(words.VALUES)} {place}" for place in range(1, count + 1)]


_BUILDERS: dict[str, Callable[[str, random.Random], Crm]] = {
    **{name: _numbered(size) for name, size in NUMBERED.items()},
    "showcase": lambda name, _dice: showcase(_founded(name, "Ромашка Опт")),
    "empty": _empty,
}
SIZES = tuple(_BUILDERS)


def seeded(name: str, size: str, seed: int = 0) -> Crm:
    """The CRM of this size for this seed; the name shows in titles only."""
    return _BUILDERS[size](name, random.Random(f"{size}/{seed}"))
