"""What a careful reader would point out, and what he would not claim to know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.findings import Finding, FindingCode, findings
from shared.domain.item_references import ItemReference
from shared.domain.snapshot import EntityType, Meaning, NotUnderstood, Snapshot
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
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
    with_coverage,
)


def found(snapshot: Snapshot, code: FindingCode) -> list[Finding]:
    return [finding for finding in findings(snapshot) if finding.code is code]


def codes(finding: Finding) -> list[str | None]:
    return [item.code for item in finding.items]


def test_an_orderly_portal_gives_no_remark() -> None:
    assert findings(a_snapshot()) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Бюджет", "Бюджет"),
        ("Бюджет", "бюджет"),
        ("Бюджет", " Бюджет  "),
        ("Общий бюджет", "Общий\n бюджет"),
        ("Район", "Раи\u0306он"),
        ("Бюджет", "Бюд\u200bжет"),
    ],
)
def test_labels_nobody_can_tell_apart_are_pointed_out(one: str, other: str) -> None:
    fields = (a_user_field(labels={"ru": one}), a_user_field(id=502, code="UF_CRM_2", labels={"ru": other}))
    (finding,) = found(a_snapshot(user_fields=fields), FindingCode.SAME_LABEL)
    assert codes(finding) == ["UF_CRM_1700000000001", "UF_CRM_2"]
    assert (finding.entity_type, finding.detail) == ("deal", one)


def test_the_same_label_in_two_entities_is_no_trap() -> None:
    fields = (a_user_field(), a_user_field(id=502, entity_type="lead"))
    assert found(a_snapshot(user_fields=fields), FindingCode.SAME_LABEL) == []


def test_fields_without_a_label_are_not_each_others_twins() -> None:
    fields = (a_user_field(labels={}), a_user_field(id=502, code="UF_CRM_2", labels={"ru": ""}))
    snapshot = a_snapshot(user_fields=fields)
    assert found(snapshot, FindingCode.SAME_LABEL) == []
    (finding,) = found(snapshot, FindingCode.NO_LABEL)
    assert codes(finding) == ["UF_CRM_1700000000001", "UF_CRM_2"]


def test_a_list_without_values_is_pointed_out() -> None:
    snapshot = a_snapshot(user_fields=(a_list_field(), a_list_field("A", id=502, code="UF_CRM_2")))
    (finding,) = found(snapshot, FindingCode.EMPTY_LIST)
    assert codes(finding) == ["UF_CRM_1700000000001"]


def test_a_list_whose_values_were_not_read_is_not_called_empty() -> None:
    reason = Reason(ReasonCode.VALUES_MISSING)
    snapshot = with_coverage(
        a_snapshot(user_fields=(a_list_field(),)), Kind.USER_FIELDS, state=State.PARTIAL, reason=reason
    )
    assert found(snapshot, FindingCode.EMPTY_LIST) == []


@pytest.mark.parametrize(
    ("entity", "code", "unusual"),
    [
        (an_entity_type(), "UF_CRM_COLOR", False),
        (an_entity_type(), "UF_COLOR", True),
        (a_smart_process(), "UF_CRM_7_COLOR", False),
        (a_smart_process(), "UF_CRM_COLOR", True),
        (a_smart_process(), "UF_CRM_77_COLOR", True),
        (a_smart_process(type_id=None), "UF_CRM_77_COLOR", False),
        (a_smart_process(type_id=None), "UF_AUTO_COLOR", False),
        (a_smart_process(type_id=None), "COLOR", True),
        (an_entity_type(key="smart_invoice"), "UF_CRM_SMART_INVOICE_COLOR", False),
        (an_entity_type(key="smart_invoice"), "UF_CRM_COLOR", True),
    ],
)
def test_codes_that_some_applications_will_not_see_are_pointed_out(
    entity: EntityType, code: str, *, unusual: bool
) -> None:
    snapshot = a_snapshot(
        entity_types=(entity,), user_fields=(a_user_field(entity_type=entity.key, code=code),)
    )
    assert bool(found(snapshot, FindingCode.UNUSUAL_CODE)) is unusual


def test_a_directory_needs_exactly_one_success_stage() -> None:
    none = (
        a_stage(directory="DEAL_STAGE_3"),
        a_stage(id=2, directory="DEAL_STAGE_3", meaning=Meaning.FAILURE),
    )
    two = (a_success_stage(id=3, directory="DEAL_STAGE_4"), a_success_stage(id=4, directory="DEAL_STAGE_4"))
    one = (a_success_stage(id=5),)
    findings_ = found(a_snapshot(stages=(*none, *two, *one)), FindingCode.SUCCESS_STAGES)
    assert [(finding.detail, len(finding.items)) for finding in findings_] == [
        ("DEAL_STAGE_3", 0),
        ("DEAL_STAGE_4", 2),
    ]


def test_a_pipeline_without_any_stage_needs_no_success() -> None:
    assert found(a_snapshot(stages=()), FindingCode.SUCCESS_STAGES) == []


def test_stages_that_were_not_read_are_not_judged() -> None:
    snapshot = with_coverage(a_snapshot(stages=(a_stage(),)), Kind.STAGES, state=State.FAILED)
    assert found(snapshot, FindingCode.SUCCESS_STAGES) == []


def test_stages_a_removed_pipeline_left_behind_are_pointed_out_by_directory() -> None:
    left = (
        a_stage(directory="DEAL_STAGE_9", status_id="C9:NEW"),
        a_stage(directory="DEAL_STAGE_9", status_id="C9:WON"),
    )
    (finding,) = found(a_snapshot(orphan_stages=left), FindingCode.LEFTOVER_STAGES)
    assert (finding.entity_type, finding.detail) == ("deal", "DEAL_STAGE_9")
    assert codes(finding) == ["C9:NEW", "C9:WON"]


def test_stages_are_nobodys_leftovers_while_a_pipeline_may_have_been_missed() -> None:
    left = (a_stage(directory="DEAL_STAGE_9", status_id="C9:NEW"),)
    snapshot = with_coverage(a_snapshot(orphan_stages=left), Kind.PIPELINES, state=State.FAILED)
    assert found(snapshot, FindingCode.LEFTOVER_STAGES) == []


def test_things_without_a_name_are_pointed_out_by_kind() -> None:
    """Stages of two entities, to see which of them are said of which."""
    snapshot = a_snapshot(
        entity_types=(an_entity_type(), a_smart_process(title=None)),
        pipelines=(a_pipeline(), a_pipeline(entity_type="dynamic_1040", id=5, directory="D_5", name=None)),
        stages=(a_success_stage(name=""), a_success_stage(entity_type="quote", id=3, name=None)),
        dictionaries=(a_dictionary(directory="SOURCE", name=None), a_dictionary(directory="HONORIFIC")),
    )
    assert [
        (finding.kind, finding.entity_type, finding.items) for finding in found(snapshot, FindingCode.NO_NAME)
    ] == [
        (Kind.ENTITY_TYPES, None, (ItemReference(1040, "dynamic_1040", None),)),
        (Kind.PIPELINES, "dynamic_1040", (ItemReference(5, "D_5", None),)),
        (Kind.STAGES, "deal", (ItemReference(111, "WON", ""),)),
        (Kind.STAGES, "quote", (ItemReference(3, "WON", None),)),
        (Kind.DICTIONARIES, None, (ItemReference(None, "SOURCE", None),)),
    ]


def odd(attribute: str) -> dict[str, Any]:
    return {"not_understood": (NotUnderstood(attribute, "42"),)}


@pytest.mark.parametrize(
    "snapshot",
    [
        a_snapshot(entity_types=(an_entity_type(title=None, **odd("title")),)),
        a_snapshot(pipelines=(a_pipeline(name=None, **odd("name")),)),
        a_snapshot(stages=(a_success_stage(name="", **odd("name")),)),
        a_snapshot(dictionaries=(a_dictionary(name=None, **odd("name")),)),
        a_snapshot(user_fields=(a_user_field(labels={}, **odd("labels")),)),
        a_snapshot(stages=(a_stage(), a_stage(id=2, **odd("meaning")))),
    ],
    ids=["title", "pipeline", "stage", "dictionary", "label", "meaning"],
)
def test_what_was_not_understood_is_not_called_missing(snapshot: Snapshot) -> None:
    assert findings(snapshot) == ()


def test_another_attribute_that_was_not_understood_hides_no_missing_name() -> None:
    snapshot = a_snapshot(pipelines=(a_pipeline(name=None, **odd("sort")),))
    assert [finding.kind for finding in found(snapshot, FindingCode.NO_NAME)] == [Kind.PIPELINES]


def test_a_directory_that_is_not_understood_does_not_hide_another_without_success() -> None:
    stages = (
        a_stage(directory="DEAL_STAGE_3", **odd("meaning")),
        a_stage(directory="DEAL_STAGE_4"),
    )
    (finding,) = found(a_snapshot(stages=stages), FindingCode.SUCCESS_STAGES)
    assert finding == Finding(FindingCode.SUCCESS_STAGES, Kind.STAGES, "deal", (), "DEAL_STAGE_4")


def test_texts_that_lost_a_character_are_pointed_out_wherever_they_stand() -> None:
    damaged = "Достав\ufffdка"
    snapshot = a_snapshot(
        entity_types=(an_entity_type(title=damaged),),
        pipelines=(a_pipeline(name=damaged),),
        stages=(a_success_stage(name=damaged),),
        dictionaries=(a_dictionary(items=(a_dictionary_item(name=damaged),)),),
        standard_fields=(a_standard_field(label=damaged),),
        user_fields=(a_user_field(labels={"ru": damaged}), a_list_field(damaged, id=2, code="UF_CRM_2")),
        users=(a_user(position=damaged),),
        departments=(a_department(name=damaged),),
    )
    places = found(snapshot, FindingCode.DAMAGED_TEXT)
    assert [finding.kind for finding in places] == [kind for kind in Kind if kind is not Kind.PORTAL]
    assert {finding.kind: (finding.entity_type, codes(finding)) for finding in places} == {
        Kind.ENTITY_TYPES: (None, ["deal"]),
        Kind.PIPELINES: ("deal", ["DEAL_STAGE"]),
        Kind.STAGES: ("deal", ["WON"]),
        Kind.DICTIONARIES: (None, ["SOURCE"]),
        Kind.STANDARD_FIELDS: ("deal", ["TITLE"]),
        Kind.USER_FIELDS: ("deal", ["UF_CRM_1700000000001", "UF_CRM_2"]),
        Kind.USERS: (None, [None]),
        Kind.DEPARTMENTS: (None, [None]),
    }


def test_departments_headed_by_a_dismissed_person_are_pointed_out() -> None:
    snapshot = a_snapshot(users=(a_user(active=False),))
    (finding,) = found(snapshot, FindingCode.DISMISSED_HEAD)
    head_of = ItemReference(1, None, "Ромашка Опт")
    assert finding == Finding(
        FindingCode.DISMISSED_HEAD, Kind.DEPARTMENTS, None, (head_of,), "id 12 Пример Иван"
    )


def test_a_dismissed_head_without_a_name_is_told_by_id() -> None:
    snapshot = a_snapshot(users=(a_user(active=False, name=None),))
    (finding,) = found(snapshot, FindingCode.DISMISSED_HEAD)
    assert finding.detail == "id 12"


def test_a_head_who_is_not_listed_is_pointed_out_only_where_the_list_is_whole() -> None:
    snapshot = a_snapshot(departments=(a_department(head_id=99), a_department(id=2, head_id=None)))
    (finding,) = found(snapshot, FindingCode.UNLISTED_HEAD)
    assert (finding.detail, finding.items[0].id) == ("id 99", 1)
    assert found(with_coverage(snapshot, Kind.USERS, state=State.PARTIAL), FindingCode.UNLISTED_HEAD) == []


def test_a_reader_whom_the_portal_hides_is_pointed_out() -> None:
    snapshot = a_snapshot(reader=a_reader(id=77, name="Интегратор"))
    (finding,) = found(snapshot, FindingCode.UNLISTED_READER)
    assert (finding.items[0].id, finding.items[0].label) == (77, "Интегратор")
    assert found(with_coverage(snapshot, Kind.USERS, state=State.FAILED), FindingCode.UNLISTED_READER) == []
    assert found(replace(snapshot, reader=a_reader(id=None)), FindingCode.UNLISTED_READER) == []


def test_findings_come_by_kind_of_remark_and_then_in_the_portals_order() -> None:
    snapshot = a_snapshot(
        user_fields=(
            a_user_field(labels={}),
            a_list_field(id=2, code="UF_B"),
            a_list_field(id=3, code="UF_A", labels={}),
        )
    )
    order = [(finding.code, codes(finding)) for finding in findings(snapshot)]
    assert order == [
        (FindingCode.NO_LABEL, ["UF_CRM_1700000000001", "UF_A"]),
        (FindingCode.EMPTY_LIST, ["UF_B", "UF_A"]),
        (FindingCode.UNUSUAL_CODE, ["UF_B", "UF_A"]),
    ]
