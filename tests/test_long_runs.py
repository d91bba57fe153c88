"""The table at the end of a run: a line for each scenario, in whichever process it ran."""

from __future__ import annotations

from tests.faults.neighbours.watch import Watch
from tests.long_runs import Seen, table


def test_a_scenario_is_a_line_with_the_wait_and_the_memory() -> None:
    seen = [Seen("b", 5, 1234.4, {"gateway": 90, "tests": 3}), Seen("a", 1, 0.6, {"tests": 0})]
    _, first, second = table(seen).splitlines()
    assert first.split() == ["a", "1", "1", "tests", "0"]
    assert second.split() == ["b", "5", "1,234", "gateway", "90,", "tests", "3"]


def test_of_twenty_waits_the_longest_but_one_is_told() -> None:
    watch = Watch()
    watch.waited_s = [float(number) for number in range(1, 21)]
    assert (watch.seen("x").asked, watch.seen("x").p95_ms) == (20, 19_000)
    watch.waited_s = [3.0]
    assert watch.seen("x").p95_ms == 3000
