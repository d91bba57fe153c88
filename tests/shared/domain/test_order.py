"""The portal's business order."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given

from shared.domain.coverage import Kind
from shared.domain.order import STANDARD_ENTITY_TYPES, in_business_order
from shared.domain.snapshot import Snapshot
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_value,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_user,
    a_user_field,
    an_entity_type,
)
from tests.shared.domain.portals import dice, examples, shuffled, snapshots


def test_standard_entity_types_come_first_then_smart_processes_by_number() -> None:
    keys = ("dynamic_1040", "requisite", "dynamic_162", "smart_invoice", "quote", "company", "lead")
    numbers = {"dynamic_1040": 1040, "dynamic_162": 162, "lead": 1, "quote": 7, "smart_invoice": 31}
    entities = tuple(an_entity_type(key=key, entity_type_id=numbers.get(key, 4)) for key in keys)
    ordered = in_business_order(a_snapshot(entity_types=entities)).entity_types
    assert [row.key for row in ordered] == [
        *("lead", "company", "quote", "smart_invoice", "requisite"),
        *("dynamic_162", "dynamic_1040"),
    ]
    assert STANDARD_ENTITY_TYPES.index("lead") < STANDARD_ENTITY_TYPES.index("deal")


# Ids in the order in which they have to come, each with its sort.
PLACES = [
    pytest.param([(9, 10), (2, 20), (30, 300)], id="by sort, and sort is a number"),
    pytest.param([(2, 10), (9, 10), (10, 10)], id="by id where the sort is the same, and id is a number"),
    pytest.param([(5, 0), (1, 10)], id="zero is a place like any other"),
    pytest.param([(5, -10), (1, 0)], id="so is a number below it"),
    pytest.param([(9, 500), (1, None), (2, None)], id="what has no known place comes last, by id"),
]


@pytest.mark.parametrize("places", PLACES)
def test_whatever_has_a_place_is_ordered_by_it(places: list[tuple[int, int | None]]) -> None:
    def rows(build: Any) -> tuple[Any, ...]:
        return tuple(build(id=number, sort=sort) for number, sort in reversed(places))

    ordered = in_business_order(
        a_snapshot(
            pipelines=tuple(
                a_pipeline(id=number, sort=sort, directory=f"DEAL_STAGE_{number}")
                for number, sort in reversed(places)
            ),
            stages=rows(a_stage),
            orphan_stages=rows(a_stage),
            dictionaries=(a_dictionary(items=rows(a_dictionary_item)),),
            user_fields=(*rows(a_user_field), a_user_field(entity_type="lead", values=rows(a_list_value))),
        )
    )
    fields = [row for row in ordered.user_fields if row.entity_type == "deal"]
    values = next(row.values for row in ordered.user_fields if row.entity_type == "lead")
    expected = [number for number, _ in places]
    for collection in (ordered.pipelines, ordered.stages, ordered.orphan_stages, fields, values):
        assert [row.id for row in collection] == expected
    assert [row.id for row in ordered.dictionaries[0].items] == expected


def test_pipelines_and_fields_stand_with_their_entity_type() -> None:
    snapshot = in_business_order(
        a_snapshot(
            entity_types=(a_smart_process(), an_entity_type()),
            pipelines=(
                a_pipeline(entity_type="dynamic_1040", id=9, sort=1, directory="DYNAMIC_1040_STAGE_9"),
                a_pipeline(sort=500),
            ),
            user_fields=(
                a_user_field(entity_type="dynamic_1040", id=502, sort=1),
                a_user_field(entity_type="unknown", id=503, sort=0),
                a_user_field(id=501, sort=500),
            ),
        )
    )
    assert [row.id for row in snapshot.pipelines] == [0, 9]
    assert [row.id for row in snapshot.user_fields] == [501, 502, 503]


def test_entity_types_that_are_not_listed_do_not_mix() -> None:
    places = [("b", 20), ("a", 10), ("b", 10), ("a", 20)]
    fields = tuple(a_user_field(entity_type=key, id=sort, sort=sort) for key, sort in places)
    snapshot = in_business_order(a_snapshot(entity_types=(), user_fields=fields))
    assert [(row.entity_type, row.id) for row in snapshot.user_fields] == sorted(places)


def test_stages_stand_with_their_pipeline_in_the_order_of_pipelines() -> None:
    snapshot = in_business_order(
        a_snapshot(
            pipelines=(
                a_pipeline(id=0, sort=300),
                a_pipeline(id=3, sort=20, directory="DEAL_STAGE_3"),
                a_pipeline(id=1, sort=10, directory="DEAL_STAGE_1"),
            ),
            stages=(
                a_stage(id=101, sort=10),
                a_stage(id=102, sort=10, pipeline_id=5, directory="DEAL_STAGE_5"),
                a_stage(id=103, sort=90, pipeline_id=1, directory="DEAL_STAGE_1"),
                a_stage(id=104, sort=20, pipeline_id=3, directory="DEAL_STAGE_3"),
                a_stage(id=105, sort=10, pipeline_id=3, directory="DEAL_STAGE_3"),
            ),
        )
    )
    assert [row.id for row in snapshot.stages] == [103, 105, 104, 101, 102]


def test_fields_without_an_id_are_ordered_by_code() -> None:
    fields = tuple(a_user_field(id=None, sort=None, code=code) for code in ("UF_CRM_B", "UF_CRM_A"))
    snapshot = in_business_order(a_snapshot(user_fields=(*fields, a_user_field())))
    assert [row.code for row in snapshot.user_fields] == ["UF_CRM_1700000000001", "UF_CRM_A", "UF_CRM_B"]


def test_names_never_decide() -> None:
    snapshot = in_business_order(
        a_snapshot(
            users=(a_user(id=12, name="Анна"), a_user(id=2, name="Яна")),
            departments=(a_department(id=10, name="А"), a_department(id=9, name="Я")),
            dictionaries=(
                a_dictionary(directory="SOURCE", name="А"),
                a_dictionary(directory="INDUSTRY", name="Я"),
            ),
        )
    )
    assert [row.id for row in snapshot.users] == [2, 12]
    assert [row.id for row in snapshot.departments] == [9, 10]
    assert [row.directory for row in snapshot.dictionaries] == ["INDUSTRY", "SOURCE"]


def test_the_receipt_stands_in_the_order_of_kinds_and_entity_types() -> None:
    types = (a_smart_process(), an_entity_type())
    snapshot = a_snapshot(entity_types=types, standard_fields=(a_standard_field(),))
    backwards = replace(snapshot, coverage=snapshot.coverage[::-1])
    ordered = in_business_order(backwards).coverage
    assert list(dict.fromkeys(entry.kind for entry in ordered)) == list(Kind)
    assert [entry.entity_type for entry in ordered if entry.entity_type] == 2 * ["deal", "dynamic_1040"]


@examples()
@given(snapshots(), dice)
def test_the_order_of_rows_is_forgotten(snapshot: Snapshot, dice: Random) -> None:
    assert in_business_order(shuffled(snapshot, dice)) == in_business_order(snapshot)


@examples()
@given(snapshots())
def test_nothing_is_lost_and_what_is_ordered_stays(snapshot: Snapshot) -> None:
    ordered = in_business_order(snapshot)
    assert in_business_order(ordered) == ordered
    assert sorted(map(repr, ordered.stages)) == sorted(map(repr, snapshot.stages))
    assert sorted(map(repr, ordered.standard_fields)) == sorted(map(repr, snapshot.standard_fields))
    assert len(ordered.user_fields) == len(snapshot.user_fields)
