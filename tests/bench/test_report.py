from bench.report import table, verdicts
from bench.run import Read, Row


def row(client: str, *reads: Read, size: str = "L", problem: str | None = None) -> Row:
    return Row(size, client, values=1000, requests=3, commands=142, reads=list(reads), problem=problem)


FLOOR = row("floor", Read(0.310, 0.040, 40), Read(0.300, 0.050, 41), Read(0.320, 0.060, 40))


def test_the_table_shows_the_median_between_the_least_and_the_most() -> None:
    assert (
        "L     floor                        3       142  0.310 (0.300–0.320)  50 (40–60)           40"
        in table([FLOOR])
    )


def test_a_client_that_could_not_read_shows_why_and_no_numbers() -> None:
    shown = table([row("b24pysdk", problem="it needs https")]).splitlines()[-1]
    assert shown.startswith("L     b24pysdk")
    assert shown.endswith("could not read: it needs https")


def test_sizes_stand_apart() -> None:
    assert table([row("floor", Read(1, 1, 1), size="S"), FLOOR]).split("\n")[2] == ""


def test_goals_that_are_met_pass() -> None:
    crmap = row("crmap", Read(0.341, 0.100, 50))
    assert verdicts([crmap, FLOOR]) == [
        "wall L  CRMAP / floor = 1.10, goal ≤ 1.15: PASS",
        "CPU  L  CRMAP / floor = 2.00, goal ≤ 2.00: PASS",
    ]


def test_a_goal_that_is_missed_says_what_the_time_went_into() -> None:
    crmap = row("crmap", Read(0.410, 0.150, 50))
    why = "100 ms more, CPU 100 ms: 1,000 values checked and built, 100 µs each"
    assert verdicts([crmap, FLOOR]) == [
        f"wall L  CRMAP / floor = 1.32, goal ≤ 1.15: {why}",
        f"CPU  L  CRMAP / floor = 3.00, goal ≤ 2.00: {why}",
    ]


def test_nothing_is_compared_with_a_floor_that_could_not_be_measured() -> None:
    assert verdicts([row("crmap", Read(1, 1, 1)), row("floor", problem="no")]) == []
