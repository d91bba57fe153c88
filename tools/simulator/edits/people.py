"""Edits of employees and departments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.simulator.edits.change import Change
from tools.simulator.ledger import Crm, Department, User
from tools.simulator.truth import full_name


def _edited(user: User, attribute: str, before: Any, after: Any) -> Change:
    return Change("users", None, user.id, "edited", full_name(user), attribute, before, after)


def add_user(
    crm: Crm, name: str, last_name: str, departments: Sequence[int] = (1,), position: str = ""
) -> Change:
    number = crm.next_id("user", at_least=max(user.id for user in crm.users) + 1)
    user = User(number, name, last_name, position=position, departments=list(departments))
    crm.users.append(user)
    return Change("users", None, number, "added", full_name(user))


def rename_user(crm: Crm, user_id: int, name: str, last_name: str) -> Change:
    user = crm.user(user_id)
    before = full_name(user)
    user.name, user.last_name = name, last_name
    return _edited(user, "name", before, full_name(user))


def dismiss_user(crm: Crm, user_id: int) -> Change:
    user = crm.user(user_id)
    before, user.active = user.active, False
    return _edited(user, "active", before, after=False)


def promote_user(crm: Crm, user_id: int, position: str) -> Change:
    user = crm.user(user_id)
    before, user.position = user.position, position
    return _edited(user, "position", before or None, position or None)


def move_user(crm: Crm, user_id: int, departments: Sequence[int]) -> Change:
    """A user belongs to these departments and no others."""
    user = crm.user(user_id)
    department_ids = [crm.department(number).id for number in departments]
    before, user.departments = user.departments, department_ids
    return _edited(user, "departments", sorted(before), sorted(department_ids))


def add_department(crm: Crm, name: str, parent_id: int = 1) -> Change:
    parent = crm.department(parent_id)
    number = crm.next_id("department", at_least=max(row.id for row in crm.departments) + 1)
    crm.departments.append(Department(number, name, parent_id=parent.id))
    return Change("departments", None, number, "added", name)


def rename_department(crm: Crm, department_id: int, to: str) -> Change:
    row = crm.department(department_id)
    before, row.name = row.name, to
    return Change("departments", None, row.id, "edited", to, "name", before, to)


def appoint_head(crm: Crm, department_id: int, user_id: int) -> Change:
    row = crm.department(department_id)
    before, row.head_id = row.head_id, crm.user(user_id).id
    return Change("departments", None, row.id, "edited", row.name, "head_id", before, user_id)
