"""Whatever goes wrong while portals are read, no deletion and no change is told that did not happen, and none is lost.

A short run of what ``make fuzz`` does ten thousand times over.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain import history
from shared.domain.coverage import State
from tests.fuzz.case import run


# A smaller seed is no simpler portal, so there is nothing to shrink.
@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_a_history_tells_what_happened_and_nothing_else(seed: int) -> None:
    case = run(Random(seed))
    assert case.wrong == [], "\n".join(case.story)


@pytest.mark.parametrize("careless", ["rights", "gaps", "doubts"])
def test_a_history_that_believes_more_than_it_should_is_caught(
    careless: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run itself is worth something: each care that is not taken shows within a few dozen portals."""
    match careless:
        case "rights":
            monkeypatch.setattr(history, "_is_complete", lambda entry, *_: entry.state is State.COMPLETE)
        case "gaps":
            monkeypatch.setattr(history, "_is_complete", lambda entry, *_: entry.state is not State.FAILED)
        case _:
            monkeypatch.setattr(history, "doubts", lambda *_, **__: {})
    assert any(run(Random(number)).wrong for number in range(60))
