"""Differences between two snapshots in words: one line for each, and why something was not compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from shared.domain.diff import Change, NotCompared, Op, WhyNot
from shared.domain.identity import ComparedKind
from shared.domain.nothing import says_the_same
from shared.domain.order import STANDARD_ENTITY_TYPES
from shared.domain.snapshot import Meaning
from shared.wording.field_types import field_type_word
from shared.wording.kinds import entity_key_title, kind_word, meaning_word
from shared.wording.language import LONGEST_FACT, Language, quoted
from shared.wording.visible import visible

Title = Callable[[str], str]

_KINDS: Final[Mapping[ComparedKind, Mapping[Language, str]]] = {
    ComparedKind.ENTITY_TYPES: {"ru": "сущность", "en": "entity type"},
    ComparedKind.PIPELINES: {"ru": "воронка", "en": "pipeline"},
    ComparedKind.STAGES: {"ru": "стадия", "en": "stage"},
    ComparedKind.DICTIONARIES: {"ru": "справочник", "en": "dictionary"},
    ComparedKind.STANDARD_FIELDS: {"ru": "стандартное поле", "en": "standard field"},
    ComparedKind.USER_FIELDS: {"ru": "поле", "en": "field"},
    ComparedKind.LIST_VALUES: {"ru": "значение", "en": "value"},
    ComparedKind.USERS: {"ru": "пользователь", "en": "user"},
    ComparedKind.DEPARTMENTS: {"ru": "подразделение", "en": "department"},
}

_FEMININE = frozenset({ComparedKind.ENTITY_TYPES, ComparedKind.PIPELINES, ComparedKind.STAGES})
_MASCULINE = frozenset({ComparedKind.DICTIONARIES, ComparedKind.USERS})

# What happened to a woman, a man, a thing, as Russian would have it.
_OPS: Final[Mapping[Op, Mapping[Language, tuple[str, str, str]]]] = {
    Op.ADDED: {"ru": ("добавлена", "добавлен", "добавлено"), "en": ("added", "added", "added")},
    Op.REMOVED: {"ru": ("удалена", "удалён", "удалено"), "en": ("removed", "removed", "removed")},
    Op.EDITED: {"ru": ("изменена", "изменён", "изменено"), "en": ("edited", "edited", "edited")},
}

# What went or came along with something, and what it was for: a woman, a man, a thing.
_WITH_IT: Final[Mapping[Language, tuple[str, str, str]]] = {
    "ru": ("с ней", "с ним", "с ним"),
    "en": ("with it", "with it", "with it"),
}
_INSIDE: Final[Mapping[ComparedKind, Mapping[Language, str]]] = {
    ComparedKind.PIPELINES: {"ru": "воронки", "en": "pipelines"},
    ComparedKind.STAGES: {"ru": "стадии", "en": "stages"},
    ComparedKind.USER_FIELDS: {"ru": "поля", "en": "fields"},
    ComparedKind.LIST_VALUES: {"ru": "значения", "en": "values"},
    # A dictionary has its own rows inside.
    ComparedKind.DICTIONARIES: {"ru": "значения", "en": "values"},
}

_ATTRIBUTES: Final[Mapping[str, Mapping[Language, str]]] = {
    "title": {"ru": "название", "en": "name"},
    "name": {"ru": "название", "en": "name"},
    "label": {"ru": "название", "en": "label"},
    "labels": {"ru": "название", "en": "label"},
    "value": {"ru": "текст", "en": "text"},
    "values": {"ru": "значения", "en": "values"},
    "sort": {"ru": "порядок", "en": "order"},
    "code": {"ru": "код", "en": "code"},
    "api_name": {"ru": "имя в crm.item", "en": "name in crm.item"},
    "status_id": {"ru": "STATUS_ID", "en": "STATUS_ID"},
    "type_id": {"ru": "type id", "en": "type id"},
    "field_owner": {"ru": "владелец полей", "en": "field owner"},
    "binding_prefix": {"ru": "префикс привязки", "en": "binding prefix"},
    "is_default": {"ru": "по умолчанию", "en": "default"},
    "default": {"ru": "по умолчанию", "en": "default"},
    "meaning": {"ru": "смысл", "en": "meaning"},
    "color": {"ru": "цвет", "en": "colour"},
    "system": {"ru": "системная запись", "en": "system row"},
    "type": {"ru": "тип", "en": "type"},
    "multiple": {"ru": "несколько значений", "en": "several values"},
    "mandatory": {"ru": "обязательное", "en": "required"},
    "read_only": {"ru": "только чтение", "en": "read only"},
    "settings": {"ru": "настройка", "en": "setting"},
    "xml_id": {"ru": "XML_ID", "en": "XML_ID"},
    "active": {"ru": "работает", "en": "active"},
    "position": {"ru": "должность", "en": "position"},
    "departments": {"ru": "подразделения", "en": "departments"},
    "parent_id": {"ru": "входит в", "en": "part of"},
    "head_id": {"ru": "руководитель", "en": "head"},
}

_WHY_NOT: Final[Mapping[WhyNot, Mapping[Language, str]]] = {
    WhyNot.OLD_UNREAD: {
        "ru": "раньше не прочитано полностью, сравнить не с чем",
        "en": "not read completely before, so there is nothing to compare with",
    },
    WhyNot.NEW_UNREAD: {
        "ru": "теперь не прочитано полностью; чего не видно, то не считается удалённым",
        "en": "not read completely now; what is not seen is not called removed",
    },
    WhyNot.BOTH_UNREAD: {
        "ru": "не прочитано полностью ни раньше, ни теперь",
        "en": "read completely neither before nor now",
    },
    WhyNot.FEWER_RIGHTS: {
        "ru": "теперь читали с меньшими правами; чтобы сравнить, читайте от имени администратора",
        "en": "read with fewer rights now; read as an administrator to compare",
    },
    WhyNot.MORE_RIGHTS: {
        "ru": "теперь читали с большими правами; появившееся могло быть и раньше и добавленным не считается",
        "en": "read with more rights now; what appeared may have been there before and is not called added",
    },
}

_NOTHING: Final[Mapping[Language, str]] = {"ru": "не задано", "en": "not set"}
_FLAGS: Final[Mapping[bool, Mapping[Language, str]]] = {
    True: {"ru": "да", "en": "yes"},
    False: {"ru": "нет", "en": "no"},
}


def op_word(op: Op, kind: ComparedKind, language: Language) -> str:
    """What happened to an item of this kind, in one word."""
    return _of_gender(_OPS[op][language], kind)


def attribute_word(attribute: str, language: Language) -> str:
    """What an attribute is called; one we have no word for keeps its name."""
    return _ATTRIBUTES.get(attribute, {}).get(language, attribute)


def change_sentence(change: Change, language: Language, *, title: Title | None = None) -> str:
    """One line: where, which item, what happened. ``title`` tells what an entity type is called, given its key."""
    return f"{item_phrase(change, language, title=title)}: {happened_phrase(change, language)}"


def happened_phrase(change: Change, language: Language) -> str:
    """What happened, without the item it happened to: ``порядок 10 → 20``, ``удалена; с ней стадии: 5``."""
    if change.op is not Op.EDITED or change.attribute is None:
        happened = op_word(change.op, change.kind, language)
        counts = ", ".join(f"{_INSIDE[kind][language]}: {len(rows)}" for kind, rows in _inside(change))
        return f"{happened}; {_of_gender(_WITH_IT[language], change.kind)} {counts}" if counts else happened
    return "; ".join(_edits(change.attribute, change.before, change.after, language))


def inside_phrases(change: Change, language: Language) -> Iterator[str]:
    """What went or came along with the item, by name: a phrase for each kind, with every code in full."""
    for kind, rows in _inside(change):
        parts = (_part(kind, row, language) for row in rows)
        yield f"{_INSIDE[kind][language]}: {', '.join(parts)}"


def item_phrase(change: Change, language: Language, *, title: Title | None = None) -> str:
    """Which item a change speaks of: ``СДЕЛКА · стадия C3:NEW «Обращение»``."""
    name = quoted(_short(change.label), language) if change.label else ""
    item = " ".join(part for part in (*_identity(change, language), name) if part)
    key = change.entity_type
    if key is None or change.kind is ComparedKind.ENTITY_TYPES:
        return item
    if key in STANDARD_ENTITY_TYPES:
        return f"{entity_key_title(key, language).upper()} · {item}"
    return f"{visible(_short(title(key) if title else key))} · {item}"


def not_compared_sentence(gap: NotCompared, language: Language, *, title: Title | None = None) -> str:
    """Which kind was not compared, and why."""
    entity = None
    if gap.entity_type is not None:
        entity = _short(title(gap.entity_type) if title else entity_key_title(gap.entity_type, language))
    return f"{kind_word(gap.kind, entity, language)}: {_WHY_NOT[gap.why][language]}"


def _inside(change: Change) -> Iterator[tuple[ComparedKind, list[Any]]]:
    yield from ((ComparedKind(kind), rows) for kind, rows in (change.inside or {}).items())


def _part(kind: ComparedKind, row: Mapping[str, Any], language: Language) -> str:
    code, number = visible(row["code"] or ""), row["id"]
    if kind is ComparedKind.DICTIONARIES:
        code = code.partition(":")[2]
    name = quoted(_short(row["label"]), language) if row["label"] else ""
    # A list value has the code of its field and no other.
    is_numbered = kind in (ComparedKind.LIST_VALUES, ComparedKind.PIPELINES)
    return " ".join(part for part in (f"id {number}" if is_numbered else "", code, name) if part)


def _of_gender(words: tuple[str, str, str], kind: ComparedKind) -> str:
    feminine, masculine, neuter = words
    return feminine if kind in _FEMININE else masculine if kind in _MASCULINE else neuter


def _identity(change: Change, language: Language) -> Iterator[str]:
    word, code = _KINDS[change.kind][language], visible(change.code or "")
    match change.kind:
        case ComparedKind.PIPELINES | ComparedKind.USERS | ComparedKind.DEPARTMENTS:
            yield f"{word} {change.item_id}"
        case ComparedKind.LIST_VALUES:
            yield f"{_KINDS[ComparedKind.USER_FIELDS][language]} {code}, {word} {change.item_id}"
        case ComparedKind.DICTIONARIES if change.item_id is not None:
            directory, _, status_id = code.partition(":")
            yield f"{word} {directory}, {_KINDS[ComparedKind.LIST_VALUES][language]} {status_id}"
        case _:
            yield f"{word} {code}"


def _edits(attribute: str, before: Any, after: Any, language: Language) -> Iterator[str]:
    """One phrase for each thing that differs: several for settings and for labels in several languages."""
    word = attribute_word(attribute, language)
    if attribute not in ("labels", "settings"):
        yield f"{word} {_value(attribute, before, language)} → {_value(attribute, after, language)}"
        return
    was, now = before or {}, after or {}
    several = attribute == "settings" or len(was.keys() | now.keys()) > 1
    for key in sorted(was.keys() | now.keys()):
        if not says_the_same(was.get(key), now.get(key)):
            which = f"{word} {visible(_short(key))}" if several else word
            yield f"{which} {_value('', was.get(key), language)} → {_value('', now.get(key), language)}"


def _value(attribute: str, value: Any, language: Language) -> str:
    match value:
        case None | "":
            return _NOTHING[language]
        case bool():
            return _FLAGS[value][language]
        case str() if attribute == "meaning":
            return meaning_word(Meaning(value), language)
        case str() if attribute == "type":
            return visible(_short(field_type_word(value, language)))
        case str():
            return quoted(_short(value), language)
        case list() | tuple():
            return ", ".join(_value("", part, language) for part in value) or _NOTHING[language]
        case _:
            return visible(_short(str(value)))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_FACT else f"{text[:LONGEST_FACT]}…"
