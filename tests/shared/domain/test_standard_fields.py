"""What only full reads bring: it comes and goes with the switch, and that is never a change of the portal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.diff import Op
from shared.domain.digest import canonical
from shared.domain.history import Advance, Baseline, advance
from shared.domain.order import in_business_order
from shared.domain.parts import parts_of, with_parts
from shared.domain.search import entries
from shared.domain.snapshot import Snapshot, StandardField
from shared.part_json import load_part
from tests.builders import (
    READ_AT,
    a_smart_process,
    a_snapshot,
    a_standard_field,
    a_user_field,
    an_entity_type,
    with_coverage,
)

REPAIR = a_smart_process()
TITLE = a_standard_field()
STAGE = a_standard_field(code="STAGE_ID", api_name="stageId", type="crm_status", label="Стадия")
REPAIR_TITLE = a_standard_field(entity_type=REPAIR.key)
KEY = (Kind.STANDARD_FIELDS, "deal")
MANY = tuple(a_standard_field(code=f"CODE_{number}") for number in range(30))


def a_full_read(*fields: StandardField, hours: int = 0) -> Snapshot:
    found = a_snapshot(entity_types=(an_entity_type(), REPAIR), standard_fields=fields or (TITLE, STAGE))
    return _at(found, hours)


def an_ordinary_read(hours: int = 0) -> Snapshot:
    return _at(a_snapshot(entity_types=(an_entity_type(), REPAIR)), hours)


def a_failed_read(hours: int = 0) -> Snapshot:
    """A full one whose descriptions did not come."""
    empty = replace(a_full_read(hours=hours), standard_fields=())
    reason = Reason(ReasonCode.NOT_ANSWERED)
    return with_coverage(empty, Kind.STANDARD_FIELDS, state=State.FAILED, items=0, reason=reason)


def _at(snapshot: Snapshot, hours: int) -> Snapshot:
    at = READ_AT + timedelta(hours=hours)
    return replace(
        snapshot, read_at=at, coverage=tuple(replace(row, read_at=at) for row in snapshot.coverage)
    )


def after(*reads: Snapshot) -> Advance:
    baseline: Baseline | None = None
    for read in reads:
        step = advance(baseline, read)
        baseline = step.baseline
    return step


def lines(step: Advance) -> list[Coverage]:
    return [entry for entry in step.receipt if entry.kind is Kind.STANDARD_FIELDS]


def test_each_entity_type_is_a_part_of_its_own_that_can_be_stored() -> None:
    snapshot = in_business_order(a_full_read(TITLE, STAGE, REPAIR_TITLE))
    parts = parts_of(snapshot)
    assert parts[KEY] == (STAGE, TITLE)
    assert parts[Kind.STANDARD_FIELDS, REPAIR.key] == (REPAIR_TITLE,)
    assert load_part(Kind.STANDARD_FIELDS, canonical(parts[KEY])) == (STAGE, TITLE)
    assert with_parts(replace(snapshot, standard_fields=()), parts) == snapshot


def test_they_stand_by_entity_type_and_code_and_are_found_by_both_names() -> None:
    snapshot = in_business_order(a_full_read(REPAIR_TITLE, TITLE, STAGE))
    assert snapshot.standard_fields == (STAGE, TITLE, REPAIR_TITLE)
    found = [(entry.code, entry.folded) for entry in entries(snapshot) if entry.kind == "standard_fields"]
    assert found[0] == ("STAGE_ID", "stage_id стадия")


@pytest.mark.parametrize(
    "reads",
    [
        (an_ordinary_read(), a_full_read(hours=1)),
        (a_full_read(), an_ordinary_read(1)),
        (a_full_read(), an_ordinary_read(1), a_full_read(TITLE, hours=2)),
        (a_full_read(), a_failed_read(1)),
        (a_failed_read(), a_full_read(hours=1)),
        (a_failed_read(), an_ordinary_read(1)),
        (a_full_read(*MANY), an_ordinary_read(1)),
    ],
)
def test_switching_full_reads_changes_nothing(reads: tuple[Snapshot, ...]) -> None:
    step = after(*reads)
    assert step.changes == ()
    assert not step.questioned


def test_switched_off_they_leave_the_new_version_with_their_receipt() -> None:
    step = after(a_full_read(), an_ordinary_read(1))
    assert all(kind is not Kind.STANDARD_FIELDS for kind, _ in (*step.parts, *step.provenance))
    assert lines(step) == []


def test_a_full_read_that_did_not_bring_them_keeps_what_is_known() -> None:
    step = after(a_full_read(), a_failed_read(1))
    assert step.parts[KEY] == (STAGE, TITLE) or step.parts[KEY] == (TITLE, STAGE)
    (entry,) = (entry for entry in lines(step) if entry.entity_type == "deal")
    assert (entry.state, entry.items, entry.read_at) == (State.FAILED, 2, READ_AT)


def test_between_two_full_reads_every_difference_is_told() -> None:
    renamed = replace(TITLE, label="Имя сделки", mandatory=True)
    step = after(a_full_read(TITLE, STAGE), a_full_read(renamed, STAGE, replace(STAGE, code="NEW"), hours=1))
    told = [(change.op, change.entity_type, change.code, change.attribute) for change in step.changes]
    assert sorted(told, key=repr) == sorted(
        [
            (Op.EDITED, "deal", "TITLE", "label"),
            (Op.EDITED, "deal", "TITLE", "mandatory"),
            (Op.ADDED, "deal", "NEW", None),
        ],
        key=repr,
    )


def test_most_of_them_gone_at_once_is_not_believed_at_once() -> None:
    step = after(a_full_read(*MANY), a_full_read(*MANY[:10], hours=1))
    assert step.changes == ()
    assert step.questioned == {KEY}


def test_an_entity_type_that_is_gone_takes_them_along() -> None:
    whole = a_full_read(TITLE, REPAIR_TITLE)
    smaller = _at(a_snapshot(standard_fields=(TITLE,)), 1)
    step = after(whole, smaller)
    assert [(change.kind.value, change.code) for change in step.changes] == [("entity_types", REPAIR.key)]
    assert (Kind.STANDARD_FIELDS, REPAIR.key) not in step.parts
    assert len(lines(step)) == 1


def test_an_entity_type_that_comes_brings_them_along() -> None:
    field = a_user_field(entity_type=REPAIR.key, id=900, code="UF_CRM_7_1")
    larger = a_snapshot(
        entity_types=(an_entity_type(), REPAIR),
        user_fields=(a_user_field(), field),
        standard_fields=(TITLE, REPAIR_TITLE),
    )
    step = after(a_snapshot(standard_fields=(TITLE,)), _at(larger, 1))
    assert [(change.kind.value, change.code) for change in step.changes] == [("entity_types", REPAIR.key)]
