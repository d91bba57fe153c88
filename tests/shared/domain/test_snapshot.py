"""Whose eyes a snapshot was taken with, and that it stays as it was taken."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from shared.domain.snapshot import Reader
from tests.builders import a_reader, a_snapshot

ADMIN = a_reader(id=1, admin=True)
OTHER_ADMIN = a_reader(id=12, admin=True)
EMPLOYEE = a_reader(id=5, admin=False)
COLLEAGUE = a_reader(id=6, admin=False)
STRANGER = a_reader(id=None, name=None, admin=False)
DISMISSED_ADMIN = a_reader(id=1, admin=False)


@pytest.mark.parametrize(
    ("later", "earlier", "sees_at_least"),
    [
        (ADMIN, ADMIN, True),
        (ADMIN, OTHER_ADMIN, True),
        (ADMIN, EMPLOYEE, True),
        (ADMIN, STRANGER, True),
        (EMPLOYEE, ADMIN, False),
        (STRANGER, ADMIN, False),
        (EMPLOYEE, EMPLOYEE, True),
        (EMPLOYEE, COLLEAGUE, False),
        (EMPLOYEE, STRANGER, False),
        (STRANGER, STRANGER, False),
        (DISMISSED_ADMIN, ADMIN, False),
        (ADMIN, DISMISSED_ADMIN, True),
    ],
)
def test_a_reader_sees_at_least_what_another_one_saw(
    later: Reader, earlier: Reader, *, sees_at_least: bool
) -> None:
    assert later.sees_at_least(earlier) is sees_at_least


@pytest.mark.parametrize(
    "scopes",
    [frozenset(), frozenset({"crm"}), frozenset({"crm", "user", "department", "userfieldconfig", "task"})],
)
def test_scopes_do_not_decide_what_a_reader_sees(scopes: frozenset[str]) -> None:
    narrower = a_reader(scopes=scopes)
    assert narrower.sees_at_least(a_reader())
    assert a_reader().sees_at_least(narrower)


def test_a_name_does_not_decide_either() -> None:
    assert a_reader(admin=False, name="Ветрова Мария").sees_at_least(a_reader(admin=False))


def test_a_snapshot_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        a_snapshot().users = ()  # type: ignore[misc]
