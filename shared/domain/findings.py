"""Finds what deserves attention in a snapshot: misleading names, orphan stages, damaged texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from shared.domain.coverage import Kind, State
from shared.domain.item_references import ItemReference, label_of, reference_to, texts
from shared.domain.names import normalised
from shared.domain.near_names import families, namesakes, standard_titles
from shared.domain.snapshot import (
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Meaning,
    Pipeline,
    Snapshot,
    Stage,
    UserField,
)

T = TypeVar("T")
K = TypeVar("K")

DAMAGED = "\ufffd"


class FindingCode(StrEnum):
    """The kinds of findings in the order in which they are listed."""

    SAME_LABEL = "same_label"
    SAME_BEGINNING = "same_beginning"
    LIKE_STANDARD = "like_standard"
    SAME_VALUE = "same_value"
    NO_LABEL = "no_label"
    EMPTY_LIST = "empty_list"
    UNUSUAL_CODE = "unusual_code"
    SUCCESS_STAGES = "success_stages"
    LEFTOVER_STAGES = "leftover_stages"
    NO_NAME = "no_name"
    DAMAGED_TEXT = "damaged_text"
    DISMISSED_HEAD = "dismissed_head"
    UNLISTED_HEAD = "unlisted_head"
    UNLISTED_READER = "unlisted_reader"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. ``detail`` is the label, code, directory or person it is about; empty if there is none."""

    code: FindingCode
    kind: Kind
    entity_type: str | None
    items: tuple[ItemReference, ...]
    detail: str = ""


def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    """All findings about the snapshot, by code and then in the portal's order.

    There are none about a kind that was not read completely, or about an attribute that was not understood.
    """
    searches = (
        _same_labels,
        _same_beginnings,
        _like_standard_ones,
        _same_values,
        _without_label,
        _empty_lists,
        _unusual_codes,
        _success_stages,
        _leftovers,
        _without_name,
        _damaged,
        _heads,
        _reader,
    )
    return tuple(
        remark
        for search in searches
        for remark in search(snapshot)
        if _whole(snapshot, remark.kind, remark.entity_type if remark.kind.is_per_entity else None)
    )


def _whole(snapshot: Snapshot, kind: Kind, entity_type: str | None = None) -> bool:
    return any(
        entry.key == (kind, entity_type) and entry.state is State.COMPLETE for entry in snapshot.coverage
    )


def _grouped(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _fields_where(
    snapshot: Snapshot, code: FindingCode, condition: Callable[[UserField], bool]
) -> Iterator[Finding]:
    chosen = (field for field in snapshot.user_fields if condition(field))
    for entity_type, fields in _grouped(chosen, lambda field: field.entity_type).items():
        yield Finding(code, Kind.USER_FIELDS, entity_type, tuple(map(reference_to, fields)))


def _same_labels(snapshot: Snapshot) -> Iterator[Finding]:
    for entity_type, fields in _grouped(snapshot.user_fields, lambda field: field.entity_type).items():
        for twins in namesakes(fields, label_of):
            yield _called(FindingCode.SAME_LABEL, entity_type, twins, label_of(twins[0]))


def _same_beginnings(snapshot: Snapshot) -> Iterator[Finding]:
    for entity_type, fields in _grouped(snapshot.user_fields, lambda field: field.entity_type).items():
        for family in families(fields, label_of):
            shortest = min((label_of(field) or "" for field in family), key=len)
            yield _called(FindingCode.SAME_BEGINNING, entity_type, family, shortest.partition("(")[0].strip())


def _like_standard_ones(snapshot: Snapshot) -> Iterator[Finding]:
    for entity_type, fields in _grouped(snapshot.user_fields, lambda field: field.entity_type).items():
        codes = standard_titles(snapshot, entity_type)
        alike: dict[str, list[UserField]] = defaultdict(list)
        for field in fields:
            code = codes.get(normalised(label_of(field) or ""))
            if code is not None:
                alike[code].append(field)
        for code, twins in alike.items():
            yield _called(FindingCode.LIKE_STANDARD, entity_type, twins, code)


def _called(code: FindingCode, entity_type: str, fields: Iterable[UserField], detail: str | None) -> Finding:
    items = tuple(map(reference_to, fields))
    return Finding(code, Kind.USER_FIELDS, entity_type, items, detail or "")


def _same_values(snapshot: Snapshot) -> Iterator[Finding]:
    """Values of one list or dictionary whose names a person reads as equal."""
    for field in snapshot.user_fields:
        for values in namesakes(field.values, lambda value: value.value):
            yield _called_in(Kind.USER_FIELDS, field.entity_type, values, field.code)
    for dictionary in snapshot.dictionaries:
        for rows in namesakes(dictionary.items, lambda row: row.name):
            yield _called_in(Kind.DICTIONARIES, None, rows, dictionary.directory)


def _called_in(
    kind: Kind, entity_type: str | None, rows: Iterable[ListValue | DictionaryItem], owner: str
) -> Finding:
    return Finding(FindingCode.SAME_VALUE, kind, entity_type, tuple(map(reference_to, rows)), owner)


def _without_label(snapshot: Snapshot) -> Iterator[Finding]:
    return _fields_where(
        snapshot,
        FindingCode.NO_LABEL,
        lambda field: label_of(field) is None and field.is_understood("labels"),
    )


def _empty_lists(snapshot: Snapshot) -> Iterator[Finding]:
    return _fields_where(
        snapshot, FindingCode.EMPTY_LIST, lambda field: field.type == "enumeration" and not field.values
    )


def _unusual_codes(snapshot: Snapshot) -> Iterator[Finding]:
    usual = {entity.key: _usual_prefix(entity) for entity in snapshot.entity_types}
    return _fields_where(
        snapshot,
        FindingCode.UNUSUAL_CODE,
        lambda field: not field.code.startswith(usual.get(field.entity_type, "UF_")),
    )


def _usual_prefix(entity: EntityType) -> str:
    """What field codes of an entity begin with (Bitrix24 REST documentation, userfieldconfig)."""
    if entity.key == "smart_invoice":
        return "UF_CRM_SMART_INVOICE_"
    if entity.type_id is not None:
        return f"UF_CRM_{entity.type_id}_"
    return "UF_" if entity.key.startswith("dynamic_") else "UF_CRM_"


def _success_stages(snapshot: Snapshot) -> Iterator[Finding]:
    """Directories that do not have exactly one success stage (REST documentation, crm.status).

    A pipeline without any stages is no finding: smart processes may have none.
    """
    successes: dict[tuple[str, str], list[ItemReference]] = {}
    doubtful = {stage.directory for stage in snapshot.stages if not stage.is_understood("meaning")}
    for stage in snapshot.stages:
        if stage.directory in doubtful:
            continue
        directory_successes = successes.setdefault((stage.entity_type, stage.directory), [])
        if stage.meaning is Meaning.SUCCESS:
            directory_successes.append(reference_to(stage))
    for (entity_type, directory), stages in successes.items():
        if len(stages) != 1:
            yield Finding(FindingCode.SUCCESS_STAGES, Kind.STAGES, entity_type, tuple(stages), directory)


def _leftovers(snapshot: Snapshot) -> Iterator[Finding]:
    if not _whole(snapshot, Kind.PIPELINES):
        # Their pipeline may exist and not have been read.
        return
    directories = _grouped(snapshot.orphan_stages, lambda stage: (stage.entity_type, stage.directory))
    for (entity_type, directory), stages in directories.items():
        items = tuple(reference_to(stage) for stage in stages)
        yield Finding(FindingCode.LEFTOVER_STAGES, Kind.STAGES, entity_type, items, directory)


def _without_name(snapshot: Snapshot) -> Iterator[Finding]:
    nameless_types = tuple(
        ItemReference(row.entity_type_id, row.key, None)
        for row in snapshot.entity_types
        if not row.title and row.is_understood("title")
    )
    if nameless_types:
        yield Finding(FindingCode.NO_NAME, Kind.ENTITY_TYPES, None, nameless_types)
    nameless_pipelines = (row for row in snapshot.pipelines if _is_nameless(row))
    for entity_type, rows in _grouped(nameless_pipelines, lambda row: row.entity_type).items():
        items = tuple(ItemReference(row.id, row.directory, None) for row in rows)
        yield Finding(FindingCode.NO_NAME, Kind.PIPELINES, entity_type, items)
    nameless_stages = (row for row in snapshot.stages if _is_nameless(row))
    for entity_type, stages in _grouped(nameless_stages, lambda row: row.entity_type).items():
        yield Finding(
            FindingCode.NO_NAME, Kind.STAGES, entity_type, tuple(reference_to(row) for row in stages)
        )
    nameless_lists = tuple(
        ItemReference(None, row.directory, None) for row in snapshot.dictionaries if _is_nameless(row)
    )
    if nameless_lists:
        yield Finding(FindingCode.NO_NAME, Kind.DICTIONARIES, None, nameless_lists)


def _is_nameless(row: Pipeline | Stage | Dictionary) -> bool:
    return not row.name and row.is_understood("name")


def _damaged(snapshot: Snapshot) -> Iterator[Finding]:
    """Texts with U+FFFD, which replaces a character that was lost or could not be stored."""
    places = _grouped(
        (
            (kind, entity_type, row)
            for kind, entity_type, row, written in texts(snapshot)
            if any(text and DAMAGED in text for text in written)
        ),
        lambda place: place[:2],
    )
    for (kind, entity_type), rows in sorted(places.items(), key=lambda place: list(Kind).index(place[0][0])):
        yield Finding(
            FindingCode.DAMAGED_TEXT, kind, entity_type, tuple(reference_to(row) for _, _, row in rows)
        )


def _heads(snapshot: Snapshot) -> Iterator[Finding]:
    if not _whole(snapshot, Kind.USERS):
        return
    users = {user.id: user for user in snapshot.users}
    headed = _grouped(snapshot.departments, lambda department: department.head_id)
    heads = [(head, departments) for head, departments in headed.items() if head is not None]
    for head, departments in heads:
        if head in users and not users[head].active:
            who = f"id {head} {users[head].name or ''}".strip()
            yield Finding(FindingCode.DISMISSED_HEAD, Kind.DEPARTMENTS, None, _departments(departments), who)
    for head, departments in heads:
        if head not in users:
            headed_by = _departments(departments)
            yield Finding(FindingCode.UNLISTED_HEAD, Kind.DEPARTMENTS, None, headed_by, f"id {head}")


def _departments(departments: Iterable[Department]) -> tuple[ItemReference, ...]:
    return tuple(ItemReference(department.id, None, department.name) for department in departments)


def _reader(snapshot: Snapshot) -> Iterator[Finding]:
    """A reader whom the portal does not list: an integrator or a system user, whom the portal may replace."""
    reader = snapshot.reader
    listed = {user.id for user in snapshot.users}
    if reader.id is not None and reader.id not in listed:
        item = ItemReference(reader.id, None, reader.name)
        yield Finding(FindingCode.UNLISTED_READER, Kind.USERS, None, (item,))
