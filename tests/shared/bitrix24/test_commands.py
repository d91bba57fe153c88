"""An answer remembers what was made of it."""

from __future__ import annotations

from shared.bitrix24.commands import Answer


def test_the_same_is_made_of_an_answer_once_however_often_it_is_asked_for() -> None:
    made: list[object] = []

    def rows(answer: Answer, *more: object) -> int:
        made.append((answer.method, *more))
        return len(answer.value)

    answer, description = Answer("user.get", [{}, {}]), Answer("crm.item.fields", {})
    wishes: list[tuple[object, ...]] = [(), ("ID",), (description,), (None,)]
    for _ in range(2):
        assert [answer.once(rows, *more) for more in wishes] == [2, 2, 2, 2]
    assert made == [("user.get", *more) for more in wishes]


def test_a_later_answer_to_the_same_command_is_looked_at_afresh() -> None:
    answers = [Answer("user.get", rows) for rows in ([], [{"ID": 1}])]
    assert [answer.once(lambda answer: list(answer.value)) for answer in answers] == [[], [{"ID": 1}]]
