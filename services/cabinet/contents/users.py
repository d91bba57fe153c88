"""People and departments as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.snapshot import Department, User
from shared.specification.not_understood import odd_values, placeholder
from shared.specification.words import Word
from shared.wording.kinds import NAMELESS
from shared.wording.sentences import say


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user of the portal. ``departments`` is one text with their names. ``odd`` names what was not understood."""

    id: int
    name: str
    active: bool
    position: str
    departments: str
    odd: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department. ``head_id`` is ``None`` if it has no head, ``parent_id`` is ``None`` at the top.

    ``odd`` names what was not understood.
    """

    id: int
    name: str
    parent_id: int | None
    parent: str
    head_id: int | None
    head: str
    is_head_dismissed: bool
    odd: Mapping[str, str]


def users(contents: Contents, words: Words, _entity: str = EVERY) -> tuple[UserRow, ...]:
    """Every user the portal lists, including dismissed ones."""
    names = _department_names(contents, words)
    people: tuple[User, ...] = contents.items(Kind.USERS)
    return tuple(
        UserRow(
            id=user.id,
            name=placeholder(user, "name", words.language)
            or user.name
            or say(Word.READER_NAMELESS, words.language, id=user.id),
            active=user.active,
            position=user.position or "",
            departments=", ".join(names.get(number, str(number)) for number in user.departments),
            odd=odd_values(user, words.language),
        )
        for user in people
    )


def departments(contents: Contents, words: Words, _entity: str = EVERY) -> tuple[DepartmentRow, ...]:
    """The company structure, each department with its head."""
    names = _department_names(contents, words)
    people: dict[int, User] = {user.id: user for user in contents.items(Kind.USERS)}
    rows: tuple[Department, ...] = contents.items(Kind.DEPARTMENTS)
    return tuple(_department(row, names, people, words) for row in rows)


def _department(
    row: Department, names: dict[int, str], people: dict[int, User], words: Words
) -> DepartmentRow:
    head = None if row.head_id is None else people.get(row.head_id)
    return DepartmentRow(
        id=row.id,
        name=names[row.id],
        parent_id=row.parent_id,
        parent="" if row.parent_id is None else names.get(row.parent_id, ""),
        head_id=row.head_id,
        head=(head.name if head else None) or "",
        is_head_dismissed=head is not None and not head.active,
        odd=odd_values(row, words.language),
    )


def _department_names(contents: Contents, words: Words) -> dict[int, str]:
    rows: tuple[Department, ...] = contents.items(Kind.DEPARTMENTS)
    return {
        row.id: placeholder(row, "name", words.language) or row.name or words.gettext(NAMELESS)
        for row in rows
    }
