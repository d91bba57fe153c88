"""When two specifications are called equal, and when two portals are taken for two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.coverage import Kind, State
from shared.domain.diff import diff
from shared.domain.snapshot import Snapshot
from tests.builders import a_portal, a_reader, a_snapshot, a_stage, with_coverage
from tools.cli.diff import are_two, exit_code_of

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


@pytest.mark.parametrize(
    ("old", "new", "two"),
    [
        (("a.example", None), ("a.example", None), False),
        (("a.example", None), ("b.example", None), True),
        (("a.example", "1"), ("b.example", "1"), False),
        (("a.example", "1"), ("a.example", "2"), True),
        (("a.example", "1"), ("a.example", None), False),
    ],
)
def test_a_portal_is_the_same_by_its_member_id_and_else_by_its_domain(
    old: tuple[str, str | None], new: tuple[str, str | None], *, two: bool
) -> None:
    portals = (a_portal(domain=domain, member_id=member_id) for domain, member_id in (old, new))
    assert are_two(*portals) is two
