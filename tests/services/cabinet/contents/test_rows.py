"""The rows of an account's tables: the portal's identifiers, in the portal's order, in the visitor's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.cabinet.contents.entities import chosen, entities
from services.cabinet.contents.pipelines import pipelines
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.stages import GREY, stages
from services.cabinet.contents.user_fields import user_fields
from services.cabinet.contents.users import departments, users
from shared.domain.coverage import Kind, State
from shared.domain.snapshot import Meaning
from tests.builders import (
    a_coverage,
    a_department,
    a_list_field,
    a_pipeline,
    a_portal,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_success_stage,
    a_user,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.services.cabinet.contents.conftest import IN_ENGLISH, IN_RUSSIAN

Known = Callable[..., Contents]
LEAD = an_entity_type(key="lead", entity_type_id=1, title="Лид", field_owner="CRM_LEAD", binding_prefix="L")


def test_pipelines_stand_in_the_portals_order_with_all_their_identifiers(known: Known) -> None:
    found = known(
        a_snapshot(
            entity_types=(an_entity_type(), a_smart_process()),
            pipelines=(
                a_pipeline(entity_type="dynamic_1040", id=15, name=None, directory="DYNAMIC_1040_STAGE_15"),
                a_pipeline(id=3, name="Опт", sort=5, is_default=False, directory="DEAL_STAGE_3"),
                a_pipeline(),
            ),
        )
    )
    rows = pipelines(found, IN_RUSSIAN)
    assert [(row.entity, row.entity_type_id, row.id, row.directory) for row in rows] == [
        ("Сделка", 2, 3, "DEAL_STAGE_3"),
        ("Сделка", 2, 0, "DEAL_STAGE"),
        ("Ремонт", 1040, 15, "DYNAMIC_1040_STAGE_15"),
    ]
    assert [(row.name, row.is_default, row.stages) for row in rows] == [
        ("Опт", False, 0),
        ("Общая", True, 2),
        ("название не задано", True, 0),
    ]
    assert [row.id for row in pipelines(found, IN_RUSSIAN, "dynamic_1040")] == [15]


def test_stages_make_one_line_for_each_pipeline(known: Known) -> None:
    found = known(
        a_snapshot(
            entity_types=(LEAD, an_entity_type()),
            pipelines=(a_pipeline(),),
            stages=(
                a_success_stage(color="#FFFFAA"),
                a_stage(color="#000080"),
                a_stage(entity_type="lead", pipeline_id=None, directory="STATUS", id=1, color="red;}"),
            ),
        )
    )
    leads, deals = stages(found, IN_RUSSIAN)
    assert (leads.pipeline_id, leads.filter_field, leads.entity_type_id) == (None, "STATUS_ID", 1)
    assert (deals.pipeline_id, deals.filter_field, deals.name) == (0, "STAGE_ID", "Общая")
    assert [(row.order, row.status_id, row.id, row.meaning) for row in deals.stages] == [
        (1, "NEW", 101, "в работе"),
        (2, "WON", 111, "УСПЕХ"),
    ]
    assert [(row.sign, row.is_dark) for row in deals.stages] == [("", True), ("✓\N{NO-BREAK SPACE}", False)]
    assert (leads.stages[0].color, leads.stages[0].fill) == ("red;}", GREY)
    assert stages(found, IN_RUSSIAN, "deal") == (deals,)


def test_stages_whose_pipeline_was_not_read_are_shown_all_the_same(known: Known) -> None:
    unread = with_coverage(a_snapshot(pipelines=()), Kind.PIPELINES, state=State.FAILED, items=0)
    (line,) = stages(known(unread), IN_RUSSIAN)
    assert (line.pipeline_id, line.name, len(line.stages)) == (0, "", 2)


@pytest.mark.parametrize("meaning", list(Meaning))
def test_every_meaning_has_a_word_and_final_ones_a_sign(known: Known, meaning: Meaning) -> None:
    (line,) = stages(known(a_snapshot(stages=(a_stage(meaning=meaning),))), IN_ENGLISH)
    assert line.stages[0].meaning
    assert bool(line.stages[0].sign) is (meaning is not Meaning.PROCESS)


def test_a_field_has_both_spellings_and_the_best_label_there_is(known: Known) -> None:
    fields = (
        a_user_field(id=1, code="UF_CRM_A", labels={"ru": "Имя", "en": "Name"}),
        a_user_field(id=2, code="UF_CRM_B", labels={"de": "Ware", "ua": "Товар"}, api_name="ufCrmB"),
        a_user_field(id=3, code="UF_CRM_C", labels={}, api_name=None),
        a_user_field(id=None, code="UF_CRM_D", sort=None, labels={"fr": "Nom"}),
    )
    rows = user_fields(
        known(a_snapshot(user_fields=fields, portal=a_portal(language="ua"))), IN_ENGLISH, "deal"
    )
    assert [(row.id, row.code, row.label) for row in rows] == [
        (1, "UF_CRM_A", "Name"),
        (2, "UF_CRM_B", "Товар"),
        (3, "UF_CRM_C", "name not set"),
        (None, "UF_CRM_D", "Nom"),
    ]
    assert [(row.api_name, row.has_label) for row in rows[1:3]] == [("ufCrmB", True), ("", False)]


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"type": "enumeration"}, "список пуст"),
        ({"type": "crm_status", "settings": {"ENTITY_TYPE": "SOURCE"}}, "SOURCE · Источники"),
        ({"type": "crm_status", "settings": {"ENTITY_TYPE": ["odd"]}}, ""),
        ({"type": "crm", "settings": {"DEAL": "Y", "LEAD": "N", "UNKNOWN_9": "Y"}}, "Сделка, UNKNOWN_9"),
        ({"type": "iblock_element", "settings": {"IBLOCK_ID": 12}}, "инфоблок 12"),
        ({"type": "hlblock", "settings": {}}, ""),
        ({"type": "string"}, ""),
        ({"type": "rest_17_own"}, ""),
    ],
)
def test_a_field_says_what_it_points_to(known: Known, changes: dict[str, Any], about: str) -> None:
    (row,) = user_fields(known(a_snapshot(user_fields=(a_user_field(**changes),))), IN_RUSSIAN, "deal")
    assert row.about == about
    assert row.type == changes["type"]


def test_values_that_were_not_read_do_not_look_like_an_empty_list(known: Known) -> None:
    partly = with_coverage(
        a_snapshot(user_fields=(a_user_field(type="enumeration"),)), Kind.USER_FIELDS, state=State.PARTIAL
    )
    (row,) = user_fields(known(partly), IN_RUSSIAN, "deal")
    assert row.about == "не прочитаны"


def test_list_values_keep_their_identifiers(known: Known) -> None:
    (row,) = user_fields(
        known(a_snapshot(user_fields=(a_list_field("Курьер", "Почта"),))), IN_RUSSIAN, "deal"
    )
    assert [(value.id, value.value, value.default) for value in row.values] == [
        (71, "Курьер", True),
        (72, "Почта", False),
    ]


def test_people_have_their_departments_by_name_and_departments_their_heads(known: Known) -> None:
    found = known(
        a_snapshot(
            users=(a_user(departments=(1, 9)), a_user(id=13, name=None, active=False)),
            departments=(
                a_department(),
                a_department(id=2, name=None, parent_id=1, head_id=13),
                a_department(id=3, head_id=None),
            ),
        )
    )
    first, second = users(found, IN_RUSSIAN)
    assert (first.departments, first.active) == ("Ромашка Опт, 9", True)
    assert (second.name, second.active) == ("id 13", False)
    top, below, vacant = departments(found, IN_RUSSIAN)
    assert (top.head, top.is_head_dismissed, top.parent_id) == ("Пример Иван", False, None)
    assert (below.name, below.parent, below.is_head_dismissed) == ("название не задано", "Ромашка Опт", True)
    assert vacant.head_id is None


def test_the_switch_counts_what_every_entity_has_and_begins_with_the_first_that_has_some(
    known: Known,
) -> None:
    found = known(
        a_snapshot(
            entity_types=(LEAD, an_entity_type(), a_smart_process(title=None)),
            pipelines=(a_pipeline(),),
        )
    )
    shown = {
        kind: [(one.title, one.number, one.count) for one in entities(found, IN_RUSSIAN, kind)]
        for kind in (Kind.PIPELINES, Kind.STAGES, Kind.USER_FIELDS, Kind.USERS)
    }
    nameless = "без названия (entityTypeId 1040)"
    assert shown == {
        Kind.PIPELINES: [("Сделка", 2, 1), (nameless, 1040, 0)],
        Kind.STAGES: [("Лид", 1, 0), ("Сделка", 2, 2), (nameless, 1040, 0)],
        Kind.USER_FIELDS: [("Лид", 1, 0), ("Сделка", 2, 1), (nameless, 1040, 0)],
        Kind.USERS: [],
    }
    choices = entities(found, IN_RUSSIAN, Kind.STAGES)
    assert chosen(choices, None) == "deal"
    assert chosen(choices, "lead") == "lead"
    assert chosen(choices, "somebody else's") == "deal"
    assert chosen((), "deal") == ""


def test_an_entity_the_portal_does_not_have_is_not_offered(known: Known) -> None:
    snapshot = a_snapshot()
    leads = a_coverage(Kind.USER_FIELDS, entity_type="lead", state=State.NOT_AVAILABLE)
    found = known(a_snapshot(coverage=(*snapshot.coverage, leads)))
    assert [one.key for one in entities(found, IN_RUSSIAN, Kind.USER_FIELDS)] == ["deal"]
