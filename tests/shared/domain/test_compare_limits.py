"""Two portals: what may be concluded from the way each of them was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from shared.domain.compare import PORTAL_SPECIFIC_PARTS, are_of_one_portal, compare_portals
from shared.domain.coverage import Kind, State
from shared.domain.diff import WhyNot
from shared.domain.identity import ComparedKind
from shared.domain.parts import parts_of, with_parts
from shared.domain.snapshot import Snapshot
from tests.builders import (
    a_portal,
    a_reader,
    a_snapshot,
    a_stage,
    a_success_stage,
    a_user_field,
    complete_coverage,
    with_coverage,
)
from tests.shared.domain.comparing import told
from tests.shared.domain.numbered import moved_to, process
from tests.shared.domain.portals import examples, two_reads

FIELD = "UF_CRM_1700000000001"
UNREAD = [state for state in State if state is not State.COMPLETE]


@pytest.mark.parametrize("state", UNREAD)
@pytest.mark.parametrize("kind", [Kind.ENTITY_TYPES, Kind.PIPELINES, Kind.STAGES, Kind.DICTIONARIES])
def test_what_was_not_read_completely_is_not_called_missing(kind: Kind, state: State) -> None:
    empty: dict[str, Any] = {kind.value: ()}
    unread = with_coverage(a_snapshot(**empty), kind, state=state)
    if kind is Kind.ENTITY_TYPES:
        unread = replace(unread, coverage=with_coverage(a_snapshot(), kind, state=state).coverage)
    for outcome, why in (
        (compare_portals(a_snapshot(), unread), WhyNot.NEW_UNREAD),
        (compare_portals(unread, a_snapshot()), WhyNot.OLD_UNREAD),
    ):
        assert outcome.differences == ()
        assert (kind, why) in {(gap.kind, gap.why) for gap in outcome.not_compared}


def test_the_stages_of_unread_pipelines_are_not_compared() -> None:
    unread = with_coverage(moved_to(5), Kind.PIPELINES, state=State.FAILED)
    outcome = compare_portals(moved_to(3), unread)
    assert outcome.differences == ()
    assert {gap.kind for gap in outcome.not_compared} == {Kind.PIPELINES, Kind.STAGES}


def test_fields_of_an_entity_the_other_receipt_does_not_mention_are_not_compared() -> None:
    silent = a_snapshot(user_fields=())
    silent = replace(
        silent, coverage=tuple(row for row in silent.coverage if row.kind is not Kind.USER_FIELDS)
    )
    outcome = compare_portals(a_snapshot(), silent)
    assert outcome.differences == ()
    assert [(gap.kind, gap.entity_type, gap.why) for gap in outcome.not_compared] == [
        (Kind.USER_FIELDS, "deal", WhyNot.NEW_UNREAD)
    ]


def test_smart_processes_are_left_alone_where_nobody_knows_their_titles() -> None:
    unread = with_coverage(process(1055), Kind.ENTITY_TYPES, state=State.PARTIAL)
    outcome = compare_portals(process(1040), unread)
    assert told(outcome) == []
    assert (Kind.ENTITY_TYPES, WhyNot.NEW_UNREAD) in {(gap.kind, gap.why) for gap in outcome.not_compared}


def test_what_a_reader_without_rights_does_not_see_is_not_called_missing() -> None:
    limited = a_snapshot(
        reader=a_reader(admin=False), user_fields=(a_user_field(type="double"),), pipelines=()
    )
    here = a_snapshot(stages=())
    limited = replace(limited, stages=(), coverage=complete_coverage(limited))
    outcome = compare_portals(here, limited)
    assert told(outcome) == [("user_fields", FIELD, FIELD, ("type", "string", "double"))]
    assert [(gap.kind, gap.why) for gap in outcome.not_compared] == [(Kind.PIPELINES, WhyNot.FEWER_RIGHTS)]
    back = compare_portals(limited, here)
    assert [(gap.kind, gap.why) for gap in back.not_compared] == [(Kind.PIPELINES, WhyNot.MORE_RIGHTS)]


def test_a_list_that_was_only_renumbered_is_in_the_same_order() -> None:
    here = a_snapshot(stages=(a_stage(sort=10), a_success_stage(sort=20)))
    there = a_snapshot(stages=(a_success_stage(sort=100), a_stage(sort=500)))
    kinds = [
        (pair.kind, [change.attribute for change in pair.changes])
        for pair in compare_portals(here, there).differences
    ]
    assert kinds == [(ComparedKind.STAGES, ["sort"])]


@examples()
@given(two_reads())
def test_portals_compare_the_same_without_what_is_each_ones_own(reads: tuple[Snapshot, Snapshot]) -> None:
    here, there = (
        with_parts(
            side, {part: rows for part, rows in parts_of(side).items() if part not in PORTAL_SPECIFIC_PARTS}
        )
        for side in reads
    )
    assert compare_portals(here, there) == compare_portals(*reads)


@pytest.mark.parametrize(
    ("old", "new", "one"),
    [
        (("a.example", None), ("a.example", None), True),
        (("a.example", None), ("b.example", None), False),
        (("a.example", "1"), ("b.example", "1"), True),
        (("a.example", "1"), ("a.example", "2"), False),
        (("a.example", "1"), ("a.example", None), True),
    ],
)
def test_a_portal_is_the_same_by_its_member_id_and_else_by_its_domain(
    old: tuple[str, str | None], new: tuple[str, str | None], *, one: bool
) -> None:
    portals = (a_portal(domain=domain, member_id=member_id) for domain, member_id in (old, new))
    assert are_of_one_portal(*portals) is one
