"""What changed between two snapshots that were both read completely."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.diff import Change, Op, diff
from shared.domain.identity import ComparedKind
from shared.domain.snapshot import ListValue, Snapshot
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_list_value,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    an_entity_type,
    complete_coverage,
)
from tests.shared.domain.attributes import KIND_OF, RECOGNISES, Edit, every_edit
from tests.shared.domain.comparing import changes, edits, told

EDITED, ADDED, REMOVED = Op.EDITED, Op.ADDED, Op.REMOVED


def _is_unread(edit: Edit) -> bool:
    """Of a list value order, default and outer code are read by full reads only."""
    return isinstance(edit.item, ListValue) and edit.attribute != "value" and edit.to is None


COMPARED = [
    edit
    for edit in every_edit()
    if edit.attribute not in RECOGNISES[type(edit.item)] and not _is_unread(edit)
]


@pytest.mark.parametrize(
    "edit",
    [edit for edit in COMPARED if edit.attribute not in ("items", "values")],
    ids=lambda edit: edit.name,
)
def test_an_edited_attribute_is_one_change(edit: Edit) -> None:
    (change,) = changes(edit.before, edit.after)
    was = getattr(edit.item, edit.attribute)
    assert (change.op, change.kind, change.attribute) == (EDITED, KIND_OF[type(edit.item)], edit.attribute)
    assert (_same(change.before), _same(change.after)) == (_same(was), _same(edit.to))


@pytest.mark.parametrize(
    "edit", [edit for edit in every_edit() if _is_unread(edit)], ids=lambda edit: edit.name
)
def test_what_only_a_full_read_brings_of_a_list_value_is_no_change(edit: Edit) -> None:
    assert changes(edit.before, edit.after) == changes(edit.after, edit.before) == []


def test_an_order_that_only_one_read_brought_moves_nothing() -> None:
    full = a_snapshot(user_fields=(a_list_field("А", "Б", "В"),))
    values = tuple(replace(value, sort=None) for value in full.user_fields[0].values)
    fewest = a_snapshot(user_fields=(replace(full.user_fields[0], values=values[::-1]),))
    assert changes(full, fewest) == changes(fewest, full) == []


def _same(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def test_a_change_says_what_it_is_about() -> None:
    old = a_snapshot()
    new = a_snapshot(stages=(a_stage(name="Обращение"), old.stages[1]))
    assert changes(old, new) == [
        Change(
            ComparedKind.STAGES, "deal", 101, "NEW", "Обращение", EDITED, "name", "Новая заявка", "Обращение"
        )
    ]


FULL = a_snapshot(
    entity_types=(an_entity_type(), a_smart_process()),
    pipelines=(a_pipeline(), a_pipeline(id=3, directory="DEAL_STAGE_3", name="Розница")),
    dictionaries=(a_dictionary(), a_dictionary(directory="INDUSTRY", name="Отрасли", items=())),
    user_fields=(a_user_field(), a_list_field("Курьер", "Почта", id=502, code="UF_CRM_B")),
    users=(a_user(), a_user(id=13, name="Ветрова Мария")),
    departments=(a_department(), a_department(id=2, name="Склад")),
)
# What is taken out of the full portal, and how that is told.
About = tuple[str | None, int | None, str | None, str | None]
LESS: list[tuple[ComparedKind, About]] = [
    (ComparedKind.ENTITY_TYPES, ("dynamic_1040", 1040, "dynamic_1040", "Ремонт")),
    (ComparedKind.PIPELINES, ("deal", 3, "DEAL_STAGE_3", "Розница")),
    (ComparedKind.STAGES, ("deal", 111, "WON", "Оплачена")),
    (ComparedKind.DICTIONARIES, (None, None, "INDUSTRY", "Отрасли")),
    (ComparedKind.USER_FIELDS, ("deal", 502, "UF_CRM_B", "Способ доставки")),
    (ComparedKind.USERS, (None, 13, None, "Ветрова Мария")),
    (ComparedKind.DEPARTMENTS, (None, 2, None, "Склад")),
]


@pytest.mark.parametrize(("kind", "about"), LESS)
def test_the_last_item_of_a_kind_comes_and_goes(kind: ComparedKind, about: About) -> None:
    less: dict[str, Any] = {kind.value: getattr(FULL, kind.value)[:-1]}
    without = _read_again(replace(FULL, **less))
    (removed,) = changes(FULL, without)
    assert replace(removed, inside=None) == Change(kind, *about, REMOVED)
    (added,) = changes(without, FULL)
    assert added == Change(kind, *about, ADDED, inside=removed.inside)


def _read_again(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, coverage=complete_coverage(snapshot))


def test_a_list_value_comes_and_goes() -> None:
    one = a_snapshot(user_fields=(a_list_field("Курьер"),))
    two = a_snapshot(user_fields=(a_list_field("Курьер", "Почта"),))
    about = (ComparedKind.LIST_VALUES, "deal", 72, "UF_CRM_1700000000001", "Почта")
    assert changes(one, two) == [Change(*about, ADDED)]
    assert changes(two, one) == [Change(*about, REMOVED)]


def test_a_row_of_a_dictionary_comes_and_goes() -> None:
    one = a_snapshot()
    row = a_dictionary_item(id=10, status_id="FAIR", name="Ярмарка")
    two = a_snapshot(dictionaries=(a_dictionary(items=(a_dictionary_item(), row)),))
    about = (ComparedKind.DICTIONARIES, None, 10, "SOURCE:FAIR", "Ярмарка")
    assert changes(one, two) == [Change(*about, ADDED)]
    assert changes(two, one) == [Change(*about, REMOVED)]


class TestIdentity:
    def test_a_renamed_stage_that_moved_and_a_field_that_lost_its_label_to_another(self) -> None:
        old = a_snapshot(
            stages=(a_stage(), a_stage(id=317, status_id="UC_A1B2C3", name="Примерка", sort=40)),
            user_fields=(a_user_field(code="UF_CRM_A", labels={"ru": "Доставка"}),),
        )
        new = a_snapshot(
            stages=(a_stage(), a_stage(id=317, status_id="UC_A1B2C3", name="Примерка в зале", sort=20)),
            user_fields=(
                a_user_field(code="UF_CRM_A", labels={"ru": "Способ доставки"}),
                a_user_field(id=590, code="UF_CRM_Z", labels={"ru": "Доставка"}),
            ),
        )
        assert edits(old, new) == [
            ("stages", 317, "name", "Примерка", "Примерка в зале"),
            ("stages", 317, "sort", 40, 20),
            ("user_fields", 501, "labels", {"ru": "Доставка"}, {"ru": "Способ доставки"}),
            ("added", "user_fields", 590),
        ]

    def test_a_new_code_follows_the_field_and_takes_its_universal_name_along(self) -> None:
        old, new = (
            a_snapshot(
                user_fields=(a_user_field(entity_type="dynamic_1040", id=702, code=code, api_name=api_name),)
            )
            for code, api_name in (("UF_CRM_9_LINE", "ufCrm9Line"), ("UF_STATUS_LINE", "ufStatusLine"))
        )
        assert edits(old, new) == [("user_fields", 702, "code", "UF_CRM_9_LINE", "UF_STATUS_LINE")]

    def test_a_universal_name_that_changes_by_itself_breaks_integrations_and_is_told(self) -> None:
        old, new = (a_snapshot(user_fields=(a_user_field(api_name=name),)) for name in ("ufCrmA", "UF_CRM_A"))
        assert edits(old, new) == [("user_fields", 501, "api_name", "ufCrmA", "UF_CRM_A")]

    def test_a_code_taken_over_by_another_field_is_another_field(self) -> None:
        old, new = (a_snapshot(user_fields=(a_user_field(id=number),)) for number in (501, 590))
        assert edits(old, new) == [("added", "user_fields", 590), ("removed", "user_fields", 501)]

    def test_two_things_that_exchange_their_names_are_two_edits(self) -> None:
        old, new = (
            a_snapshot(users=(a_user(id=1, name=one), a_user(id=2, name=two)))
            for one, two in (("Анна", "Яна"), ("Яна", "Анна"))
        )
        assert edits(old, new) == [("users", 1, "name", "Анна", "Яна"), ("users", 2, "name", "Яна", "Анна")]

    def test_every_edited_attribute_of_an_item_is_a_change(self) -> None:
        new = a_user(name="Ветрова Мария", active=False, position="Директор", departments=(2, 3))
        assert edits(a_snapshot(), a_snapshot(users=(new,))) == [
            ("users", 12, "name", "Пример Иван", "Ветрова Мария"),
            ("users", 12, "active", True, False),
            ("users", 12, "position", None, "Директор"),
            ("users", 12, "departments", [1], [2, 3]),
        ]


class TestImplied:
    def test_what_a_new_entity_type_brings_along_is_not_listed(self) -> None:
        smart = a_smart_process()
        directory = {"entity_type": smart.key, "directory": "DYNAMIC_1040_STAGE_9"}
        new = a_snapshot(
            entity_types=(an_entity_type(), smart),
            pipelines=(a_pipeline(), a_pipeline(id=9, **directory)),
            stages=(*a_snapshot().stages, a_stage(id=900, pipeline_id=9, **directory)),
            user_fields=(a_user_field(), a_list_field("Холод", id=702, entity_type=smart.key)),
        )
        assert edits(a_snapshot(), new) == [("added", "entity_types", 1040)]
        assert edits(new, a_snapshot()) == [("removed", "entity_types", 1040)]

    def test_what_a_removed_pipeline_takes_along_is_not_listed(self) -> None:
        stage = a_stage(id=301, pipeline_id=3, directory="DEAL_STAGE_3")
        old = a_snapshot(
            pipelines=(a_pipeline(), a_pipeline(id=3, directory="DEAL_STAGE_3")),
            stages=(*a_snapshot().stages, stage),
        )
        assert edits(old, a_snapshot()) == [("removed", "pipelines", 3)]
        assert edits(old, a_snapshot(orphan_stages=(stage,))) == [("removed", "pipelines", 3)]

    def test_leftovers_that_are_cleaned_up_change_nothing(self) -> None:
        left = a_stage(id=301, pipeline_id=3, directory="DEAL_STAGE_3")
        assert changes(a_snapshot(orphan_stages=(left,)), a_snapshot()) == []

    def test_which_stages_are_called_left_over_changes_nothing(self) -> None:
        stage = a_stage(id=301, pipeline_id=3, directory="DEAL_STAGE_3")
        left, unclear = a_snapshot(orphan_stages=(stage,)), a_snapshot(stages=(*a_snapshot().stages, stage))
        assert changes(left, unclear) == changes(unclear, left) == []

    def test_values_of_a_new_field_and_rows_of_a_new_dictionary_are_not_listed(self) -> None:
        new = a_snapshot(
            dictionaries=(a_dictionary(), a_dictionary(directory="INDUSTRY")),
            user_fields=(a_user_field(), a_list_field("Курьер", "Почта", id=502)),
        )
        assert [(change.op, change.kind) for change in changes(a_snapshot(), new)] == [
            (ADDED, "dictionaries"),
            (ADDED, "user_fields"),
        ]

    def test_what_changed_about_the_stages_a_removed_pipeline_left_behind_is_not_listed(self) -> None:
        left = a_stage(name="Обращение", sort=5)
        for new in (
            a_snapshot(pipelines=(), stages=(left,)),
            a_snapshot(pipelines=(), stages=(), orphan_stages=(left,)),
        ):
            assert edits(a_snapshot(), new) == [("removed", "pipelines", 0)]
            assert edits(new, a_snapshot()) == [("added", "pipelines", 0)]

    def test_a_stage_of_leads_belongs_to_no_pipeline(self) -> None:
        stage = a_stage(entity_type="lead", pipeline_id=None, directory="STATUS", id=9)
        assert edits(a_snapshot(stages=()), a_snapshot(stages=(stage,))) == [("added", "stages", 9)]


class TestMoves:
    def test_one_stage_moved_through_a_renumbered_list_is_one_change(self) -> None:
        def stages(*numbers: int) -> Snapshot:
            return a_snapshot(
                stages=tuple(a_stage(id=number, sort=10 * place) for place, number in enumerate(numbers, 1))
            )

        assert edits(stages(1, 2, 3, 4, 5), stages(1, 5, 2, 3, 4)) == [("stages", 5, "sort", 50, 20)]

    def test_every_list_is_moved_in_by_itself(self) -> None:
        def both(*sorts: int) -> Snapshot:
            return a_snapshot(
                pipelines=(a_pipeline(sort=sorts[0]), a_pipeline(id=3, sort=20)),
                user_fields=(
                    a_list_field(
                        values=(a_list_value(id=71, sort=sorts[0]), a_list_value(id=72, sort=20)),
                    ),
                ),
                dictionaries=(
                    a_dictionary(items=(a_dictionary_item(sort=sorts[0]), a_dictionary_item(id=10, sort=20))),
                ),
            )

        assert edits(both(10), both(30)) == [
            ("pipelines", 0, "sort", 10, 30),
            ("dictionaries", 9, "sort", 10, 30),
            ("list_values", 71, "sort", 10, 30),
        ]

    def test_rows_in_another_order_are_no_change(self) -> None:
        stages = a_snapshot().stages
        assert changes(a_snapshot(), a_snapshot(stages=stages[::-1])) == []


def test_each_item_is_one_difference_however_much_of_it_was_edited() -> None:
    old = a_snapshot()
    new = a_snapshot(
        pipelines=(a_pipeline(name="Продажи"),),
        stages=(a_stage(name="Лид", color="#FF0000"),),
        users=(a_user(), a_user(id=13)),
    )
    assert told(diff(old, new)) == [
        ("pipelines", "DEAL_STAGE", "DEAL_STAGE", ("name", "Общая", "Продажи")),
        ("stages", "NEW", "NEW", ("name", "Новая заявка", "Лид"), ("color", "#39A8EF", "#FF0000")),
        ("stages", "WON", None),
        ("users", None, None),
    ]
