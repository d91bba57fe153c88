from dataclasses import replace

from bench.storage import History, text_of

KEPT = History("S", 200, 10, 10, 9_300, 0.0, 3_011.4, 4_020.4, 2_200.0, 60_800.0)


def test_a_history_is_a_line_of_its_sizes() -> None:
    line = text_of([KEPT]).splitlines()[1]
    assert line.split() == ["S", "200", "10", "1", "+", "10", "9.3", "0", "3,011", "4,020", "2.2", "60.8"]


def test_a_version_too_many_is_told() -> None:
    shown = text_of([KEPT, replace(KEPT, size="M", new_versions=12)])
    assert "S: exactly 10 new versions: PASS\nM: exactly 10 new versions: missed, 12" in shown


def test_a_change_that_writes_too_much_is_told() -> None:
    shown = text_of([replace(KEPT, written_changed=40_000.0), replace(KEPT, size="M")])
    assert "S: a change within 40 kB of WAL: PASS\nM: a change within 40 kB of WAL: missed" in shown
