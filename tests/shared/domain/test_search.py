"""What an item is found by, whatever capitals it is searched with."""

from __future__ import annotations

import pytest

from shared.domain.identity import ComparedKind
from shared.domain.search import Entry, entries
from shared.domain.snapshot import NotUnderstood, Snapshot
from tests.builders import (
    a_dictionary,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_user,
    a_user_field,
)


def found(snapshot: Snapshot, kind: ComparedKind) -> list[Entry]:
    return [entry for entry in entries(snapshot) if entry.kind is kind]


def test_an_entry_says_what_it_is_about() -> None:
    field = a_user_field(labels={"ru": "Способ доставки", "en": "Delivery"})
    assert found(a_snapshot(user_fields=(field,)), ComparedKind.USER_FIELDS) == [
        Entry(
            ComparedKind.USER_FIELDS,
            "deal",
            501,
            "UF_CRM_1700000000001",
            "Способ доставки",
            "uf_crm_1700000000001 способ доставки 501 delivery",
        )
    ]


@pytest.mark.parametrize(
    ("snapshot", "kind", "folded"),
    [
        (
            a_snapshot(entity_types=(a_smart_process(),)),
            ComparedKind.ENTITY_TYPES,
            "dynamic_1040 ремонт 1040 t410",
        ),
        (
            a_snapshot(entity_types=(a_smart_process(binding_prefix=None),)),
            ComparedKind.ENTITY_TYPES,
            "dynamic_1040 ремонт 1040",
        ),
        (a_snapshot(pipelines=(a_pipeline(name="Учёт"),)), ComparedKind.PIPELINES, "deal_stage учет 0"),
        (a_snapshot(users=(a_user(name=None),)), ComparedKind.USERS, "12"),
        (a_snapshot(dictionaries=(a_dictionary(items=()),)), ComparedKind.DICTIONARIES, "source источники"),
        (
            a_snapshot(user_fields=(a_user_field(labels={}),)),
            ComparedKind.USER_FIELDS,
            "uf_crm_1700000000001 501",
        ),
    ],
    ids=["binding prefix", "no binding prefix", "letter ё", "no name", "no id", "no label"],
)
def test_an_item_is_found_by_code_name_and_id(snapshot: Snapshot, kind: ComparedKind, folded: str) -> None:
    (entry,) = found(snapshot, kind)
    assert entry.folded == folded


def test_a_field_is_found_by_the_labels_that_were_understood() -> None:
    odd = (NotUnderstood("labels", '["?"]'),)
    fields = (
        a_user_field(code="UF_NONE", id=1, labels={}, not_understood=odd),
        a_user_field(code="UF_SOME", id=2, labels={"en": "Budget"}, not_understood=odd),
    )
    folded = {entry.code: entry.folded for entry in entries(a_snapshot(user_fields=fields))}
    assert (folded["UF_NONE"], folded["UF_SOME"]) == ("uf_none 1", "uf_some budget 2")
