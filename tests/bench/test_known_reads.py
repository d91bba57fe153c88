from bench.reads import asked, text_of


def test_a_known_portal_is_asked_for_less_in_as_many_requests() -> None:
    first, known = asked("S")
    assert known.requests == first.requests == 1
    assert known.commands < first.commands
    assert (first.refused > 0, known.refused) == (True, 0)


def test_each_read_is_a_line() -> None:
    lines = text_of(list(asked("tiny"))).splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["tiny", "first", "1"], ["tiny", "known", "1"]]
