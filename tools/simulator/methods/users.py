"""Employees and departments."""

from __future__ import annotations

from typing import Any

from tools.simulator.answers import Answer
from tools.simulator.callers import USER_SCOPES
from tools.simulator.calling import Call
from tools.simulator.defaults import localized
from tools.simulator.ledger import User
from tools.simulator.method import Method
from tools.simulator.paging import legacy_page, user_page
from tools.simulator.php import yes
from tools.simulator.selecting import descends, in_order, matching

USER_FIELDS = {
    "ID": ("ID", "ID"),
    "XML_ID": ("Внешний код", "External ID"),
    "ACTIVE": ("Активность", "Active"),
    "NAME": ("Имя", "First name"),
    "LAST_NAME": ("Фамилия", "Last name"),
    "SECOND_NAME": ("Отчество", "Second name"),
    "EMAIL": ("E-Mail", "E-mail"),
    "LAST_LOGIN": ("Последняя авторизация", "Last login"),
    "DATE_REGISTER": ("Дата регистрации", "Registered on"),
    "PERSONAL_GENDER": ("Пол", "Gender"),
    "PERSONAL_BIRTHDAY": ("Дата рождения", "Birthday"),
    "WORK_POSITION": ("Должность", "Position"),
    "UF_DEPARTMENT": ("Подразделения", "Departments"),
    "USER_TYPE": ("Тип пользователя", "User type"),
}
#: Parameters of user.get that are not filters.
_NOT_FILTERS = {"SORT", "ORDER", "FILTER", "ADMIN_MODE", "SELECT", "START", "AUTH", "ACCESS_TOKEN", "FIND"}


def user_row(call: Call, user: User) -> dict[str, Any]:
    """A user as this caller's scopes let him see it."""
    scopes = call.caller.scopes
    row: dict[str, Any] = {
        "ID": str(user.id),
        "XML_ID": "",
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": user.email,
        "LAST_LOGIN": call.portal.iso(call.portal.clock()),
        "DATE_REGISTER": call.portal.iso(call.portal.born_at),
        "IS_ONLINE": "N",
        "TIME_ZONE": "",
        "TIMESTAMP_X": {},
        "LAST_ACTIVITY_DATE": {},
        "PERSONAL_GENDER": user.gender,
        "PERSONAL_BIRTHDAY": "",
        "WORK_POSITION": user.position,
        # Without a department the platform sends [] or false, depending on how the row was saved.
        "UF_DEPARTMENT": list(user.departments) or (False if user.id % 2 else []),
        "UF_EMPLOYMENT_DATE": "",
        "USER_TYPE": "employee",
    }
    if "user" not in scopes:
        del row["LAST_LOGIN"]
        if "user_basic" not in scopes:
            del row["EMAIL"]
    return row


def _visible(call: Call, *, admin_mode: bool) -> list[User]:
    caller = call.caller.user
    sees_all = caller.admin and admin_mode
    return [
        user
        for user in call.crm.users
        if not user.hidden and (sees_all or user.departments or user.id == caller.id)
    ]


def user_get(call: Call) -> Answer:
    conditions = call.loose_map("filter")
    if call.loose("filter") is None:
        conditions = {
            name.upper(): value
            for name, value in call.params.items()
            if name.upper() not in _NOT_FILTERS and value != ""
        }
    users = sorted(_visible(call, admin_mode=yes(call.loose("admin_mode"))), key=lambda user: user.id)
    sort = str(call.loose("sort") or "ID").upper()
    direction = str(call.loose("order") or "ASC")
    if conditions or sort != "ID":
        rows = matching([user_row(call, user) for user in users], conditions)
        return user_page(in_order(call.unordered(rows), {sort: direction}), call.start)
    # The usual call: rows are built only for the users of one page, as a large portal has sixty pages.
    if descends(direction):
        users.reverse()
    page = user_page(users, call.start)
    page.result = [user_row(call, user) for user in page.result]
    return page


def user_current(call: Call) -> Answer:
    stamp = call.portal.iso(call.portal.clock()).replace("T", " ")[:19]
    return Answer(user_row(call, call.caller.user) | {"TIMESTAMP_X": stamp, "LAST_ACTIVITY_DATE": stamp})


def user_fields(call: Call) -> Answer:
    return Answer({code: localized(names, call.language) for code, names in USER_FIELDS.items()})


def department_get(call: Call) -> Answer:
    rows = []
    for department in in_tree_order(call):
        row: dict[str, Any] = {"ID": str(department.id), "NAME": department.name, "SORT": department.sort}
        if department.parent_id is not None:
            row["PARENT"] = str(department.parent_id)
        # No head is either no key or "0", again depending on how the row was saved.
        if department.head_id is not None or department.id % 2:
            row["UF_HEAD"] = str(department.head_id or 0)
        rows.append(row)
    keys = ("ID", "NAME", "PARENT", "UF_HEAD")
    conditions = call.loose_map("filter") or {
        key: call.loose(key) for key in keys if call.loose(key) is not None
    }
    selected = matching(rows, {key.upper(): value for key, value in conditions.items()})
    if call.loose("sort"):
        selected = in_order(
            call.unordered(selected), {str(call.loose("sort")).upper(): call.loose("order") or "ASC"}
        )
    return legacy_page(selected, call.start)


def in_tree_order(call: Call) -> list[Any]:
    """Departments as the company tree is walked from the top: a parent, then everything below it."""
    children: dict[int | None, list[Any]] = {}
    for department in sorted(call.crm.departments, key=lambda row: (row.sort, row.id)):
        children.setdefault(department.parent_id, []).append(department)
    walked: list[Any] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        department = waiting.pop()
        walked.append(department)
        waiting += reversed(children.get(department.id, []))
    return walked


METHODS = {
    "user.get": Method(user_get, USER_SCOPES),
    "user.current": Method(user_current, USER_SCOPES),
    "user.fields": Method(user_fields, USER_SCOPES),
    "department.get": Method(department_get, ("department",)),
}
