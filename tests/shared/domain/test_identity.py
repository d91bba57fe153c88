"""What makes an item the same item, and which of its attributes a comparison looks at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.identity import ComparedKind, Item, items_of
from shared.domain.snapshot import Dictionary, Snapshot, StandardField
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
)
from tests.shared.domain.attributes import (
    EXAMPLES,
    ITEMS_OF_THEIR_OWN,
    KIND_OF,
    RECOGNISES,
    own_attributes,
    portal_with,
)


def identities(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    return [item.identity for item in items_of(snapshot)]


def only(snapshot: Snapshot, kind: ComparedKind) -> Item:
    (found,) = (item for item in items_of(snapshot) if item.kind is kind)
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_every_attribute_is_compared_unless_it_recognises_the_item(example: Any) -> None:
    kind = type(example)
    numbered = kind not in (Dictionary, StandardField)
    item = next(
        item
        for item in items_of(portal_with(example))
        if item.kind is KIND_OF[kind] and (item.item_id is not None) is numbered
    )
    names = {field.name for field in own_attributes(kind)}
    assert item.attributes.keys() == names - RECOGNISES[kind] - ITEMS_OF_THEIR_OWN.get(kind, set())
    for name, value in item.attributes.items():
        assert (tuple(value) if isinstance(value, list) else value) == getattr(example, name)


def test_no_class_of_items_is_forgotten() -> None:
    assert {type(example) for example in EXAMPLES} == RECOGNISES.keys() == KIND_OF.keys()
    snapshot = portal_with(a_smart_process())
    assert {item.kind for item in items_of(snapshot)} == set(ComparedKind)


def test_attributes_do_not_change_the_identity() -> None:
    renamed = a_snapshot(
        entity_types=(replace(a_smart_process(), title="Обслуживание", type_id=9),),
        pipelines=(a_pipeline(name="Розница", sort=5),),
        stages=(a_stage(name="Обращение", sort=5, color=None, system=False),),
        dictionaries=(a_dictionary(name="Откуда", items=(a_dictionary_item(name="Звонки", sort=5),)),),
        user_fields=(a_user_field(labels={"ru": "Доставка"}, sort=5, type="double"),),
        users=(a_user(name=None, active=False, departments=()),),
        departments=(a_department(name="Цветы", head_id=None),),
    )
    before = a_snapshot(entity_types=(a_smart_process(),), stages=(a_stage(),))
    assert identities(renamed) == identities(before)


def test_numbers_are_unique_inside_their_owner_only() -> None:
    snapshot = a_snapshot(
        pipelines=(a_pipeline(id=9), a_pipeline(entity_type="dynamic_1040", id=9)),
        stages=(a_stage(id=1), a_stage(id=1, directory="DEAL_STAGE_9")),
        dictionaries=tuple(
            a_dictionary(directory=name, items=(a_dictionary_item(id=1),)) for name in ("SOURCE", "INDUSTRY")
        ),
        user_fields=tuple(
            a_list_field("да", id=501, entity_type=name, code="UF_CRM_A") for name in ("deal", "lead")
        ),
        users=(a_user(id=1),),
        departments=(a_department(id=1),),
    )
    found = identities(snapshot)
    assert len(found) == len(set(found))


def test_a_field_whose_number_was_not_shown_is_known_by_its_code() -> None:
    first, second = (
        only(a_snapshot(user_fields=(a_user_field(id=None, code=code),)), ComparedKind.USER_FIELDS)
        for code in ("UF_CRM_A", "UF_CRM_B")
    )
    assert first.identity != second.identity


def test_children_know_all_their_parents() -> None:
    snapshot = a_snapshot(
        entity_types=(a_smart_process(),),
        pipelines=(a_pipeline(entity_type="dynamic_1040", id=9, directory="DYNAMIC_1040_STAGE_9"),),
        stages=(a_stage(entity_type="dynamic_1040", pipeline_id=9, directory="DYNAMIC_1040_STAGE_9"),),
        user_fields=(a_list_field("Холод", entity_type="dynamic_1040"),),
    )
    identity = {item.kind: item.identity for item in items_of(snapshot)}
    parents = {item.kind: item.parents for item in items_of(snapshot)}
    entity_type = identity[ComparedKind.ENTITY_TYPES]
    assert parents[ComparedKind.PIPELINES] == {entity_type}
    assert parents[ComparedKind.STAGES] == {entity_type, identity[ComparedKind.PIPELINES]}
    assert parents[ComparedKind.USER_FIELDS] == {entity_type}
    assert parents[ComparedKind.LIST_VALUES] == {entity_type, identity[ComparedKind.USER_FIELDS]}
    assert parents[ComparedKind.USERS] == parents[ComparedKind.DEPARTMENTS] == frozenset()
