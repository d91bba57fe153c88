"""Names that people confuse: equal except for spelling, with one beginning, or equal to a standard field's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeVar

from shared.domain.names import normalised
from shared.domain.snapshot import Snapshot

T = TypeVar("T")

# «Причина отказа (опт)»
_IN_BRACKETS: Final = re.compile(r"(.+?)\s*\([^()]*\)")
# With one word «Адрес» and «Адрес доставки» would be one family.
_FEWEST_WORDS: Final = 2

_EVERYWHERE: Final = frozenset({"lead", "deal", "contact", "company", "quote", "smart_invoice"})
_SALES: Final = frozenset({"lead", "deal", "quote", "smart_invoice"})
_WITH_STAGES: Final = frozenset({"lead", "deal"})
_PERSONS: Final = frozenset({"lead", "contact"})
_REACHABLE: Final = frozenset({"lead", "contact", "company"})

# The usual titles of standard fields, by code, with the entity types that have them. They are used if a read does not
# bring the titles. The codes are those of crm.lead.fields, crm.deal.fields, crm.contact.fields and crm.company.fields.
# If a portal has changed a title, a finding may be missing or wrong.
_USUAL: Final[Mapping[str, tuple[frozenset[str], tuple[str, ...]]]] = {
    "TITLE": (_EVERYWHERE - {"contact"}, ("Название", "Name")),
    "SOURCE_ID": (_REACHABLE | {"deal"}, ("Источник", "Source")),
    "SOURCE_DESCRIPTION": (_REACHABLE | {"deal"}, ("Дополнительно об источнике", "Source information")),
    "STAGE_ID": (_SALES, ("Стадия", "Стадия сделки", "Stage", "Deal stage")),
    "TYPE_ID": (frozenset({"deal", "contact"}), ("Тип", "Тип сделки", "Тип контакта", "Type")),
    "OPPORTUNITY": (_SALES, ("Сумма", "Amount")),
    "CURRENCY_ID": (_SALES | {"company"}, ("Валюта", "Currency")),
    "PROBABILITY": (frozenset({"deal"}), ("Вероятность", "Probability")),
    "BEGINDATE": (frozenset({"deal", "quote"}), ("Дата начала", "Start date")),
    "CLOSEDATE": (frozenset({"deal", "quote"}), ("Дата завершения", "End date", "Close date")),
    "ASSIGNED_BY_ID": (_EVERYWHERE, ("Ответственный", "Responsible person")),
    "OBSERVERS": (_WITH_STAGES, ("Наблюдатели", "Observers")),
    "COMMENTS": (_EVERYWHERE, ("Комментарий", "Comment")),
    "CONTACT_ID": (_SALES, ("Контакт", "Contact")),
    "COMPANY_ID": (_SALES | {"contact"}, ("Компания", "Company")),
    "NAME": (_PERSONS, ("Имя", "First name")),
    "LAST_NAME": (_PERSONS, ("Фамилия", "Last name")),
    "SECOND_NAME": (_PERSONS, ("Отчество", "Second name", "Middle name")),
    "BIRTHDATE": (_PERSONS, ("Дата рождения", "Date of birth")),
    "POST": (_PERSONS, ("Должность", "Position")),
    "PHONE": (_REACHABLE, ("Телефон", "Phone")),
    "EMAIL": (_REACHABLE, ("E-mail", "Email")),
    "WEB": (_REACHABLE, ("Сайт", "Website")),
    "INDUSTRY": (frozenset({"company"}), ("Сфера деятельности", "Industry")),
    "EMPLOYEES": (frozenset({"company"}), ("Количество сотрудников", "Кол-во сотрудников", "Employees")),
    "REVENUE": (frozenset({"company"}), ("Годовой оборот", "Annual revenue")),
}


def namesakes(rows: Iterable[T], name: Callable[[T], str | None]) -> Iterator[list[T]]:
    """Groups of rows whose names a person reads as equal, in their order. Blank names do not count."""
    groups: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        groups[normalised(name(row) or "")].append(row)
    groups.pop("", None)
    return (group for group in groups.values() if len(group) > 1)


def families(rows: Iterable[T], name: Callable[[T], str | None]) -> Iterator[list[T]]:
    """Groups of rows whose names have the same beginning and differ in an addition, in their order.

    An addition is text in brackets, or any text after the whole name of another row that has at least two words. Rows
    that all have one name are not a family.
    """
    named = [(row, normalised(name(row) or "")) for row in rows]
    stems = {full: _stem(full) for _, full in named if full}
    all_stems = set(stems.values())
    members: dict[str, list[tuple[T, str]]] = defaultdict(list)
    for row, full in named:
        if full:
            members[_shortest_beginning(stems[full], all_stems)].append((row, full))
    return ([row for row, _ in group] for group in members.values() if len({full for _, full in group}) > 1)


def standard_titles(snapshot: Snapshot, entity_type: str) -> Mapping[str, str]:
    """The codes of an entity type's standard fields by normalised title; the usual titles if none were read."""
    titles = {
        normalised(row.label): row.code
        for row in snapshot.standard_fields
        if row.entity_type == entity_type and row.label
    }
    return titles or _usual_titles(entity_type)


def _usual_titles(entity_type: str) -> Mapping[str, str]:
    return {
        normalised(title): code
        for code, (entity_types, titles) in _USUAL.items()
        if entity_type in entity_types
        for title in titles
    }


def _stem(full: str) -> str:
    in_brackets = _IN_BRACKETS.fullmatch(full)
    return in_brackets.group(1) if in_brackets else full


def _shortest_beginning(stem: str, stems: set[str]) -> str:
    """The shortest of ``stems`` that this stem begins with, word by word; else the stem itself."""
    words = stem.split(" ")
    for count in range(_FEWEST_WORDS, len(words)):
        beginning = " ".join(words[:count])
        if beginning in stems:
            return beginning
    return stem
