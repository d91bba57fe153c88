"""A loss too large to be believed at once is believed when a second read says the same, and never sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.diff import Change, Op
from shared.domain.history import Advance, Baseline, advance
from shared.domain.snapshot import Snapshot
from tests.builders import (
    READ_AT,
    a_list_field,
    a_pipeline,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    an_entity_type,
    with_coverage,
)

DEAL_FIELDS = (Kind.USER_FIELDS, "deal")
USERS = (Kind.USERS, None)


def people(*numbers: int) -> Snapshot:
    return a_snapshot(users=tuple(a_user(id=number) for number in numbers))


def at(snapshot: Snapshot, seconds: float) -> Snapshot:
    """The same read so many seconds after the first one."""
    moment = READ_AT + timedelta(seconds=seconds)
    coverage = tuple(replace(entry, read_at=moment) for entry in snapshot.coverage)
    return replace(snapshot, read_at=moment, coverage=coverage)


def reads(*snapshots: tuple[Snapshot, float]) -> list[Advance]:
    """What became of each read, one after the other."""
    steps: list[Advance] = []
    for snapshot, seconds in snapshots:
        baseline = steps[-1].baseline if steps else None
        steps.append(advance(baseline, at(snapshot, seconds)))
    return steps


def told(step: Advance) -> list[tuple[str, int | None]]:
    return [(change.op.value, change.item_id) for change in step.changes]


TEN = people(*range(1, 11))
# How many of ten people, or of forty, are left; whether the rest is believed to be gone at once.
LOSSES = [
    (10, 9, True),
    (10, 5, True),
    (10, 4, False),
    (10, 1, False),
    (10, 0, False),
    (40, 28, True),
    (40, 27, False),
    (5, 1, True),
    (5, 0, False),
    (1, 0, False),
]


@pytest.mark.parametrize(("before", "left", "believed"), LOSSES)
def test_a_kind_that_emptied_or_lost_more_than_five_and_a_third_is_in_doubt(
    before: int, left: int, *, believed: bool
) -> None:
    steps = reads((people(*range(before)), 0), (people(*range(left)), 60))
    gone = [("removed", number) for number in range(left, before)]
    assert told(steps[-1]) == (gone if believed else [])
    assert steps[-1].questioned == (frozenset() if believed else {USERS})


def test_the_receipt_says_that_it_is_checked_once_more_and_keeps_the_last_good_count_and_moment() -> None:
    step = reads((TEN, 0), (people(1, 2), 60))[-1]
    (entry,) = (entry for entry in step.receipt if entry.key == USERS)
    assert (entry.state, entry.reason) == (State.PARTIAL, Reason(ReasonCode.LOSS_UNCONFIRMED, "2 / 10"))
    assert (entry.items, entry.read_at) == (10, READ_AT)
    assert step.parts[USERS] == TEN.users


@pytest.mark.parametrize(("after", "believed"), [(1, False), (59.9, False), (60, True), (86_400, True)])
def test_the_same_loss_is_believed_a_minute_later(after: float, *, believed: bool) -> None:
    steps = reads((TEN, 0), (people(1, 2), 100), (people(1, 2), 100 + after))
    assert len(steps[-1].changes) == (8 if believed else 0)
    assert steps[-1].questioned == (frozenset() if believed else {USERS})
    assert (USERS in steps[-1].doubts) is not believed


def test_a_minute_counts_from_the_first_read_that_lacked_it_however_many_came_between() -> None:
    steps = reads((TEN, 0), *((people(1, 2), seconds) for seconds in (100, 120, 140, 160)))
    assert [len(step.changes) for step in steps] == [0, 0, 0, 0, 8]


def test_what_comes_back_was_never_gone() -> None:
    steps = reads((TEN, 0), (people(), 60), (TEN, 120), (people(), 180), (TEN, 240))
    assert [step.changes for step in steps] == [()] * 5
    assert [bool(step.doubts) for step in steps] == [False, True, False, True, False]


def test_what_was_lost_and_edited_meanwhile_is_told_with_the_loss() -> None:
    renamed = replace(people(1, 2), users=(a_user(id=1), a_user(id=2, name="Иная")))
    steps = reads((TEN, 0), (renamed, 60), (renamed, 120))
    assert told(steps[1]) == []
    assert told(steps[2]) == [("edited", 2), *(("removed", number) for number in range(3, 11))]


def test_a_little_that_goes_in_the_meantime_does_not_begin_the_wait_anew() -> None:
    steps = reads((TEN, 0), (people(1, 2, 3), 60), (people(1, 2), 120))
    assert len(steps[-1].changes) == 8


def test_another_large_loss_in_the_meantime_begins_the_wait_anew() -> None:
    many = people(*range(40))
    steps = reads((many, 0), (people(*range(20)), 60), (people(0, 1), 120), (people(0, 1), 180))
    assert [len(step.changes) for step in steps] == [0, 0, 0, 38]


@pytest.mark.parametrize("state", [State.FAILED, State.FORBIDDEN, State.PARTIAL])
def test_a_read_that_failed_neither_confirms_a_loss_nor_forgets_it(state: State) -> None:
    failed = with_coverage(people(), Kind.USERS, state=state, items=0)
    steps = reads((TEN, 0), (people(), 60), (failed, 120), (people(), 180))
    assert [len(step.changes) for step in steps] == [0, 0, 0, 10]
    assert steps[2].questioned == frozenset()


def test_a_reader_with_fewer_rights_confirms_no_loss() -> None:
    weak = replace(people(), reader=a_reader(id=40, admin=False))
    steps = reads((TEN, 0), (people(), 60), (weak, 120), (people(), 180))
    assert [len(step.changes) for step in steps] == [0, 0, 0, 10]


def test_other_people_in_their_place_are_a_loss_all_the_same() -> None:
    steps = reads((TEN, 0), (people(*range(11, 21)), 60), (people(*range(11, 21)), 120))
    assert [len(step.changes) for step in steps] == [0, 0, 20]


def test_a_list_that_lost_its_values_is_in_doubt_though_its_field_is_there() -> None:
    full, empty = (
        a_snapshot(user_fields=(a_list_field(*values), a_user_field(id=600, code="UF_6")))
        for values in ("АБВГДЕЖ", "")
    )
    steps = reads((full, 0), (empty, 60), (empty, 120))
    assert [step.questioned for step in steps] == [frozenset(), {DEAL_FIELDS}, frozenset()]
    assert {change.op for change in steps[-1].changes} == {Op.REMOVED}
    assert len(steps[-1].changes) == 7


def wide_pipelines(*numbers: int) -> Snapshot:
    """Pipelines of ten stages each."""
    return a_snapshot(
        pipelines=tuple(a_pipeline(id=number, directory=f"DEAL_STAGE_{number}") for number in numbers),
        stages=tuple(
            a_stage(
                id=number * 100 + place,
                pipeline_id=number,
                directory=f"DEAL_STAGE_{number}",
                status_id=f"C{number}:{place}",
            )
            for number in numbers
            for place in range(10)
        ),
    )


def test_a_removed_pipeline_takes_its_stages_along_however_many_they_are() -> None:
    step = reads((wide_pipelines(1, 2), 0), (wide_pipelines(1), 60))[-1]
    assert told(step) == [("removed", 2)]
    assert not step.questioned


def test_stages_of_pipelines_in_doubt_are_in_doubt_with_them() -> None:
    """Thirty of the stages would be few enough, if only they were not those of six pipelines."""
    before, after = wide_pipelines(*range(1, 16)), wide_pipelines(*range(1, 10))
    few = replace(
        before, pipelines=after.pipelines, stages=tuple(row for row in before.stages if row.id % 100 > 1)
    )
    steps = reads((before, 0), (few, 60), (few, 120))
    assert steps[1].questioned >= {(Kind.PIPELINES, None)}
    assert steps[1].changes == ()
    assert not steps[2].questioned


def test_pipelines_that_went_with_their_smart_process_do_not_begin_the_wait_of_others_anew() -> None:
    types = smart(*range(128, 130))
    theirs = [
        a_pipeline(entity_type=f"dynamic_{number // 10}", id=number, directory=f"DYNAMIC_{number}")
        for number in (*range(1280, 1284), *range(1290, 1294))
    ]
    deals = [a_pipeline(id=number, directory=f"DEAL_STAGE_{number}") for number in range(1, 13)]
    before = replace(types, pipelines=(*deals, *theirs))
    after = replace(types, entity_types=types.entity_types[:1], pipelines=(deals[0],), user_fields=())
    steps = reads((before, 0), (after, 60), (after, 120))
    assert steps[1].questioned == {(Kind.PIPELINES, None)}
    assert not steps[2].questioned
    assert told(steps[2])[:2] == [("removed", 2), ("removed", 3)]


def smart(*numbers: int) -> Snapshot:
    """Smart processes with one field each."""
    types = tuple(a_smart_process(key=f"dynamic_{n}", entity_type_id=n, type_id=n - 120) for n in numbers)
    return a_snapshot(
        entity_types=(an_entity_type(), *types),
        user_fields=tuple(
            a_user_field(entity_type=row.key, id=row.entity_type_id, code="UF_1") for row in types
        ),
    )


def test_fields_of_smart_processes_in_doubt_stay_with_them() -> None:
    before, after = smart(*range(128, 138)), smart(128, 129)
    steps = reads((before, 0), (after, 60), (after, 120))
    assert steps[1].parts[Kind.USER_FIELDS, "dynamic_137"] == before.user_fields[-1:]
    (entry,) = (entry for entry in steps[1].receipt if entry.entity_type == "dynamic_137")
    assert (entry.items, entry.reason) == (1, Reason(ReasonCode.LOSS_UNCONFIRMED, "3 / 11"))
    assert [change.op for change in steps[2].changes] == [Op.REMOVED] * 8
    assert (Kind.USER_FIELDS, "dynamic_137") not in steps[2].parts


def test_what_was_never_read_completely_is_not_doubted() -> None:
    part = with_coverage(TEN, Kind.USERS, state=State.PARTIAL, items=10)
    step = reads((part, 0), (people(), 60))[-1]
    assert (step.parts[USERS], step.changes, step.questioned) == ((), (), frozenset())


def test_an_additional_kind_in_doubt_holds_up_no_other() -> None:
    both = replace(people(), stages=(a_stage(name="Иная"), *a_snapshot().stages[1:]))
    steps = reads((TEN, 0), (both, 60))
    assert [(change.op, change.attribute) for change in steps[-1].changes] == [(Op.EDITED, "name")]
    baseline: Baseline = steps[-1].baseline
    found: tuple[Change, ...] = advance(baseline, at(TEN, 120)).changes
    assert [(change.op, change.attribute) for change in found] == [(Op.EDITED, "name")]
