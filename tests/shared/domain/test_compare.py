"""Two portals side by side, and two versions of one."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from shared.domain.compare import (
    OF_ONE_PORTAL,
    Doubt,
    SideBySide,
    compare_portals,
    compare_versions,
    may_be_left_out,
    speak_alike,
    without_labels,
)
from shared.domain.coverage import Kind, State
from shared.domain.identity import ComparedKind
from shared.domain.order import in_business_order
from shared.domain.parts import PartKey, parts_of, with_parts
from shared.domain.snapshot import Snapshot
from tests.builders import (
    READ_AT,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_list_value,
    a_pipeline,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_success_stage,
    a_user,
    a_user_field,
    an_entity_type,
    complete_coverage,
    with_coverage,
)
from tests.shared.domain.portals import examples, two_reads

WHOLESALE = {"id": 3, "name": "Опт", "directory": "DEAL_STAGE_3", "is_default": False, "sort": 20}


def told(outcome: SideBySide) -> list[tuple[Any, ...]]:
    """Each pair as its kind, the codes on both sides and what differs."""
    return [
        (
            pair.kind.value,
            pair.here and pair.here.code,
            pair.there and pair.there.code,
            *((change.attribute, change.before, change.after) for change in pair.edits),
        )
        for pair in outcome.pairs
    ]


def differences(here: Snapshot, there: Snapshot) -> list[tuple[Any, ...]]:
    outcome = compare_portals(here, there)
    assert outcome.gaps == ()
    return told(outcome)


def mirrored(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        (kind, there, here, *((name, after, before) for name, before, after in edits))
        for kind, here, there, *edits in rows
    ]


def with_pipelines(*pipelines: Any, stages: tuple[Any, ...] = ()) -> Snapshot:
    return a_snapshot(pipelines=pipelines, stages=stages)


def moved_to(number: int) -> Snapshot:
    """The same wholesale pipeline as another portal numbers it."""
    directory = f"DEAL_STAGE_{number}"
    stage = {"pipeline_id": number, "directory": directory}
    return with_pipelines(
        a_pipeline(),
        a_pipeline(**{**WHOLESALE, "id": number, "directory": directory}),
        stages=(
            a_stage(),
            a_stage(**stage, id=number * 100, status_id=f"C{number}:NEW", name="Запрос"),
            a_success_stage(**stage, id=number * 100 + 1, status_id=f"C{number}:WON"),
        ),
    )


def process(number: int, **changes: Any) -> Snapshot:
    """The same smart process as another portal numbers it."""
    key, type_id = f"dynamic_{number}", number - 1000
    entity = a_smart_process(key=key, entity_type_id=number, type_id=type_id, binding_prefix=f"T{number}")
    code = f"UF_CRM_{type_id}_1700000000001"
    return a_snapshot(
        entity_types=(an_entity_type(), replace(entity, **changes)),
        user_fields=(a_user_field(entity_type=key, id=number, code=code, api_name=f"ufCrm{number}"),),
        pipelines=(
            a_pipeline(),
            a_pipeline(entity_type=key, id=number, directory=f"DYNAMIC_{number}_STAGE_9"),
        ),
        stages=(
            a_stage(
                entity_type=key,
                pipeline_id=number,
                directory=f"DYNAMIC_{number}_STAGE_9",
                status_id=f"DT{number}_9:NEW",
            ),
        ),
    )


ALIKE: list[tuple[str, Snapshot, Snapshot]] = [
    ("the very same", a_snapshot(), a_snapshot()),
    ("other numbers of a pipeline and its stages", moved_to(3), moved_to(17)),
    ("other numbers of a smart process and its fields", process(1040), process(1055)),
    ("a title in other letters", process(1040), process(1040, title="РЕМОНТ")),
    (
        "another id of a field",
        a_snapshot(),
        a_snapshot(user_fields=(a_user_field(id=9, api_name="ufCrm1"),)),
    ),
    (
        "other ids of values",
        a_snapshot(user_fields=(a_list_field("Курьер", "Почта"),)),
        a_snapshot(
            user_fields=(
                a_user_field(
                    type="enumeration",
                    values=(
                        a_list_value(id=900, value="Курьер", sort=10, default=True, xml_id="other"),
                        a_list_value(id=901, value="Почта", sort=20, default=False),
                    ),
                ),
            )
        ),
    ),
    ("other people", a_snapshot(), a_snapshot(users=(a_user(id=77, name="Кто-то"),), departments=())),
    (
        "a label in one language more",
        a_snapshot(),
        a_snapshot(user_fields=(a_user_field(labels={"ru": "Способ доставки", "en": "Delivery"}),)),
    ),
    (
        "standard fields that only one read brought",
        a_snapshot(),
        a_snapshot(standard_fields=(a_standard_field(),)),
    ),
    (
        "standard fields in another language and another spelling",
        a_snapshot(standard_fields=(a_standard_field(),)),
        a_snapshot(standard_fields=(a_standard_field(label="Name", api_name=None),)),
    ),
    (
        "a place that was not read",
        a_snapshot(),
        a_snapshot(user_fields=(a_user_field(sort=None),)),
    ),
]


@pytest.mark.parametrize(("here", "there"), [row[1:] for row in ALIKE], ids=[row[0] for row in ALIKE])
def test_what_only_numbers_differ_in_is_alike(here: Snapshot, there: Snapshot) -> None:
    assert differences(here, there) == differences(there, here) == []


FIELD = "UF_CRM_1700000000001"
DIFFERENT: list[tuple[str, Snapshot, Snapshot, list[tuple[Any, ...]]]] = [
    (
        "a pipeline that only one has implies its stages",
        moved_to(3),
        a_snapshot(stages=(a_stage(),)),
        [("pipelines", "DEAL_STAGE_3", None)],
    ),
    (
        "a smart process implies its pipelines, stages and fields",
        a_snapshot(user_fields=(), stages=()),
        process(1040),
        [("entity_types", None, "dynamic_1040")],
    ),
    (
        "two pipelines of one name are two",
        with_pipelines(
            a_pipeline(),
            a_pipeline(**WHOLESALE),
            a_pipeline(**{**WHOLESALE, "id": 4, "directory": "DEAL_STAGE_4"}),
        ),
        with_pipelines(a_pipeline(), a_pipeline(**WHOLESALE)),
        [("pipelines", "DEAL_STAGE_4", None)],
    ),
    (
        "default pipelines meet under other names",
        a_snapshot(),
        a_snapshot(pipelines=(a_pipeline(name="Продажи"),)),
        [("pipelines", "DEAL_STAGE", "DEAL_STAGE", ("name", "Общая", "Продажи"))],
    ),
    (
        "a default pipeline stays with its namesake",
        with_pipelines(a_pipeline(), a_pipeline(**WHOLESALE)),
        with_pipelines(
            a_pipeline(**{**WHOLESALE, "name": "Общая", "sort": 10}),
            a_pipeline(name="Опт", sort=20),
        ),
        [
            ("pipelines", "DEAL_STAGE", "DEAL_STAGE_3", ("is_default", True, False)),
            ("pipelines", "DEAL_STAGE_3", "DEAL_STAGE", ("is_default", False, True)),
        ],
    ),
    (
        "a stage with another name and colour",
        a_snapshot(),
        a_snapshot(stages=(a_stage(name="Лид", color="#FF0000"), a_success_stage())),
        [("stages", "NEW", "NEW", ("name", "Новая заявка", "Лид"), ("color", "#39A8EF", "#FF0000"))],
    ),
    (
        "a stage more",
        a_snapshot(),
        a_snapshot(stages=(a_stage(),)),
        [("stages", "WON", None)],
    ),
    (
        "a field of another type that is required",
        a_snapshot(),
        a_snapshot(user_fields=(a_user_field(type="double", mandatory=True),)),
        [("user_fields", FIELD, FIELD, ("type", "string", "double"), ("mandatory", False, True))],
    ),
    (
        "a label in the language both have",
        a_snapshot(),
        a_snapshot(user_fields=(a_user_field(labels={"ru": "Доставка", "en": "Delivery"}),)),
        [
            (
                "user_fields",
                FIELD,
                FIELD,
                ("labels", {"ru": "Способ доставки"}, {"ru": "Доставка", "en": "Delivery"}),
            )
        ],
    ),
    (
        "a value that differs in case is another value",
        a_snapshot(user_fields=(a_list_field("Курьер"),)),
        a_snapshot(user_fields=(a_list_field("курьер"),)),
        [("list_values", FIELD, None), ("list_values", None, FIELD)],
    ),
    (
        "a standard field of another type and one that the other portal has not",
        a_snapshot(standard_fields=(a_standard_field(), a_standard_field(code="UTM_SOURCE"))),
        a_snapshot(standard_fields=(a_standard_field(type="text", mandatory=True, label="Name"),)),
        [
            ("standard_fields", "TITLE", "TITLE", ("type", "string", "text"), ("mandatory", False, True)),
            ("standard_fields", "UTM_SOURCE", None),
        ],
    ),
    (
        "a row of a dictionary",
        a_snapshot(),
        a_snapshot(
            dictionaries=(a_dictionary(items=(a_dictionary_item(), a_dictionary_item(id=8, status_id="X"))),)
        ),
        [("dictionaries", None, "SOURCE:X")],
    ),
]


@pytest.mark.parametrize(
    ("here", "there", "expected"), [row[1:] for row in DIFFERENT], ids=[row[0] for row in DIFFERENT]
)
def test_what_differs_is_told_from_either_side(
    here: Snapshot, there: Snapshot, expected: list[tuple[Any, ...]]
) -> None:
    assert differences(here, there) == expected
    assert sorted(differences(there, here), key=repr) == sorted(mirrored(expected), key=repr)


UNREAD = [state for state in State if state is not State.COMPLETE]


@pytest.mark.parametrize("state", UNREAD)
@pytest.mark.parametrize("kind", [Kind.ENTITY_TYPES, Kind.PIPELINES, Kind.STAGES, Kind.DICTIONARIES])
def test_what_was_not_read_completely_is_not_called_missing(kind: Kind, state: State) -> None:
    empty: dict[str, Any] = {kind.value: ()}
    unread = with_coverage(a_snapshot(**empty), kind, state=state)
    if kind is Kind.ENTITY_TYPES:
        unread = replace(unread, coverage=with_coverage(a_snapshot(), kind, state=state).coverage)
    for outcome, doubt in (
        (compare_portals(a_snapshot(), unread), Doubt.THERE_UNREAD),
        (compare_portals(unread, a_snapshot()), Doubt.HERE_UNREAD),
    ):
        assert outcome.pairs == ()
        assert (kind, doubt) in {(gap.kind, gap.doubt) for gap in outcome.gaps}


def test_the_stages_of_unread_pipelines_are_not_compared() -> None:
    unread = with_coverage(moved_to(5), Kind.PIPELINES, state=State.FAILED)
    outcome = compare_portals(moved_to(3), unread)
    assert outcome.pairs == ()
    assert {gap.kind for gap in outcome.gaps} == {Kind.PIPELINES, Kind.STAGES}


def test_fields_of_an_entity_the_other_receipt_does_not_mention_are_not_compared() -> None:
    silent = a_snapshot(user_fields=())
    silent = replace(
        silent, coverage=tuple(row for row in silent.coverage if row.kind is not Kind.USER_FIELDS)
    )
    outcome = compare_portals(a_snapshot(), silent)
    assert outcome.pairs == ()
    assert [(gap.kind, gap.entity_type, gap.doubt) for gap in outcome.gaps] == [
        (Kind.USER_FIELDS, "deal", Doubt.THERE_UNREAD)
    ]


def test_smart_processes_are_left_alone_where_nobody_knows_their_titles() -> None:
    unread = with_coverage(process(1055), Kind.ENTITY_TYPES, state=State.PARTIAL)
    outcome = compare_portals(process(1040), unread)
    assert told(outcome) == []
    assert (Kind.ENTITY_TYPES, Doubt.THERE_UNREAD) in {(gap.kind, gap.doubt) for gap in outcome.gaps}


def test_what_a_reader_without_rights_does_not_see_is_not_called_missing() -> None:
    limited = a_snapshot(
        reader=a_reader(admin=False), user_fields=(a_user_field(type="double"),), pipelines=()
    )
    here = a_snapshot(stages=())
    limited = replace(limited, stages=(), coverage=complete_coverage(limited))
    outcome = compare_portals(here, limited)
    assert told(outcome) == [("user_fields", FIELD, FIELD, ("type", "string", "double"))]
    assert [(gap.kind, gap.doubt) for gap in outcome.gaps] == [(Kind.PIPELINES, Doubt.THERE_LIMITED)]
    back = compare_portals(limited, here)
    assert [(gap.kind, gap.doubt) for gap in back.gaps] == [(Kind.PIPELINES, Doubt.HERE_LIMITED)]


def test_a_list_that_was_only_renumbered_is_in_the_same_order() -> None:
    here = a_snapshot(stages=(a_stage(sort=10), a_success_stage(sort=20)))
    there = a_snapshot(stages=(a_success_stage(sort=100), a_stage(sort=500)))
    kinds = [
        (pair.kind, [change.attribute for change in pair.edits])
        for pair in compare_portals(here, there).pairs
    ]
    assert kinds == [(ComparedKind.STAGES, ["sort"])]


def test_versions_of_one_portal_are_told_by_id_and_each_item_once() -> None:
    here = a_snapshot()
    there = a_snapshot(
        read_at=READ_AT + timedelta(hours=1),
        pipelines=(a_pipeline(name="Продажи"),),
        stages=(a_stage(name="Лид", color="#FF0000"),),
        users=(a_user(), a_user(id=13)),
    )
    assert told(compare_versions(here, there)) == [
        ("pipelines", "DEAL_STAGE", "DEAL_STAGE", ("name", "Общая", "Продажи")),
        ("stages", "NEW", "NEW", ("name", "Новая заявка", "Лид"), ("color", "#39A8EF", "#FF0000")),
        ("stages", "WON", None),
        ("users", None, None),
    ]


def test_a_gap_between_versions_is_told_too() -> None:
    unread = with_coverage(a_snapshot(pipelines=()), Kind.PIPELINES, state=State.FAILED)
    outcome = compare_versions(a_snapshot(), unread)
    assert outcome.pairs == ()
    assert [(gap.kind, gap.doubt) for gap in outcome.gaps] == [(Kind.PIPELINES, Doubt.THERE_UNREAD)]


@examples(300)
@given(two_reads())
def test_versions_compare_the_same_without_what_is_the_same_in_both(reads: tuple[Snapshot, Snapshot]) -> None:
    ours, theirs = (parts_of(in_business_order(side)) for side in reads)
    left_out = may_be_left_out({part for part in ours.keys() & theirs.keys() if ours[part] == theirs[part]})

    def sides(left_out: AbstractSet[PartKey]) -> list[Snapshot]:
        return [
            with_parts(side, {part: rows for part, rows in known.items() if part not in left_out})
            for side, known in zip(reads, (ours, theirs), strict=True)
        ]

    assert compare_versions(*sides(without_labels(left_out))) == compare_versions(*reads)
    if speak_alike(*sides(left_out)):
        assert compare_versions(*sides(left_out)) == compare_versions(*reads)


@examples()
@given(two_reads())
def test_portals_compare_the_same_without_what_is_each_ones_own(reads: tuple[Snapshot, Snapshot]) -> None:
    here, there = (
        with_parts(side, {part: rows for part, rows in parts_of(side).items() if part not in OF_ONE_PORTAL})
        for side in reads
    )
    assert compare_portals(here, there) == compare_portals(*reads)


def test_what_is_the_same_matters_where_only_it_is_in_the_language_of_a_label() -> None:
    def version(*labels: str) -> Snapshot:
        weight = a_user_field(id=1, labels=dict.fromkeys(labels, "Вес"))
        return a_snapshot(
            user_fields=(weight, a_user_field(id=2, entity_type="contact", labels={"ru": "Вес"}))
        )

    def without_contacts(whole: Snapshot) -> Snapshot:
        return replace(whole, user_fields=whole.user_fields[:1])

    whole = version(), version("de")
    some = without_contacts(whole[0]), without_contacts(whole[1])
    assert not speak_alike(*some)
    assert compare_versions(*some) != compare_versions(*whole)
