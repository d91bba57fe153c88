from collections import Counter
from dataclasses import replace

import pytest

from bench.gateway import Load, percentile, text_of

QUICK = Load("alone", 100, (*[10.0] * 197, 40.0, 90.0, 90.0), Counter({200: 200}), 200, 3.25)
SLOW = replace(QUICK, rate=150, taken_ms=(*[10.0] * 190, *[400.0] * 10))
BURST = Load("a burst, alone", None, (100.0, 4_000.0), Counter({200: 2}), 2, 3.25)


@pytest.mark.parametrize(("of_hundred", "found"), [(1, 1), (50, 50), (99, 99), (100, 100)])
def test_a_percentile_is_one_of_the_numbers(of_hundred: int, found: int) -> None:
    assert percentile(range(100, 0, -1), of_hundred) == found


def test_a_load_is_a_line_of_its_waits_and_answers() -> None:
    line = text_of([QUICK], "").splitlines()[4]
    assert line.split() == ["alone", "100", "10", "40", "90", "3.2", "200", "200x200"]
    refused = replace(BURST, statuses=Counter({200: 1, 503: 1}), stored=1)
    line = text_of([refused], "").splitlines()[4]
    assert line.split() == [
        "a",
        "burst,",
        "alone",
        "2",
        "once",
        "100",
        "4000",
        "4000",
        "3.2",
        "1",
        "1x200",
        "1x503",
    ]


def test_the_fastest_rate_that_is_quick_enough_counts() -> None:
    shown = text_of([QUICK, SLOW, BURST], "")
    assert "alone: 100 a second within 300 ms" in shown
    assert "a burst, alone: all answered within 4000 ms: PASS, 4000 ms" in shown


@pytest.mark.parametrize("change", [{"stored": 199}, {"statuses": Counter({200: 199, 503: 1})}])
def test_a_rate_at_which_an_event_is_lost_does_not_count(change: dict[str, object]) -> None:
    shown = text_of([replace(QUICK, **change)], "")  # type: ignore[arg-type]
    assert "alone: 0 a second within 300 ms" in shown
