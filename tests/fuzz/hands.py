"""What people do to a portal between two reads: any edit there is, and now and then one that changes a lot at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from tools.simulator import ledger
from tools.simulator.edits.table import edit
from tools.simulator.field_making import add_field
from tools.simulator.founding import add_pipeline, add_smart_process
from tools.simulator.ledger import Crm, SmartProcess

_NAMES = ("Лён", "Мята", "Роза", "Ирис", "x" * 40, "Ё «ё» & <b>", "15", "Y")
_KINDS = ("string", "enumeration", "double", "date", "boolean", "crm_status", "employee")


def grow(crm: Crm, dice: Random) -> None:
    """The portal is one of its own: more of this or that than it was made with, some of it beyond a page."""
    for _ in range(dice.choice((0, 0, 0, 1, 2, 8))):
        process = add_smart_process(crm, _name(dice), isCategoriesEnabled=True)
        for _ in range(dice.choice((0, 1, 3))):
            _add_field(crm, process.field_owner, dice)
        for _ in range(dice.choice((0, 0, 2))):
            add_pipeline(crm, process.entity_type_id, _name(dice), sort=500)
    for owner in list(crm.field_owners()):
        for _ in range(dice.choice((0, 0, 0, 1, 1, 7, 7, 60)) if dice.random() < 0.3 else 0):
            _add_field(crm, owner, dice)
    _grow_lists(crm, dice)


def _grow_lists(crm: Crm, dice: Random) -> None:
    """The lists that may be longer than a page, one by one."""
    for _ in range(dice.choice((0, 0, 0, 7, 7, 55))):
        edit(crm, "add_user", {"name": _name(dice), "last_name": "Пример"})
    for _ in range(dice.choice((0, 0, 0, 8, 8, 60))):
        edit(crm, "add_department", {"name": _name(dice)})
    for _ in range(dice.choice((0, 0, 2, 9, 9, 52))):
        add_pipeline(crm, ledger.DEAL, _name(dice))
    for _ in range(dice.choice((0, 0, 0, 40, 60))):
        edit(crm, "add_dictionary_row", {"directory": "SOURCE", "name": _name(dice)})
    # Nothing but their own list names the fields of requisites.
    for _ in range(dice.choice((0, 0, 0, 51, 70))):
        _add_field(crm, ledger.FIELD_OWNERS[ledger.REQUISITE], dice)


def change(crm: Crm, dice: Random, times: int) -> list[str]:
    """So many things were done to the portal, as far as there was anything to do them to; in words."""
    told: list[str] = []
    for _ in range(times):
        name = dice.choice([*_EDITS, *_UPHEAVALS])
        try:
            if name in _UPHEAVALS:
                _UPHEAVALS[name](crm, dice)
                told.append(name)
            else:
                told.append(edit(crm, name, _EDITS[name](crm, dice)).words)
        except IndexError:
            told.append(f"nothing to {name}")
    return told


def _name(dice: Random) -> str:
    return dice.choice(_NAMES)


def _sort(dice: Random) -> int:
    return dice.choice((5, 15, 25, 35, 999))


def _add_field(crm: Crm, owner: str, dice: Random) -> None:
    kind = dice.choice(_KINDS)
    values = [f"Значение {n}" for n in range(dice.choice((0, 1, 3, 12)))] if kind == "enumeration" else []
    label = dice.choice((*_NAMES, None))
    add_field(crm, owner, kind, label, values=values, sort=dice.choice((100, 100, 200, 900)))


def _one(dice: Random, rows: Iterable[int]) -> int:
    """Raises IndexError where there is nothing to choose from."""
    return dice.choice(list(rows))


def _row(crm: Crm, dice: Random, *, of_stages: bool) -> int:
    directories = [at for at in crm.directories.values() if at.holds_stages is of_stages and not at.leftover]
    return _one(dice, (row.id for at in directories for row in at.rows))


def _directory(crm: Crm, dice: Random, *, of_stages: bool) -> str:
    return dice.choice(
        [
            at.id
            for at in crm.directories.values()
            if at.holds_stages is of_stages and at.rows and not at.leftover
        ]
    )


def _pipeline(crm: Crm, dice: Random, *, default: bool) -> dict[str, int]:
    row = dice.choice([row for row in crm.pipelines if default or not row.is_default])
    return {"entity_type_id": row.entity_type_id, "pipeline_id": row.id}


def _field(crm: Crm, dice: Random) -> int:
    return _one(dice, (row.id for row in crm.user_fields))


def _value(crm: Crm, dice: Random) -> dict[str, int]:
    field = dice.choice([row for row in crm.user_fields if row.values])
    return {"field_id": field.id, "value_id": dice.choice(field.values).id}


def _user(crm: Crm, dice: Random) -> int:
    """Anybody but those who read the portal."""
    return _one(dice, (row.id for row in crm.users if row.id > 3 and not row.hidden))


def _department(crm: Crm, dice: Random) -> int:
    return _one(dice, (row.id for row in crm.departments))


_EDITS: dict[str, Callable[[Crm, Random], dict[str, Any]]] = {
    "rename_stage": lambda crm, dice: {"row_id": _row(crm, dice, of_stages=True), "to": _name(dice)},
    "move_stage": lambda crm, dice: {"row_id": _row(crm, dice, of_stages=True), "sort": _sort(dice)},
    "recolour_stage": lambda crm, dice: {"row_id": _row(crm, dice, of_stages=True), "to": "#abCD12"},
    "add_stage": lambda crm, dice: {"directory": _directory(crm, dice, of_stages=True), "name": _name(dice)},
    "remove_stage": lambda crm, dice: {"row_id": _row(crm, dice, of_stages=True)},
    "add_pipeline": lambda crm, dice: {
        "entity_type_id": _pipeline(crm, dice, default=True)["entity_type_id"],
        "name": _name(dice),
    },
    "rename_pipeline": lambda crm, dice: {**_pipeline(crm, dice, default=True), "to": _name(dice)},
    "move_pipeline": lambda crm, dice: {**_pipeline(crm, dice, default=True), "sort": _sort(dice)},
    "remove_pipeline": lambda crm, dice: {
        **_pipeline(crm, dice, default=False),
        "leave_stages": dice.random() < 0.3,
    },
    "add_dictionary_row": lambda crm, dice: {
        "directory": _directory(crm, dice, of_stages=False),
        "name": _name(dice),
    },
    "rename_dictionary_row": lambda crm, dice: {
        "row_id": _row(crm, dice, of_stages=False),
        "to": _name(dice),
    },
    "move_dictionary_row": lambda crm, dice: {
        "row_id": _row(crm, dice, of_stages=False),
        "sort": _sort(dice),
    },
    "remove_dictionary_row": lambda crm, dice: {"row_id": _row(crm, dice, of_stages=False)},
    "rename_smart_process": lambda crm, dice: {
        "entity_type_id": dice.choice(crm.smart_processes).entity_type_id,
        "to": _name(dice),
    },
    "add_user_field": lambda crm, dice: {
        "owner": dice.choice(list(crm.field_owners())),
        "kind": dice.choice(_KINDS),
        "label": _name(dice),
    },
    "rename_user_field": lambda crm, dice: {"field_id": _field(crm, dice), "to": dice.choice((*_NAMES, ""))},
    "move_user_field": lambda crm, dice: {"field_id": _field(crm, dice), "sort": _sort(dice)},
    "set_mandatory": lambda crm, dice: {"field_id": _field(crm, dice), "to": dice.random() < 0.5},
    "remove_user_field": lambda crm, dice: {"field_id": _field(crm, dice)},
    "add_list_value": lambda crm, dice: {
        "field_id": _one(dice, (row.id for row in crm.user_fields if row.type == "enumeration")),
        "value": _name(dice),
    },
    "rename_list_value": lambda crm, dice: {**_value(crm, dice), "to": _name(dice)},
    "remove_list_value": _value,
    "add_user": lambda _crm, dice: {"name": _name(dice), "last_name": _name(dice)},
    "rename_user": lambda crm, dice: {"user_id": _user(crm, dice), "name": _name(dice), "last_name": ""},
    "promote_user": lambda crm, dice: {"user_id": _user(crm, dice), "position": dice.choice((*_NAMES, ""))},
    "dismiss_user": lambda crm, dice: {"user_id": _user(crm, dice)},
    "move_user": lambda crm, dice: {"user_id": _user(crm, dice), "departments": [_department(crm, dice)]},
    "add_department": lambda crm, dice: {"name": _name(dice), "parent_id": _department(crm, dice)},
    "rename_department": lambda crm, dice: {"department_id": _department(crm, dice), "to": _name(dice)},
    "appoint_head": lambda crm, dice: {"department_id": _department(crm, dice), "user_id": _user(crm, dice)},
}


def _remove_people(crm: Crm, dice: Random) -> None:
    crm.users[:] = [row for row in crm.users if row.id <= 3 or row.hidden or dice.random() < 0.1]


def _remove_fields_of_an_owner(crm: Crm, dice: Random) -> None:
    owner = dice.choice(crm.user_fields).owner
    crm.user_fields[:] = [row for row in crm.user_fields if row.owner != owner]


def _remove_pipelines_of_deals(crm: Crm, _dice: Random) -> None:
    for row in [row for row in crm.pipelines if row.entity_type_id == ledger.DEAL and not row.is_default]:
        crm.pipelines.remove(row)
        del crm.directories[row.directory]


def _remove_smart_processes(crm: Crm, dice: Random) -> None:
    some = dice.choice((1, 1, len(crm.smart_processes)))
    for process in dice.sample(crm.smart_processes, min(some, len(crm.smart_processes))):
        _remove_smart_process(crm, process)


def _remove_smart_process(crm: Crm, process: SmartProcess) -> None:
    crm.smart_processes.remove(process)
    crm.user_fields[:] = [row for row in crm.user_fields if row.owner != process.field_owner]
    crm.pipelines[:] = [row for row in crm.pipelines if row.entity_type_id != process.entity_type_id]
    for at in [at for at in crm.directories.values() if at.entity_type_id == process.entity_type_id]:
        del crm.directories[at.id]


def _remove_departments(crm: Crm, _dice: Random) -> None:
    del crm.departments[1:]


def _empty_a_list(crm: Crm, dice: Random) -> None:
    dice.choice([row for row in crm.user_fields if row.values]).values.clear()


def _empty_a_dictionary(crm: Crm, dice: Random) -> None:
    crm.directories[_directory(crm, dice, of_stages=False)].rows.clear()


_UPHEAVALS: dict[str, Callable[[Crm, Random], None]] = {
    "grow": _grow_lists,
    "remove people": _remove_people,
    "remove the fields of an owner": _remove_fields_of_an_owner,
    "remove the pipelines of deals": _remove_pipelines_of_deals,
    "remove smart processes": _remove_smart_processes,
    "remove departments": _remove_departments,
    "empty a list": _empty_a_list,
    "empty a dictionary": _empty_a_dictionary,
}
