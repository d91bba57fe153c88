"""The garbage collector is patient while a portal is read, and as it was afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from shared.bitrix24.garbage import garbage_collected_rarely


@pytest.fixture(autouse=True)
def usual() -> Iterator[tuple[int, int, int]]:
    usual = gc.get_threshold()
    yield usual
    gc.set_threshold(*usual)


def test_it_waits_for_more_objects_and_then_is_as_before(usual: tuple[int, int, int]) -> None:
    with garbage_collected_rarely:
        assert gc.get_threshold() == (100_000, *usual[1:])
    assert gc.get_threshold() == usual


def test_it_is_as_before_when_the_last_of_several_reads_ends(usual: tuple[int, int, int]) -> None:
    with garbage_collected_rarely:
        with pytest.raises(OSError, match="cut"), garbage_collected_rarely:
            raise OSError("cut")
        assert gc.get_threshold() > usual
    assert gc.get_threshold() == usual


@pytest.mark.parametrize("objects", [0, 500_000])
def test_whoever_collects_still_less_is_not_disturbed(objects: int) -> None:
    gc.set_threshold(objects)
    with garbage_collected_rarely:
        assert gc.get_threshold()[0] == objects
    assert gc.get_threshold()[0] == objects
