from dataclasses import replace

from bench.start import Start, text_of

QUICK = Start("crmap --help", 0.114, 0.102, 168)


def test_each_start_is_a_line_and_the_help_has_a_goal() -> None:
    lines = text_of([QUICK, Start("cabinet", 1.5, 1.46, 1193)]).splitlines()
    assert [line.split() for line in lines[3:5]] == [
        ["crmap", "--help", "0.11", "0.10", "168"],
        ["cabinet", "1.50", "1.46", "1193"],
    ]
    assert lines[-1] == "crmap --help within 0.15 s: PASS, 0.11 s"


def test_a_goal_that_is_missed_says_how_much_of_the_time_was_work() -> None:
    slow = replace(QUICK, wall_s=0.21)
    assert text_of([slow]).splitlines()[-1] == "crmap --help within 0.15 s: missed, 0.21 s, 0.10 s of it CPU"
