"""The people of the portal and the departments they work in."""

from __future__ import annotations

from shared.bitrix24.coerce import Attributes, flag, integer, integers, required_integer, text
from shared.bitrix24.commands import Answers, Command, Key
from shared.bitrix24.expected import Expected
from shared.bitrix24.listing import Listing
from shared.bitrix24.rows import Row, translate_rows
from shared.bitrix24.verdicts import Verdict, of_reading
from shared.domain.snapshot import Department, User

# ADMIN_MODE: without it a portal leaves out people without a department who share no group with the reader.
USERS = Listing(Key("users"), "user.get", {"sort": "ID", "order": "ASC", "ADMIN_MODE": 1})
DEPARTMENTS = Listing(Key("departments"), "department.get")


def first(expected: Expected) -> list[Command]:
    """The commands of the first batch."""
    return [*DEPARTMENTS.first(expected.department_pages), *USERS.first(expected.user_pages)]


def rest(answers: Answers) -> list[Command]:
    """The pages beyond the first ones."""
    return [*DEPARTMENTS.rest(answers), *USERS.rest(answers)]


def take_users(answers: Answers) -> tuple[tuple[User, ...], Verdict]:
    """The people the portal lists, dismissed ones included, and how completely they are known."""
    reading = USERS.read(answers)
    users, dropped = translate_rows(reading.rows, _user)
    return tuple(users), of_reading(reading, dropped=dropped)


def take_departments(answers: Answers) -> tuple[tuple[Department, ...], Verdict]:
    """The departments and how completely they are known."""
    reading = DEPARTMENTS.read(answers)
    departments, dropped = translate_rows(reading.rows, _department)
    return tuple(departments), of_reading(reading, dropped=dropped)


def full_name(row: Row) -> str | None:
    """Surname, then first name; ``None`` if both are missing. Raises Odd."""
    return _full_name(text(row.get("LAST_NAME")), text(row.get("NAME")))


def _full_name(last_name: str | None, name: str | None) -> str | None:
    return " ".join(part.strip() for part in (last_name, name) if part and part.strip()) or None


def _user(row: Row) -> User:
    attributes = Attributes()
    last_name = attributes.read("name", text, row.get("LAST_NAME"))
    name = attributes.read("name", text, row.get("NAME"))
    active = attributes.read("active", flag, row.get("ACTIVE"))
    return User(
        id=required_integer(row["ID"]),
        name=_full_name(last_name, name),
        active=True if active is None else active,
        position=attributes.read("position", text, row.get("WORK_POSITION")),
        departments=attributes.read("departments", integers, row.get("UF_DEPARTMENT")) or (),
        not_understood=attributes.not_understood,
    )


def _department(row: Row) -> Department:
    attributes = Attributes()
    return Department(
        id=required_integer(row["ID"]),
        name=attributes.read("name", text, row.get("NAME")),
        parent_id=attributes.read("parent_id", integer, row.get("PARENT")) or None,
        head_id=attributes.read("head_id", integer, row.get("UF_HEAD")) or None,
        not_understood=attributes.not_understood,
    )
