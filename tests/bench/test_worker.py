from bench.worker import Spent, text_of

READ = Spent("S, webhook", 54.29, 10.986, 29.13, 3.17, 87.77)
IDLE = Spent("nothing to do", 7.45, 2.46, 4.9, 0.35, 12.25)


def test_a_read_and_a_second_without_work_are_lines_of_what_they_took() -> None:
    lines = [line.split() for line in text_of([READ], [IDLE]).splitlines()]
    assert ["S,", "webhook", "54.29", "10.99", "29.13", "3.17", "87.77"] in lines
    assert ["nothing", "to", "do", "7.45", "2.46", "4.90", "0.35", "12.25"] in lines


def test_the_statements_are_shown_to_who_asks_for_them() -> None:
    assert text_of([READ], [IDLE], ["S, webhook\n    1.00  BEGIN"]).endswith("    1.00  BEGIN")
