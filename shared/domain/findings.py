"""What a careful reader would point out in a snapshot: traps, left-overs, damaged texts."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from shared.domain.coverage import Kind, State
from shared.domain.snapshot import (
    Department,
    Dictionary,
    EntityType,
    Meaning,
    Pipeline,
    Snapshot,
    Stage,
    StandardField,
    User,
    UserField,
)

_Row = EntityType | Pipeline | Stage | Dictionary | StandardField | UserField | User | Department
T = TypeVar("T")
K = TypeVar("K")

DAMAGED = "\ufffd"


class FindingCode(StrEnum):
    """The kinds of findings in the order in which they are listed."""

    SAME_LABEL = "same_label"
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
class Concerned:
    """An item a finding speaks about. What it does not have is ``None``."""

    id: int | None
    code: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. ``detail`` is the label, directory or department it is about, where there is one."""

    code: FindingCode
    kind: Kind
    entity_type: str | None
    items: tuple[Concerned, ...]
    detail: str = ""


def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Every remark about the snapshot, by kind of remark and then in the portal's order.

    Nothing is remarked about a kind that was not read completely, nor about an attribute that was not understood.
    """
    searches = (
        _same_labels,
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


def label_of(field: UserField) -> str | None:
    """The name of a field in the first language it has one in."""
    for label in field.labels.values():
        if label:
            return label
    return None


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
    concerned = (field for field in snapshot.user_fields if condition(field))
    for entity_type, fields in _grouped(concerned, lambda field: field.entity_type).items():
        yield Finding(code, Kind.USER_FIELDS, entity_type, tuple(_field(field) for field in fields))


def _field(field: UserField) -> Concerned:
    return Concerned(field.id, field.code, label_of(field))


def _stage(stage: Stage) -> Concerned:
    return Concerned(stage.id, stage.status_id, stage.name)


def _same_labels(snapshot: Snapshot) -> Iterator[Finding]:
    labelled = (field for field in snapshot.user_fields if label_of(field))
    twins = _grouped(labelled, lambda field: (field.entity_type, _as_read(label_of(field) or "")))
    for (entity_type, _), fields in twins.items():
        if len(fields) > 1:
            items = tuple(_field(field) for field in fields)
            yield Finding(FindingCode.SAME_LABEL, Kind.USER_FIELDS, entity_type, items, items[0].label or "")


def _as_read(label: str) -> str:
    """What a person takes in: capitals, spacing, the Unicode form and unseen signs make no difference."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    if not folded.isprintable():
        folded = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return " ".join(folded.split())


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
    """Directories without exactly one success stage; one is the rule (REST documentation, crm.status).

    A pipeline with no stages at all is in order: smart processes may do without.
    """
    successes: dict[tuple[str, str], list[Concerned]] = {}
    doubtful = {stage.directory for stage in snapshot.stages if not stage.is_understood("meaning")}
    for stage in snapshot.stages:
        if stage.directory in doubtful:
            continue
        found = successes.setdefault((stage.entity_type, stage.directory), [])
        if stage.meaning is Meaning.SUCCESS:
            found.append(_stage(stage))
    for (entity_type, directory), stages in successes.items():
        if len(stages) != 1:
            yield Finding(FindingCode.SUCCESS_STAGES, Kind.STAGES, entity_type, tuple(stages), directory)


def _leftovers(snapshot: Snapshot) -> Iterator[Finding]:
    if not _whole(snapshot, Kind.PIPELINES):
        # Their pipeline may be one that was not read.
        return
    directories = _grouped(snapshot.orphan_stages, lambda stage: (stage.entity_type, stage.directory))
    for (entity_type, directory), stages in directories.items():
        items = tuple(_stage(stage) for stage in stages)
        yield Finding(FindingCode.LEFTOVER_STAGES, Kind.STAGES, entity_type, items, directory)


def _without_name(snapshot: Snapshot) -> Iterator[Finding]:
    nameless_types = tuple(
        Concerned(row.entity_type_id, row.key, None)
        for row in snapshot.entity_types
        if not row.title and row.is_understood("title")
    )
    if nameless_types:
        yield Finding(FindingCode.NO_NAME, Kind.ENTITY_TYPES, None, nameless_types)
    nameless_pipelines = (row for row in snapshot.pipelines if _is_nameless(row))
    for entity_type, rows in _grouped(nameless_pipelines, lambda row: row.entity_type).items():
        items = tuple(Concerned(row.id, row.directory, None) for row in rows)
        yield Finding(FindingCode.NO_NAME, Kind.PIPELINES, entity_type, items)
    nameless_stages = (row for row in snapshot.stages if _is_nameless(row))
    for entity_type, stages in _grouped(nameless_stages, lambda row: row.entity_type).items():
        yield Finding(FindingCode.NO_NAME, Kind.STAGES, entity_type, tuple(_stage(row) for row in stages))
    nameless_lists = tuple(
        Concerned(None, row.directory, None) for row in snapshot.dictionaries if _is_nameless(row)
    )
    if nameless_lists:
        yield Finding(FindingCode.NO_NAME, Kind.DICTIONARIES, None, nameless_lists)


def _is_nameless(row: Pipeline | Stage | Dictionary) -> bool:
    return not row.name and row.is_understood("name")


def _damaged(snapshot: Snapshot) -> Iterator[Finding]:
    """Texts with U+FFFD, which stands where a character was lost or could not be kept."""
    places = _grouped(
        (
            (kind, entity_type, row)
            for kind, entity_type, row, texts in _texts(snapshot)
            if any(text and DAMAGED in text for text in texts)
        ),
        lambda place: place[:2],
    )
    for (kind, entity_type), rows in sorted(places.items(), key=lambda place: list(Kind).index(place[0][0])):
        yield Finding(FindingCode.DAMAGED_TEXT, kind, entity_type, tuple(_named(row) for _, _, row in rows))


def _texts(snapshot: Snapshot) -> Iterator[tuple[Kind, str | None, _Row, Iterable[str | None]]]:
    for entity in snapshot.entity_types:
        yield Kind.ENTITY_TYPES, None, entity, (entity.title,)
    for pipeline in snapshot.pipelines:
        yield Kind.PIPELINES, pipeline.entity_type, pipeline, (pipeline.name,)
    for stage in snapshot.stages:
        yield Kind.STAGES, stage.entity_type, stage, (stage.name,)
    for dictionary in snapshot.dictionaries:
        yield Kind.DICTIONARIES, None, dictionary, (dictionary.name, *(row.name for row in dictionary.items))
    for standard in snapshot.standard_fields:
        yield Kind.STANDARD_FIELDS, standard.entity_type, standard, (standard.label,)
    for field in snapshot.user_fields:
        texts = (*field.labels.values(), *[value.value for value in field.values])
        yield Kind.USER_FIELDS, field.entity_type, field, texts
    for user in snapshot.users:
        yield Kind.USERS, None, user, (user.name, user.position)
    for department in snapshot.departments:
        yield Kind.DEPARTMENTS, None, department, (department.name,)


def _named(row: _Row) -> Concerned:
    match row:
        case EntityType():
            return Concerned(row.entity_type_id, row.key, row.title)
        case Stage():
            return _stage(row)
        case UserField():
            return _field(row)
        case StandardField():
            return Concerned(None, row.code, row.label)
        case Pipeline():
            return Concerned(row.id, row.directory, row.name)
        case Dictionary():
            return Concerned(None, row.directory, row.name)
        case _:
            return Concerned(row.id, None, row.name)


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
            concerned = _departments(departments)
            yield Finding(FindingCode.UNLISTED_HEAD, Kind.DEPARTMENTS, None, concerned, f"id {head}")


def _departments(departments: Iterable[Department]) -> tuple[Concerned, ...]:
    return tuple(Concerned(department.id, None, department.name) for department in departments)


def _reader(snapshot: Snapshot) -> Iterator[Finding]:
    """The reader whom the portal does not list: an integrator or system user, who can be replaced."""
    reader = snapshot.reader
    listed = {user.id for user in snapshot.users}
    if reader.id is not None and reader.id not in listed:
        item = Concerned(reader.id, None, reader.name)
        yield Finding(FindingCode.UNLISTED_READER, Kind.USERS, None, (item,))
