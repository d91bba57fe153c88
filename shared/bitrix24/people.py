"""The people of the portal and the departments they work in."""

from __future__ import annotations

from shared.bitrix24.coerce import flag, integer, integers, required_integer, text
from shared.bitrix24.commands import Answers, Command
from shared.bitrix24.rows import Pages, Row, understood
from shared.bitrix24.verdicts import Verdict, of_reading
from shared.domain.snapshot import Department, User

# ADMIN_MODE: without it a portal leaves out people without a department who share no group with the reader.
USERS = Pages("users", "user.get", {"sort": "ID", "order": "ASC", "ADMIN_MODE": 1}, "ID")
DEPARTMENTS = Pages("departments", "department.get", {}, "ID")

# As many pages as fit beside everything else into one batch; asking beyond the end costs nothing.
FIRST_USER_PAGES = 10
FIRST_DEPARTMENT_PAGES = 3


def first() -> list[Command]:
    """What to ask before anything is known: enough pages for a portal of 500 people and 150 departments."""
    return [*DEPARTMENTS.first(FIRST_DEPARTMENT_PAGES), *USERS.first(FIRST_USER_PAGES)]


def rest(answers: Answers) -> list[Command]:
    """The pages beyond the first ones."""
    return [*DEPARTMENTS.rest(answers), *USERS.rest(answers)]


def take_users(answers: Answers) -> tuple[tuple[User, ...], Verdict]:
    """The people the portal lists, dismissed ones included, and whether they are all."""
    reading = USERS.read(answers)
    found, odd_count = understood(reading.rows, _user)
    return tuple(found), of_reading(reading, odd_count=odd_count)


def take_departments(answers: Answers) -> tuple[tuple[Department, ...], Verdict]:
    """The departments and whether they are all."""
    reading = DEPARTMENTS.read(answers)
    found, odd_count = understood(reading.rows, _department)
    return tuple(found), of_reading(reading, odd_count=odd_count)


def full_name(row: Row) -> str | None:
    """Surname, then first name; ``None`` for somebody without either."""
    last_name, name = text(row.get("LAST_NAME")) or "", text(row.get("NAME")) or ""
    return f"{last_name.strip()} {name.strip()}".strip() or None


def _user(row: Row) -> User:
    active = flag(row.get("ACTIVE"))
    return User(
        id=required_integer(row["ID"]),
        name=full_name(row),
        active=True if active is None else active,
        position=text(row.get("WORK_POSITION")),
        departments=integers(row.get("UF_DEPARTMENT")),
    )


def _department(row: Row) -> Department:
    return Department(
        id=required_integer(row["ID"]),
        name=text(row.get("NAME")),
        parent_id=integer(row.get("PARENT")) or None,
        head_id=integer(row.get("UF_HEAD")) or None,
    )
