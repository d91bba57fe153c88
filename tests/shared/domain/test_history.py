"""What a read adds to what is known: nothing is lost by a bad one, nothing is made up by a good one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State, item_counts
from shared.domain.diff import Change, Op
from shared.domain.history import Advance, advance
from shared.domain.order import in_business_order
from shared.domain.parts import with_parts
from shared.domain.snapshot import Snapshot
from tests.builders import (
    READ_AT,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_pipeline,
    a_reader,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    complete_coverage,
    with_coverage,
)
from tests.shared.domain.advancing import EMPLOYEE, HOUR, baseline_after, entry_of, failed, later

DEAL_FIELDS = (Kind.USER_FIELDS, "deal")


def test_a_first_read_changes_nothing() -> None:
    step = advance(None, a_snapshot())
    assert step.changes == ()
    assert step.parts[DEAL_FIELDS] == (a_user_field(),)
    assert all(entry.complete for entry in step.provenance.values())
    assert step.receipt == a_snapshot().coverage


def test_an_unchanged_read_changes_nothing_but_the_moment() -> None:
    first = baseline_after(a_snapshot())
    step = advance(first, later(a_snapshot()))
    assert step.changes == ()
    assert step.parts == first.parts
    assert {entry.at for entry in step.provenance.values()} == {READ_AT + HOUR}


def test_a_renamed_stage_is_one_change() -> None:
    renamed = a_snapshot(stages=(a_stage(name="Новый лид"), *a_snapshot().stages[1:]))
    (change,) = advance(baseline_after(a_snapshot()), renamed).changes
    assert (change.op, change.attribute) == (Op.EDITED, "name")
    assert (change.before, change.after) == ("Новая заявка", "Новый лид")


@pytest.mark.parametrize("seed", range(5))
def test_another_order_of_rows_is_the_same_portal(seed: int) -> None:
    """A snapshot stands in business order whatever order its answers came in."""
    dice = random.Random(seed)
    fields = tuple(a_user_field(id=n, code=f"UF_{n}", sort=dice.choice((100, 200))) for n in range(1, 9))
    values = a_list_field("А", "Б", "В", id=50, code="UF_50")
    lists = a_dictionary(items=tuple(a_dictionary_item(status_id=str(n), id=n, sort=10) for n in range(5)))

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dice.sample(items, len(items)))

    def read() -> Snapshot:
        return in_business_order(
            a_snapshot(
                user_fields=shuffled((*fields, replace(values, values=shuffled(values.values)))),
                dictionaries=(replace(lists, items=shuffled(lists.items)),),
                users=shuffled(tuple(a_user(id=n) for n in range(1, 5))),
            )
        )

    first = baseline_after(read())
    step = advance(first, read())
    assert step.parts == first.parts
    assert step.changes == ()


@pytest.mark.parametrize("state", [State.FAILED, State.FORBIDDEN, State.NOT_GRANTED, State.NOT_AVAILABLE])
def test_a_kind_that_failed_keeps_its_last_good_part_and_its_age(state: State) -> None:
    step = advance(baseline_after(a_snapshot()), failed(later(a_snapshot()), Kind.DICTIONARIES, state))
    entry = entry_of(step, Kind.DICTIONARIES)
    assert step.parts[Kind.DICTIONARIES, None] == (a_dictionary(),)
    assert (entry.state, entry.items, entry.read_at) == (state, 1, READ_AT)
    assert entry.reason == Reason(ReasonCode.NOT_ANSWERED)
    assert step.changes == ()
    assert step.provenance[Kind.DICTIONARIES, None].at == READ_AT


def test_a_kind_that_failed_for_long_is_as_old_as_its_last_good_read() -> None:
    reads = [later(a_snapshot(), 1), *(failed(later(a_snapshot(), n), Kind.USERS) for n in range(2, 6))]
    step = advance(baseline_after(*reads), failed(later(a_snapshot(), 9), Kind.USERS))
    assert entry_of(step, Kind.USERS).read_at == READ_AT + HOUR


def test_what_changed_while_a_kind_failed_is_told_once_it_is_read_again() -> None:
    renamed = later(a_snapshot(dictionaries=(a_dictionary(name="Иное"),)), 2)
    baseline = baseline_after(a_snapshot(), failed(later(a_snapshot()), Kind.DICTIONARIES))
    (change,) = advance(baseline, renamed).changes
    assert (change.op, change.kind.value) == (Op.EDITED, "dictionaries")


def test_part_of_a_kind_is_no_better_than_an_older_whole_one() -> None:
    half = with_coverage(later(a_snapshot(users=())), Kind.USERS, state=State.PARTIAL, items=0)
    step = advance(baseline_after(a_snapshot()), half)
    assert step.parts[Kind.USERS, None] == (a_user(),)
    assert step.changes == ()


def test_part_of_a_kind_is_better_than_nothing() -> None:
    nothing = failed(a_snapshot(), Kind.USERS)
    half = with_coverage(later(a_snapshot()), Kind.USERS, state=State.PARTIAL, items=1)
    step = advance(baseline_after(nothing), half)
    assert step.parts[Kind.USERS, None] == (a_user(),)
    assert not step.provenance[Kind.USERS, None].complete
    again = advance(baseline_after(nothing, half), failed(later(a_snapshot(), 2), Kind.USERS))
    assert again.parts[Kind.USERS, None] == (a_user(),)
    assert (entry_of(again, Kind.USERS).items, entry_of(again, Kind.USERS).read_at) == (1, READ_AT + HOUR)


@pytest.mark.parametrize(
    "before",
    [failed(a_snapshot(), Kind.USERS), with_coverage(a_snapshot(users=()), Kind.USERS, state=State.PARTIAL)],
    ids=["nothing", "part"],
)
def test_a_kind_that_is_whole_for_the_first_time_makes_no_changes(before: Snapshot) -> None:
    step = advance(baseline_after(before), later(a_snapshot()))
    assert step.changes == ()
    assert step.provenance[Kind.USERS, None].complete


@pytest.mark.parametrize("state", [State.FAILED, State.PARTIAL])
def test_stages_do_not_appear_because_their_pipelines_do(state: State) -> None:
    step = advance(baseline_after(failed(a_snapshot(), Kind.PIPELINES, state)), later(a_snapshot()))
    assert step.changes == ()


def test_stages_whose_pipelines_could_not_be_read_are_not_left_over() -> None:
    unread = failed(a_snapshot(), Kind.PIPELINES)
    step = advance(None, unread)
    assert with_parts(unread, step.parts).stages == a_snapshot().stages


def test_a_reader_with_fewer_rights_changes_and_removes_nothing() -> None:
    weak = a_snapshot(user_fields=(), dictionaries=(a_dictionary(name="Иное"),), reader=EMPLOYEE)
    weak = later(replace(weak, coverage=complete_coverage(a_snapshot())))
    first = baseline_after(a_snapshot())
    step = advance(first, weak)
    assert step.changes == ()
    assert step.parts == first.parts
    assert {entry.reader for entry in step.provenance.values()} == {a_reader()}
    entry = entry_of(step, Kind.DICTIONARIES)
    assert (entry.state, entry.items, entry.read_at) == (State.PARTIAL, 1, READ_AT)
    assert entry.reason == Reason(ReasonCode.READER_NOT_ADMIN, "40")


@pytest.mark.parametrize("scopes", [{"crm", "user_brief"}, set()], ids=["narrower", "unknown"])
def test_fewer_columns_of_people_change_nobody_and_more_of_them_neither(scopes: set[str]) -> None:
    seller = a_user(position="Продавец")
    brief = a_snapshot(reader=a_reader(scopes=frozenset(scopes)))
    wide = a_snapshot(users=(seller,), reader=a_reader(scopes=frozenset({"crm", "user_basic"})))
    narrowed = advance(baseline_after(wide), later(brief))
    assert (narrowed.changes, narrowed.parts[Kind.USERS, None]) == ((), (seller,))
    assert entry_of(narrowed, Kind.USERS).reason == Reason(ReasonCode.SCOPE_MISSING, "user_basic")
    widened = advance(baseline_after(brief), later(wide))
    assert (widened.changes, widened.parts[Kind.USERS, None]) == ((), (seller,))


def test_an_administrator_after_an_employee_finds_nothing_new_only_more() -> None:
    narrow = a_snapshot(reader=EMPLOYEE)
    more = later(
        a_snapshot(users=(a_user(), a_user(id=13)), stages=(a_stage(name="Иная"), *a_snapshot().stages[1:]))
    )
    (change,) = advance(baseline_after(narrow), more).changes
    assert (change.op, change.attribute) == (Op.EDITED, "name"), (
        "an edit was seen by both; a second user was not"
    )


def remove(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, users=())


def rename(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, pipelines=(a_pipeline(name="Опт"),))


@pytest.mark.parametrize("edit", [remove, rename])
@pytest.mark.parametrize("seed", range(20))
def test_whatever_fails_on_the_way_a_true_change_is_found_once_and_no_other(
    edit: Callable[[Snapshot], Snapshot], seed: int
) -> None:
    """Any kinds fail in any of the reads before and after; the last two are good ones."""
    dice = random.Random(seed)
    baseline = baseline_after(a_snapshot())
    found: list[Change] = []
    for hour in range(1, 9):
        whole = later(edit(a_snapshot()) if hour > 3 else a_snapshot(), hour)
        whole = replace(
            whole, coverage=tuple(replace(entry, read_at=whole.read_at) for entry in a_snapshot().coverage)
        )
        for kind in (Kind.DICTIONARIES, Kind.USERS, Kind.USER_FIELDS):
            if hour < 7 and dice.random() < 0.5:
                whole = failed(whole, kind)
        step = advance(baseline, whole)
        baseline = step.baseline
        found += step.changes
    assert len(found) == 1


def test_the_receipt_counts_the_stages_that_are_shown() -> None:
    """What is a leftover where all pipelines are known is a stage of nobody knows what where they are not."""
    gone = a_stage(id=77, status_id="C99:NEW", directory="DEAL_STAGE_99", pipeline_id=99)
    first = advance(None, a_snapshot(orphan_stages=(gone,)))
    assert counted(first) == shown(first, a_snapshot()) == 2
    blind = with_coverage(later(a_snapshot(pipelines=(), stages=())), Kind.PIPELINES, state=State.FAILED)
    blind = with_coverage(blind, Kind.STAGES, state=State.FAILED)
    second = advance(first.baseline, blind)
    assert counted(second) == shown(second, blind) == 3


def counted(step: Advance) -> int:
    return item_counts(step.receipt)[Kind.STAGES]


def shown(step: Advance, read: Snapshot) -> int:
    return len(with_parts(replace(read, coverage=step.receipt), step.parts).stages)
