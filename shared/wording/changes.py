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
from shared.wording.language import Language
from shared.wording.sentences import N_, NP_, quoted, say, shortened
from shared.wording.visible import visible

Title = Callable[[str], str]

_KINDS: Final[Mapping[ComparedKind, str]] = {
    ComparedKind.ENTITY_TYPES: N_("entity type"),
    ComparedKind.PIPELINES: N_("pipeline"),
    ComparedKind.STAGES: N_("stage"),
    ComparedKind.DICTIONARIES: N_("dictionary"),
    ComparedKind.STANDARD_FIELDS: N_("standard field"),
    ComparedKind.USER_FIELDS: N_("field"),
    ComparedKind.LIST_VALUES: N_("value"),
    ComparedKind.USERS: N_("user"),
    ComparedKind.DEPARTMENTS: N_("department"),
}

_FEMININE = frozenset({ComparedKind.ENTITY_TYPES, ComparedKind.PIPELINES, ComparedKind.STAGES})
_MASCULINE = frozenset({ComparedKind.DICTIONARIES, ComparedKind.USERS})

# In the three genders of Russian.
_OPS: Final[Mapping[Op, tuple[str, str, str]]] = {
    Op.ADDED: (NP_("feminine", "added"), NP_("masculine", "added"), NP_("neuter", "added")),
    Op.REMOVED: (NP_("feminine", "removed"), NP_("masculine", "removed"), NP_("neuter", "removed")),
    Op.EDITED: (NP_("feminine", "edited"), NP_("masculine", "edited"), NP_("neuter", "edited")),
}

# Phrases for what was removed or added together with an item, in the three genders of Russian.
_WITH_IT: Final = (NP_("feminine", "with it"), NP_("masculine", "with it"), NP_("neuter", "with it"))
_INSIDE: Final[Mapping[ComparedKind, str]] = {
    ComparedKind.PIPELINES: N_("pipelines"),
    ComparedKind.STAGES: N_("stages"),
    ComparedKind.USER_FIELDS: N_("fields"),
    ComparedKind.LIST_VALUES: N_("values"),
    # A dictionary has its own rows inside.
    ComparedKind.DICTIONARIES: N_("values"),
}

_ATTRIBUTES: Final[Mapping[str, str]] = {
    "title": N_("name"),
    "name": N_("name"),
    "label": N_("label"),
    "labels": N_("label"),
    "value": N_("text"),
    "values": N_("values"),
    "sort": N_("order"),
    "code": N_("code"),
    "api_name": N_("name in crm.item"),
    "status_id": N_("STATUS_ID"),
    "type_id": N_("type id"),
    "field_owner": N_("field owner"),
    "binding_prefix": N_("binding prefix"),
    "is_default": N_("default"),
    "default": N_("default"),
    "meaning": N_("meaning"),
    "color": N_("colour"),
    "system": N_("system row"),
    "type": N_("type"),
    "multiple": N_("several values"),
    "mandatory": N_("required"),
    "read_only": N_("read only"),
    "settings": N_("setting"),
    "xml_id": N_("XML_ID"),
    "active": N_("active"),
    "position": N_("position"),
    "departments": N_("departments"),
    "parent_id": N_("part of"),
    "head_id": N_("head"),
}

_WHY_NOT: Final[Mapping[WhyNot, str]] = {
    WhyNot.OLD_UNREAD: N_("not read completely before, so there is nothing to compare with"),
    WhyNot.NEW_UNREAD: N_("not read completely now; what is not seen is not called removed"),
    WhyNot.BOTH_UNREAD: N_("read completely neither before nor now"),
    WhyNot.FEWER_RIGHTS: N_("read with fewer rights now; read as an administrator to compare"),
    WhyNot.MORE_RIGHTS: N_(
        "read with more rights now; what appeared may have been there before and is not called added"
    ),
}

_NOTHING: Final = N_("not set")
_FLAGS: Final[Mapping[bool, str]] = {
    True: N_("yes"),
    False: N_("no"),
}


def op_word(op: Op, kind: ComparedKind, language: Language) -> str:
    """What happened to an item of this kind, in one word."""
    return say(_of_gender(_OPS[op], kind), language)


def attribute_word(attribute: str, language: Language) -> str:
    """The word for an attribute; without a word, its name."""
    word = _ATTRIBUTES.get(attribute)
    return say(word, language) if word else attribute


def change_sentence(change: Change, language: Language, *, title: Title | None = None) -> str:
    """One line: where, which item, what happened. ``title`` tells what an entity type is called, given its key."""
    return f"{item_phrase(change, language, title=title)}: {happened_phrase(change, language)}"


def happened_phrase(change: Change, language: Language) -> str:
    """What happened, without the item it happened to: ``порядок 10 → 20``, ``удалена; с ней стадии: 5``."""
    if change.op is not Op.EDITED or change.attribute is None:
        happened = op_word(change.op, change.kind, language)
        counts = ", ".join(f"{say(_INSIDE[kind], language)}: {len(rows)}" for kind, rows in _inside(change))
        with_it = say(_of_gender(_WITH_IT, change.kind), language)
        return f"{happened}; {with_it} {counts}" if counts else happened
    return "; ".join(_edits(change.attribute, change.before, change.after, language))


def inside_phrases(change: Change, language: Language) -> Iterator[str]:
    """What was removed or added together with the item: a phrase for each kind, with every code in full."""
    for kind, rows in _inside(change):
        parts = (_part(kind, row, language) for row in rows)
        yield f"{say(_INSIDE[kind], language)}: {', '.join(parts)}"


def item_phrase(change: Change, language: Language, *, title: Title | None = None) -> str:
    """The item of a change: ``СДЕЛКА · стадия C3:NEW «Обращение»``."""
    name = quoted(shortened(change.label), language) if change.label else ""
    item = " ".join(part for part in (*_identity(change, language), name) if part)
    key = change.entity_type
    if key is None or change.kind is ComparedKind.ENTITY_TYPES:
        return item
    if key in STANDARD_ENTITY_TYPES:
        return f"{entity_key_title(key, language).upper()} · {item}"
    return f"{visible(shortened(title(key) if title else key))} · {item}"


def not_compared_sentence(gap: NotCompared, language: Language, *, title: Title | None = None) -> str:
    """Which kind was not compared, and why."""
    entity = None
    if gap.entity_type is not None:
        entity = shortened(title(gap.entity_type) if title else entity_key_title(gap.entity_type, language))
    return f"{kind_word(gap.kind, entity, language)}: {say(_WHY_NOT[gap.why], language)}"


def _inside(change: Change) -> Iterator[tuple[ComparedKind, list[Any]]]:
    yield from ((ComparedKind(kind), rows) for kind, rows in (change.inside or {}).items())


def _part(kind: ComparedKind, row: Mapping[str, Any], language: Language) -> str:
    code, number = visible(row["code"] or ""), row["id"]
    if kind is ComparedKind.DICTIONARIES:
        code = code.partition(":")[2]
    name = quoted(shortened(row["label"]), language) if row["label"] else ""
    # A list value has the code of its field and no other.
    is_numbered = kind in (ComparedKind.LIST_VALUES, ComparedKind.PIPELINES)
    return " ".join(part for part in (f"id {number}" if is_numbered else "", code, name) if part)


def _of_gender(words: tuple[str, str, str], kind: ComparedKind) -> str:
    feminine, masculine, neuter = words
    return feminine if kind in _FEMININE else masculine if kind in _MASCULINE else neuter


def _identity(change: Change, language: Language) -> Iterator[str]:
    word, code = say(_KINDS[change.kind], language), visible(change.code or "")
    match change.kind:
        case ComparedKind.PIPELINES | ComparedKind.USERS | ComparedKind.DEPARTMENTS:
            yield f"{word} {change.item_id}"
        case ComparedKind.LIST_VALUES:
            yield f"{say(_KINDS[ComparedKind.USER_FIELDS], language)} {code}, {word} {change.item_id}"
        case ComparedKind.DICTIONARIES if change.item_id is not None:
            directory, _, status_id = code.partition(":")
            yield f"{word} {directory}, {say(_KINDS[ComparedKind.LIST_VALUES], language)} {status_id}"
        case _:
            yield f"{word} {code}"


def _edits(attribute: str, before: Any, after: Any, language: Language) -> Iterator[str]:
    """One phrase for each thing that differs: several for settings and for labels in several languages."""
    word = attribute_word(attribute, language)
    if attribute not in ("labels", "settings"):
        yield f"{word} {_value(attribute, before, language)} → {_value(attribute, after, language)}"
        return
    old, new = before or {}, after or {}
    several = attribute == "settings" or len(old.keys() | new.keys()) > 1
    for key in sorted(old.keys() | new.keys()):
        if not says_the_same(old.get(key), new.get(key)):
            name = f"{word} {visible(shortened(key))}" if several else word
            yield f"{name} {_value('', old.get(key), language)} → {_value('', new.get(key), language)}"


def _value(attribute: str, value: Any, language: Language) -> str:
    match value:
        case None | "":
            return say(_NOTHING, language)
        case bool():
            return say(_FLAGS[value], language)
        case str() if attribute == "meaning":
            return meaning_word(Meaning(value), language)
        case str() if attribute == "type":
            return visible(shortened(field_type_word(value, language)))
        case str():
            return quoted(shortened(value), language)
        case list() | tuple():
            return ", ".join(_value("", part, language) for part in value) or say(_NOTHING, language)
        case _:
            return visible(shortened(str(value)))
