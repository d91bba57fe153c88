"""Every edit makes exactly the change it says, seen by a naive reader before and after."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.simulator.reader import read_everything
from tools.simulator.edits.table import EDITS
from tools.simulator.portal import SimulatedPortal

#: An edit of «Ромашка Опт», its arguments, and the change: kind, entity type, op, attribute, before, after.
STORY: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("rename_stage", {"row_id": 82, "to": "Проба букета"},
     ("stages", "deal", "edited", "name", "Примерка букета", "Проба букета")),
    ("move_stage", {"row_id": 81, "sort": 35}, ("stages", "deal", "edited", "sort", 20, 35)),
    ("recolour_stage", {"row_id": 81, "to": "#00aa00"},
     ("stages", "deal", "edited", "color", "#2FC6F6", "#00AA00")),
    ("add_stage", {"directory": "DEAL_STAGE_3", "name": "Доставка", "sort": 45}, ("stages", "deal", "added")),
    ("remove_stage", {"row_id": 91}, ("stages", "deal", "removed")),
    ("add_pipeline", {"entity_type_id": 2, "name": "Аренда"}, ("pipelines", "deal", "added")),
    ("rename_pipeline", {"entity_type_id": 162, "pipeline_id": 3, "to": "Ввоз"},
     ("pipelines", "dynamic_162", "edited", "name", "Импорт", "Ввоз")),
    ("move_pipeline", {"entity_type_id": 2, "pipeline_id": 5, "sort": 5},
     ("pipelines", "deal", "edited", "sort", 30, 5)),
    ("remove_pipeline", {"entity_type_id": 162, "pipeline_id": 3}, ("pipelines", "dynamic_162", "removed")),
    ("add_dictionary_row", {"directory": "SOURCE", "name": "Радио"}, ("dictionaries", None, "added")),
    ("rename_dictionary_row", {"row_id": 11, "to": "Звонок в офис"},
     ("dictionaries", None, "edited", "name", "Звонок", "Звонок в офис")),
    ("move_dictionary_row", {"row_id": 12, "sort": 999}, ("dictionaries", None, "edited", "sort", 20, 999)),
    ("remove_dictionary_row", {"row_id": 13}, ("dictionaries", None, "removed")),
    ("rename_smart_process", {"entity_type_id": 1040, "to": "Сервис"},
     ("entity_types", "dynamic_1040", "edited", "title", "Ремонт", "Сервис")),
    ("add_user_field", {"owner": "CRM_162", "kind": "enumeration", "label": "Срочность", "values": ["Да", "Нет"]},
     ("user_fields", "dynamic_1040", "added")),
    ("rename_user_field", {"field_id": 505, "to": "Доставка"},
     ("user_fields", "deal", "edited", "labels", {"ru": "Способ доставки"}, {"ru": "Доставка"})),
    ("move_user_field", {"field_id": 506, "sort": 5}, ("user_fields", "deal", "edited", "sort", 20, 5)),
    ("set_mandatory", {"field_id": 506, "to": True}, ("user_fields", "deal", "edited", "mandatory", False, True)),
    ("remove_user_field", {"field_id": 508}, ("user_fields", "deal", "removed")),
    ("add_list_value", {"field_id": 507, "value": "Сезон"}, ("list_values", "deal", "added")),
    ("rename_list_value", {"field_id": 505, "value_id": 65, "to": "Курьер 24/7"},
     ("list_values", "deal", "edited", "value", "Курьер", "Курьер 24/7")),
    ("remove_list_value", {"field_id": 505, "value_id": 66}, ("list_values", "deal", "removed")),
    ("add_user", {"name": "Нина", "last_name": "Лугова", "departments": [4]}, ("users", None, "added")),
    ("rename_user", {"user_id": 4, "name": "Анна", "last_name": "Зорина"},
     ("users", None, "edited", "name", "Лугова Анна", "Зорина Анна")),
    ("promote_user", {"user_id": 5, "position": "Логист"},
     ("users", None, "edited", "position", "Менеджер по оптовым продажам", "Логист")),
    ("dismiss_user", {"user_id": 5}, ("users", None, "edited", "active", True, False)),
    ("move_user", {"user_id": 9, "departments": [6]}, ("users", None, "edited", "departments", [5, 6], [6])),
    ("add_department", {"name": "Аренда", "parent_id": 2}, ("departments", None, "added")),
    ("rename_department", {"department_id": 8, "to": "Мастерская"},
     ("departments", None, "edited", "name", "Ремонт оборудования", "Мастерская")),
    ("appoint_head", {"department_id": 6, "user_id": 9},
     ("departments", None, "edited", "head_id", None, 9)),
]  # fmt: skip


def test_the_story_uses_every_edit() -> None:
    assert {name for name, _, _ in STORY} == set(EDITS)


@pytest.mark.parametrize(("name", "arguments", "expected"), STORY, ids=[name for name, _, _ in STORY])
def test_an_edit_makes_the_change_it_says(
    portal: SimulatedPortal, name: str, arguments: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    before = read_everything(portal.webhook_url)
    change = portal.edit(name, **arguments)
    seen = (change.kind, change.entity_type, change.op, change.attribute, change.before, change.after)
    assert seen == expected + (None,) * (6 - len(expected))
    after = read_everything(portal.webhook_url)
    assert after == {part: found for part, found in portal.truth().items() if part != "portal"}
    edited = [part for part in before if before[part] != after[part]]
    touched = {"list_values": ["user_fields"], "pipelines": ["pipelines", "stages"]}.get(
        change.kind, [change.kind]
    )
    assert set(edited) <= set(touched)
    assert change.kind in {*edited, "list_values"}
    assert str(change.id) in change.words


def test_thirty_edits_in_a_row_leave_a_portal_that_reads_like_its_truth(portal: SimulatedPortal) -> None:
    for name, arguments, _ in STORY:
        portal.edit(name, **arguments)
    truth = portal.truth()
    truth.pop("portal")
    assert read_everything(portal.webhook_url) == truth


def test_a_removed_pipeline_may_leave_its_stages_behind(portal: SimulatedPortal) -> None:
    portal.edit("remove_pipeline", entity_type_id=2, pipeline_id=5, leave_stages=True)
    lost = {stage["directory"] for stage in portal.truth()["orphan_stages"]}
    assert lost == {"DEAL_STAGE_5", "DEAL_STAGE_7"}


def test_numbers_are_never_given_twice(portal: SimulatedPortal) -> None:
    first = portal.edit("add_stage", directory="DEAL_STAGE", name="A").id
    portal.edit("remove_stage", row_id=first)
    assert portal.edit("add_stage", directory="DEAL_STAGE", name="B").id > first


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("sell_company", {}, "no edit 'sell_company', there are: rename_stage"),
        ("rename_stage", {"row_id": 1}, "takes: row_id: 'int', to: 'str'"),
        ("rename_stage", {"row_id": "1", "to": "x"}, "row_id is not of type int"),
        ("rename_stage", {"row_id": 99999, "to": "x"}, "no directory row 99999"),
        ("add_stage", {"directory": "SOURCE", "name": "x"}, "no stage directory SOURCE"),
        (
            "remove_pipeline",
            {"entity_type_id": 2, "pipeline_id": 0},
            "the default pipeline cannot be removed",
        ),
        ("add_pipeline", {"entity_type_id": 1, "name": "x"}, "entity type 1 has no pipelines"),
        ("add_list_value", {"field_id": 508, "value": "x"}, "field 508 is no list but of type money"),
        ("add_user_field", {"owner": "CRM_1", "kind": "string", "label": "x"}, "no owner of fields CRM_1"),
    ],
)
def test_edits_that_make_no_sense_are_refused_in_a_sentence(
    portal: SimulatedPortal, name: str, arguments: dict[str, Any], sentence: str
) -> None:
    truth = portal.truth()
    with pytest.raises((ValueError, LookupError)) as refused:
        portal.edit(name, **arguments)
    assert sentence in str(refused.value.args[0])
    assert portal.truth() == truth
