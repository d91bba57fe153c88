"""Sections 5 and 6: reference lists, people and the company structure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.domain.coverage import Kind
from shared.domain.snapshot import Dictionary, User
from shared.specification.document import Block, Column, ColumnKind, Detail, Paragraph, Row, Section, Table
from shared.specification.not_understood import odd_details, odd_paragraphs, text_or_placeholder
from shared.specification.source import Source
from shared.specification.words import Word


def dictionaries(source: Source) -> Section:
    """Every reference list with its values."""
    blocks: tuple[Block, ...] = source.gap(Kind.DICTIONARIES, shown=bool(source.snapshot.dictionaries))
    for dictionary in source.snapshot.dictionaries:
        blocks += tuple(_dictionary(source, dictionary))
    if not source.snapshot.dictionaries:
        blocks = source.nothing(Kind.DICTIONARIES, Word.NO_DICTIONARIES)
    return Section("5", source.say(Word.DICTIONARIES), blocks)


def _dictionary(source: Source, dictionary: Dictionary) -> Iterator[Block]:
    columns = (
        Column("id", ColumnKind.NUMBER),
        Column("STATUS_ID", ColumnKind.CODE),
        Column(source.say(Word.NAME), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
        Column(source.say(Word.SORT), ColumnKind.NUMBER),
    )
    rows = tuple(
        Row(
            (
                str(item.id),
                item.status_id,
                text_or_placeholder(source, item, "name", source.named(item.name)),
                text_or_placeholder(
                    source,
                    item,
                    "sort",
                    source.say(Word.NOT_KNOWN) if item.sort is None else str(item.sort),
                ),
            ),
            tuple(odd_details(source, item)),
        )
        for item in dictionary.items
    )
    name = text_or_placeholder(source, dictionary, "name", source.quoted(dictionary.name))
    yield Table(columns, rows, (dictionary.directory, name))
    yield from odd_paragraphs(source, dictionary)
    if not rows:
        yield Paragraph(source.say(Word.NO_ITEMS), under=True)


def people(source: Source) -> Iterator[Section]:
    """Users, dismissed ones included and marked, and the departments they belong to."""
    yield _users(source)
    yield _departments(source)


def _users(source: Source) -> Section:
    snapshot = source.snapshot
    if not source.persons:
        return Section("6", source.say(Word.USERS), (Paragraph(source.say(Word.LEFT_OUT)),))
    gaps = source.gap(Kind.USERS, shown=bool(snapshot.users))
    departments = {row.id: row.name for row in snapshot.departments}
    rows = tuple(_user(source, user, departments) for user in snapshot.users)
    reader = snapshot.reader
    if reader.id is not None and reader.id not in source.users and source.is_complete(Kind.USERS):
        rows += (_hidden_reader(source, reader.id, reader.name),)
    if not rows:
        return Section("6", source.say(Word.USERS), source.nothing(Kind.USERS, Word.NO_USERS))
    columns = (
        Column("id", ColumnKind.NUMBER),
        Column(source.say(Word.PERSON), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
        Column(source.say(Word.ACTIVE)),
        Column(source.say(Word.POSITION), ColumnKind.NAME, source.say(Word.POSITION).lower()),
        Column(
            source.say(Word.DEPARTMENTS),
            ColumnKind.NAME,
            source.say(Word.DEPARTMENTS).lower(),
        ),
    )
    title = source.say(Word.USERS_COUNTED, count=source.count(len(snapshot.users), Kind.USERS))
    return Section("6", title, (*gaps, Table(columns, rows)))


def _user(source: Source, user: User, names: Mapping[int, str | None]) -> Row:
    departments = ", ".join(f"{number} {names.get(number) or ''}".strip() for number in user.departments)
    return Row(
        (
            str(user.id),
            text_or_placeholder(
                source, user, "name", user.name or source.say(Word.READER_NAMELESS, id=user.id)
            ),
            text_or_placeholder(
                source, user, "active", source.say(Word.IS_ACTIVE if user.active else Word.IS_DISMISSED)
            ),
            text_or_placeholder(source, user, "position", user.position or source.say(Word.NO_POSITION)),
            text_or_placeholder(
                source, user, "departments", departments or source.say(Word.NO_DEPARTMENTS_OF_USER)
            ),
        ),
        tuple(odd_details(source, user)),
    )


def _hidden_reader(source: Source, reader_id: int, name: str | None) -> Row:
    unread = source.say(Word.NOT_KNOWN)
    cells = (
        str(reader_id),
        name or source.say(Word.READER_NAMELESS, id=reader_id),
        source.say(Word.HIDDEN_STATE),
        unread,
        unread,
    )
    return Row(cells, (Detail(source.say(Word.NOTE), (source.say(Word.HIDDEN_READER),)),))


def _departments(source: Source) -> Section:
    departments = source.snapshot.departments
    gaps = source.gap(Kind.DEPARTMENTS, shown=bool(departments))
    if not departments:
        nothing = source.nothing(Kind.DEPARTMENTS, Word.NO_DEPARTMENTS)
        return Section("6", source.say(Word.DEPARTMENTS), nothing)
    columns = (
        Column("id", ColumnKind.NUMBER),
        Column(source.say(Word.NAME), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
        Column(source.say(Word.PARENT), ColumnKind.NUMBER),
        Column(source.say(Word.HEAD), ColumnKind.NAME, source.say(Word.HEAD).lower()),
    )
    rows = tuple(
        Row(
            (
                str(row.id),
                text_or_placeholder(source, row, "name", source.named(row.name)),
                text_or_placeholder(
                    source,
                    row,
                    "parent_id",
                    source.say(Word.TOP) if row.parent_id is None else str(row.parent_id),
                ),
                text_or_placeholder(
                    source,
                    row,
                    "head_id",
                    source.say(Word.NO_HEAD) if row.head_id is None else source.person(row.head_id),
                ),
            ),
            tuple(odd_details(source, row)),
        )
        for row in departments
    )
    title = source.say(Word.DEPARTMENTS_COUNTED, count=source.count(len(departments), Kind.DEPARTMENTS))
    return Section("6", title, (*gaps, Table(columns, rows)))
