"""The receipt of a read: what is whole and what is missing."""

from __future__ import annotations

import pytest

from shared.domain.coverage import Kind, State, missing
from tests.builders import a_coverage

WHOLE = {
    State.COMPLETE: True,
    State.PARTIAL: False,
    State.FORBIDDEN: False,
    State.NOT_GRANTED: False,
    State.NOT_AVAILABLE: True,
    State.FAILED: False,
}


def test_every_state_is_whole_or_not() -> None:
    assert {state: state.is_whole for state in State} == WHOLE


def test_missing_keeps_the_entries_that_are_not_whole_in_their_order() -> None:
    entries = [a_coverage(kind, state=state) for kind in Kind for state in State]
    assert missing(entries) == tuple(entry for entry in entries if not WHOLE[entry.state])


@pytest.mark.parametrize("states", [[], [State.COMPLETE], [State.COMPLETE, State.NOT_AVAILABLE]])
def test_nothing_is_missing_of_a_whole_read(states: list[State]) -> None:
    assert missing(a_coverage(Kind.USERS, state=state) for state in states) == ()


def test_only_fields_are_read_entity_by_entity() -> None:
    assert [kind for kind in Kind if kind.is_per_entity] == [Kind.STANDARD_FIELDS, Kind.USER_FIELDS]


def test_user_fields_have_an_entry_for_every_entity_type() -> None:
    leads = a_coverage(Kind.USER_FIELDS, entity_type="lead")
    deals = a_coverage(Kind.USER_FIELDS, entity_type="deal")
    assert [leads.key, deals.key] == [(Kind.USER_FIELDS, "lead"), (Kind.USER_FIELDS, "deal")]
    assert a_coverage(Kind.USERS).key == (Kind.USERS, None)
