"""However few slots there are: everything gets one, and nothing gets all of them."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from shared.domain.shares import Shares


@pytest.mark.parametrize("slots", range(2, 65))
def test_every_kind_of_reads_has_a_slot_and_leaves_one(slots: int) -> None:
    assert all(1 <= share < slots for share in astuple(Shares.of(slots)))


@pytest.mark.parametrize("slots", range(4, 65))
def test_whoever_fills_the_share_of_unread_portals_is_not_one_cabinet(slots: int) -> None:
    shares = Shares.of(slots)
    assert shares.unproven_of_one < shares.unproven
    assert shares.slow < shares.unproven


def test_of_eight_slots_two_are_kept_from_the_schedule_and_two_read_slow_portals() -> None:
    assert Shares.of(8) == Shares(verification=2, routine=6, slow=2, unproven=4, unproven_of_one=2, of_one=4)
