from bench.many_portals import Round, text_of

QUICK = Round("first read", 41.2, (0.02, 0.23), 20, (118, 135, 135, 59))
SLOW = Round("again, nothing changed", 950.0, (2.4,), 19, (118, 136, 136, 59))


def test_a_round_shows_the_longest_wait_and_the_peaks() -> None:
    line = text_of([QUICK], 1000, "tiny", 150).splitlines()[4]
    assert line.split() == ["first", "read", "41.2", "24.3", "20", "0.23", "118/135/135/59"]


def test_the_worst_round_decides_whether_the_goals_are_met() -> None:
    shown = text_of([QUICK], 1000, "tiny", 150)
    assert "all read within 900 s: PASS, 41 s\nwho waits is served within 2 s: PASS, 0.23 s" in shown
    shown = text_of([QUICK, SLOW], 1000, "tiny", 150)
    assert "all read within 900 s: missed, 950 s\nwho waits is served within 2 s: missed, 2.40 s" in shown
