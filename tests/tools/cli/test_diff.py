"""When two specifications are called equal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.coverage import Kind, State
from shared.domain.diff import diff
from shared.domain.snapshot import Snapshot
from tests.builders import a_reader, a_snapshot, a_stage, with_coverage
from tools.cli.diff import exit_code_of

WHOLE = a_snapshot()
EMPLOYEE = replace(WHOLE, reader=a_reader(id=77, admin=False))


def without(snapshot: Snapshot, kind: Kind) -> Snapshot:
    return with_coverage(snapshot, kind, state=State.FAILED)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (WHOLE, WHOLE, 0),
        (WHOLE, replace(WHOLE, stages=(a_stage(name="Обращение"),)), 1),
        (without(WHOLE, Kind.USERS), without(WHOLE, Kind.USERS), 0),
        (WHOLE, without(WHOLE, Kind.USERS), 2),
        (without(WHOLE, Kind.USERS), WHOLE, 2),
        (WHOLE, EMPLOYEE, 2),
        (without(WHOLE, Kind.USERS), replace(WHOLE, stages=()), 1),
    ],
    ids=[
        "equal",
        "different",
        "unread twice",
        "new unread",
        "old unread",
        "fewer rights",
        "different and unread",
    ],
)
def test_the_exit_code_calls_equal_only_what_was_compared(old: Snapshot, new: Snapshot, code: int) -> None:
    assert exit_code_of(diff(old, new)) == code
