"""Same CRM, same digest: what the fingerprint depends on and what it does not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.digest import canonical, digest, fingerprint
from shared.domain.snapshot import CrmMode, Snapshot
from tests.builders import (
    READ_AT,
    a_coverage,
    a_list_field,
    a_portal,
    a_reader,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_user,
    a_user_field,
)
from tests.shared.domain.attributes import Edit, every_edit
from tests.shared.domain.portals import dice, examples, shuffled, snapshots


def test_a_fingerprint_can_be_read_out_aloud() -> None:
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", fingerprint(a_snapshot()))


def test_a_saved_fingerprint_stays_comparable_with_what_is_computed_later() -> None:
    assert fingerprint(a_snapshot()) == "6FFC-AC6F-65CB"


def test_standard_fields_count_where_there_are_any() -> None:
    assert fingerprint(a_snapshot(standard_fields=(a_standard_field(),))) == "E1FF-8240-87A3"


@pytest.mark.parametrize("edit", list(every_edit()), ids=lambda edit: edit.name)
def test_every_attribute_of_every_item_counts(edit: Edit) -> None:
    assert fingerprint(edit.after) != fingerprint(edit.before)


@pytest.mark.parametrize(
    "changes",
    [
        {"read_at": READ_AT + timedelta(days=1)},
        {"reader": a_reader(id=5, name=None, admin=False, scopes=frozenset())},
        {"coverage": ()},
        {"coverage": (a_coverage(Kind.USERS, state=State.FAILED, reason=Reason(ReasonCode.NOT_ANSWERED)),)},
        {"portal": a_portal(domain="example.bitrix24.ru", member_id="a1", crm_mode=CrmMode.SIMPLE)},
        {"number": 148},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_item_does_not_count(changes: dict[str, Any]) -> None:
    assert fingerprint(a_snapshot(**changes)) == fingerprint(a_snapshot())


@examples()
@given(snapshots(), dice)
def test_the_order_of_rows_and_keys_does_not_count(snapshot: Snapshot, dice: Random) -> None:
    assert fingerprint(shuffled(snapshot, dice)) == fingerprint(snapshot)


def test_the_order_inside_a_setting_counts() -> None:
    yes_and_no = a_snapshot(user_fields=(a_user_field(settings={"LABEL": ["да", "нет"]}),))
    no_and_yes = a_snapshot(user_fields=(a_user_field(settings={"LABEL": ["нет", "да"]}),))
    assert fingerprint(yes_and_no) != fingerprint(no_and_yes)


def test_the_order_of_languages_does_not_count() -> None:
    first, second = (
        a_snapshot(user_fields=(a_user_field(labels=labels),))
        for labels in ({"ru": "Доставка", "en": "Delivery"}, {"en": "Delivery", "ru": "Доставка"})
    )
    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize("collection", ["users", "stages", "user_fields", "dictionaries"])
def test_one_item_less_counts(collection: str) -> None:
    less: dict[str, Any] = {collection: ()}
    assert fingerprint(replace(a_snapshot(), **less)) != fingerprint(a_snapshot())


def test_which_stages_are_left_over_does_not_count() -> None:
    left = a_stage(directory="DEAL_STAGE_7", pipeline_id=7)
    unclear = a_snapshot(stages=(left, *a_snapshot().stages))
    assert fingerprint(a_snapshot(orphan_stages=(left,))) == fingerprint(unclear) == fingerprint(a_snapshot())


def test_the_digest_of_items_is_that_of_their_canonical_text() -> None:
    assert canonical([a_user()]) == (
        '[{"active":true,"departments":[1],"id":12,"name":"Пример Иван","position":null}]'.encode()
    )
    assert digest([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


def test_canonical_text_holds_whatever_a_portal_sends() -> None:
    field = a_list_field("a\ud83d\u2028", settings={"N": 2**80, "X": [1.5, None, {"k": True}]})
    text = canonical([field]).decode("utf-8", "surrogatepass")
    assert '"N":1208925819614629174706176,"X":[1.5,null,{"k":true}]' in text
    assert "a\ud83d\u2028" in text
