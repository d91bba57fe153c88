"""Commands have keys, and an answer remembers what was made of it."""

from __future__ import annotations

from itertools import product

from shared.bitrix24.commands import Answer, Key


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


def test_no_two_keys_have_the_same_text() -> None:
    keys = {
        Key(*parts)
        for parts in product(
            ("fields", "settings"),
            (None, 2, 50, "from50", "in_ru", "again", "SOURCE"),
            (None, "ru"),
            (0, 50),
            (False, True),
        )
    }
    assert len({key.text for key in keys}) == len(keys)
    assert all(key.text.isidentifier() for key in keys)


def test_a_key_says_in_words_what_is_asked_for() -> None:
    assert Key("users").text == "users"
    assert Key("fields", 2, "ru", offset=50).text == "fields_from50_in_ru_of_2"
    assert Key("users", again=True).text == "users_again"
