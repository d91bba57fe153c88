"""Small domain values for tests: say only what the test is about, the rest is plausible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.domain.coverage import Coverage, Kind, State
from shared.domain.snapshot import (
    CrmMode,
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Meaning,
    Pipeline,
    PortalFacts,
    Reader,
    Snapshot,
    Stage,
    StandardField,
    User,
    UserField,
)

READ_AT = datetime(2031, 3, 12, 6, 15, tzinfo=UTC)

SCOPES = frozenset({"crm", "department", "user_brief", "userfieldconfig"})

_PORTAL = PortalFacts("romashka-opt.example", None, "ru", "ru_pro", CrmMode.CLASSIC)
_READER = Reader(12, "Пример Иван", admin=True, scopes=SCOPES)
_DEAL = EntityType("deal", 2, None, "Сделка", "CRM_DEAL", "D")
_PIPELINE = Pipeline("deal", 0, "Общая", 10, is_default=True, directory="DEAL_STAGE")
_STAGE = Stage(
    "deal", 0, "DEAL_STAGE", "NEW", 101, "Новая заявка", 10, Meaning.PROCESS, "#39A8EF", system=True
)
_SOURCE = DictionaryItem("CALL", 9, "Звонок", 10, system=True)
_FIELD = UserField(
    entity_type="deal",
    id=501,
    code="UF_CRM_1700000000001",
    api_name="ufCrm_1700000000001",
    type="string",
    multiple=False,
    mandatory=False,
    sort=100,
    labels={"ru": "Способ доставки"},
)
_TITLE = StandardField(
    "deal", "TITLE", "title", "string", multiple=False, mandatory=False, read_only=False, label="Название"
)


def a_portal(**changes: Any) -> PortalFacts:
    return replace(_PORTAL, **changes)


def a_reader(**changes: Any) -> Reader:
    return replace(_READER, **changes)


def an_entity_type(**changes: Any) -> EntityType:
    """The deal, unless told otherwise."""
    return replace(_DEAL, **changes)


def a_smart_process(**changes: Any) -> EntityType:
    smart_process = EntityType("dynamic_1040", 1040, 7, "Ремонт", "CRM_7", "T410")
    return replace(smart_process, **changes)


def a_pipeline(**changes: Any) -> Pipeline:
    """The default pipeline of deals, unless told otherwise."""
    return replace(_PIPELINE, **changes)


def a_stage(**changes: Any) -> Stage:
    """The first stage of the default pipeline of deals, unless told otherwise."""
    return replace(_STAGE, **changes)


def a_success_stage(**changes: Any) -> Stage:
    success = {"status_id": "WON", "id": 111, "name": "Оплачена", "sort": 60, "meaning": Meaning.SUCCESS}
    return a_stage(**{**success, **changes})


def a_dictionary(**changes: Any) -> Dictionary:
    """The list of sources, unless told otherwise."""
    return replace(Dictionary("SOURCE", "Источники", (_SOURCE,)), **changes)


def a_dictionary_item(**changes: Any) -> DictionaryItem:
    return replace(_SOURCE, **changes)


def a_standard_field(**changes: Any) -> StandardField:
    """The title of deals, unless told otherwise."""
    return replace(_TITLE, **changes)


def a_user_field(**changes: Any) -> UserField:
    """A text field of deals, unless told otherwise."""
    return replace(_FIELD, **changes)


def a_list_field(*values: str, **changes: Any) -> UserField:
    """A list field with these values, numbered from 71; the first is the default."""
    built = tuple(
        a_list_value(id=71 + n, value=value, sort=10 * (n + 1), default=n == 0)
        for n, value in enumerate(values)
    )
    return a_user_field(**{"type": "enumeration", "values": built, **changes})


def a_list_value(**changes: Any) -> ListValue:
    return replace(ListValue(71, "Самовывоз", 10, default=False, xml_id="x71"), **changes)


def a_user(**changes: Any) -> User:
    return replace(User(12, "Пример Иван", active=True, position=None, departments=(1,)), **changes)


def a_department(**changes: Any) -> Department:
    return replace(Department(1, "Ромашка Опт", None, 12), **changes)


def a_coverage(kind: Kind, **changes: Any) -> Coverage:
    """A kind that was read completely, unless told otherwise."""
    return replace(Coverage(kind, State.COMPLETE, 0, READ_AT), **changes)


def a_snapshot(**changes: Any) -> Snapshot:
    """A portal with one deal pipeline, one field, one source and one person, read completely.

    Where ``coverage`` is not among the changes, it says that everything there is was read.
    """
    snapshot = replace(
        Snapshot(
            portal=a_portal(),
            read_at=READ_AT,
            reader=a_reader(),
            coverage=(),
            entity_types=(an_entity_type(),),
            pipelines=(a_pipeline(),),
            stages=(a_stage(), a_success_stage()),
            dictionaries=(a_dictionary(),),
            user_fields=(a_user_field(),),
            users=(a_user(),),
            departments=(a_department(),),
        ),
        **changes,
    )
    return snapshot if "coverage" in changes else replace(snapshot, coverage=complete_coverage(snapshot))


def complete_coverage(snapshot: Snapshot) -> tuple[Coverage, ...]:
    """A receipt that says everything in this snapshot was read, and nothing else exists.

    It is that of a full read if the snapshot has any standard fields.
    """
    entity_types = [entity.key for entity in snapshot.entity_types]
    strangers = [field.entity_type for field in snapshot.user_fields if field.entity_type not in entity_types]

    def of_fields(kind: Kind, fields: Sequence[StandardField | UserField]) -> Iterator[Coverage]:
        for key in dict.fromkeys((*entity_types, *strangers)):
            yield a_coverage(kind, entity_type=key, items=sum(field.entity_type == key for field in fields))

    return (
        a_coverage(Kind.PORTAL, items=1),
        a_coverage(Kind.ENTITY_TYPES, items=len(snapshot.entity_types)),
        a_coverage(Kind.PIPELINES, items=len(snapshot.pipelines)),
        a_coverage(Kind.STAGES, items=len(snapshot.stages)),
        a_coverage(Kind.DICTIONARIES, items=len(snapshot.dictionaries)),
        *(of_fields(Kind.STANDARD_FIELDS, snapshot.standard_fields) if snapshot.standard_fields else ()),
        *of_fields(Kind.USER_FIELDS, snapshot.user_fields),
        a_coverage(Kind.USERS, items=len(snapshot.users)),
        a_coverage(Kind.DEPARTMENTS, items=len(snapshot.departments)),
    )


def with_coverage(snapshot: Snapshot, kind: Kind, **changes: Any) -> Snapshot:
    """The snapshot with every receipt of this kind (and entity type, if given) changed; items stay."""
    entity_type = changes.get("entity_type")
    return replace(
        snapshot,
        coverage=tuple(
            replace(entry, **changes)
            if entry.kind is kind and entity_type in (None, entry.entity_type)
            else entry
            for entry in snapshot.coverage
        ),
    )
