"""What a read that brings an entity type no more adds to what is known of it and of its fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.diff import Op
from shared.domain.history import advance
from shared.domain.snapshot import Snapshot
from tests.builders import (
    READ_AT,
    a_coverage,
    a_smart_process,
    a_snapshot,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.shared.domain.advancing import EMPLOYEE, baseline_after, entry_of, later

REPAIR = a_smart_process()
REPAIR_FIELD = a_user_field(entity_type=REPAIR.key, id=900, code="UF_CRM_7_1")


def with_repair(**changes: Any) -> Snapshot:
    """A portal with a smart process that has one field."""
    return a_snapshot(
        entity_types=(an_entity_type(), REPAIR), user_fields=(a_user_field(), REPAIR_FIELD), **changes
    )


def test_an_entity_type_that_is_gone_takes_its_fields_along_as_one_change() -> None:
    step = advance(baseline_after(with_repair()), later(a_snapshot()))
    (change,) = step.changes
    assert (change.op, change.kind.value, change.code) == (Op.REMOVED, "entity_types", REPAIR.key)
    assert (Kind.USER_FIELDS, REPAIR.key) not in step.parts
    assert all(entry.entity_type != REPAIR.key for entry in step.receipt)


@pytest.mark.parametrize("state", [State.PARTIAL, State.FAILED, State.FORBIDDEN])
def test_an_entity_type_that_is_merely_not_seen_keeps_its_fields_and_their_age(state: State) -> None:
    reason = Reason(ReasonCode.TYPES_HIDDEN)
    unseen = with_coverage(later(a_snapshot()), Kind.ENTITY_TYPES, state=state, reason=reason)
    step = advance(baseline_after(with_repair()), unseen)
    assert step.changes == ()
    assert step.parts[Kind.ENTITY_TYPES, None] == (an_entity_type(), REPAIR)
    assert step.parts[Kind.USER_FIELDS, REPAIR.key] == (REPAIR_FIELD,)
    entry = entry_of(step, Kind.USER_FIELDS, REPAIR.key)
    assert (entry.state, entry.items, entry.read_at, entry.reason) == (state, 1, READ_AT, reason)


def test_fields_of_an_unseen_entity_type_are_compared_again_once_it_is_seen() -> None:
    unseen = with_coverage(later(a_snapshot()), Kind.ENTITY_TYPES, state=State.FAILED)
    renamed = replace(REPAIR_FIELD, labels={"ru": "Иначе"})
    seen = later(replace(with_repair(), user_fields=(a_user_field(), renamed)), 2)
    (change,) = advance(baseline_after(with_repair(), unseen), seen).changes
    assert (change.op, change.attribute, change.entity_type) == (Op.EDITED, "labels", REPAIR.key)


def test_an_employee_who_sees_no_smart_processes_hides_none() -> None:
    step = advance(baseline_after(with_repair()), later(a_snapshot(reader=EMPLOYEE)))
    assert step.parts[Kind.USER_FIELDS, REPAIR.key] == (REPAIR_FIELD,)
    assert entry_of(step, Kind.USER_FIELDS, REPAIR.key).state is State.PARTIAL
    assert step.changes == ()


def test_an_entity_type_that_is_switched_off_does_not_leave_its_fields_behind() -> None:
    """Its receipt is still there and says so, since the portal could have it."""
    off = later(a_snapshot())
    off = replace(
        off,
        coverage=(
            *off.coverage,
            a_coverage(Kind.USER_FIELDS, entity_type=REPAIR.key, state=State.NOT_AVAILABLE),
        ),
    )
    step = advance(baseline_after(with_repair()), off)
    assert step.parts[Kind.USER_FIELDS, REPAIR.key] == ()
    assert [change.kind.value for change in step.changes] == ["entity_types"]
