"""Two portals: what is alike and what differs, whatever numbers each of them hands out."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.snapshot import Snapshot
from tests.builders import (
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_list_value,
    a_pipeline,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_success_stage,
    a_user,
    a_user_field,
)
from tests.shared.domain.comparing import between
from tests.shared.domain.numbered import WHOLESALE, moved_to, process, with_pipelines


def mirrored(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        (kind, there, here, *((name, after, before) for name, before, after in edits))
        for kind, here, there, *edits in rows
    ]


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
    assert between(here, there) == between(there, here) == []


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
        "a value that differs in case is the same value in other letters",
        a_snapshot(user_fields=(a_list_field("Курьер"),)),
        a_snapshot(user_fields=(a_list_field("курьер"),)),
        [("list_values", FIELD, FIELD, ("value", "Курьер", "курьер"))],
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
    assert between(here, there) == expected
    assert sorted(between(there, here), key=repr) == sorted(mirrored(expected), key=repr)
