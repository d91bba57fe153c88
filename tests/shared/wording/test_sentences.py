"""One way to say a sentence and to fill its places, whoever says it."""

from __future__ import annotations

import pytest

from shared.wording.language import LANGUAGES, Language
from shared.wording.sentences import NP_, cleaned, quoted, say, say_number


def test_a_sentence_is_said_in_the_language_of_the_reader() -> None:
    assert say("Users ({count})", "en", count=3) == "Users (3)"
    assert say("Users ({count})", "ru", count=3) == "Пользователи (3)"


def test_one_english_word_has_a_russian_for_each_context() -> None:
    words = [NP_(gender, "added") for gender in ("feminine", "masculine", "neuter")]
    assert [say(word, "ru") for word in words] == ["добавлена", "добавлен", "добавлено"]
    assert {say(word, "en") for word in words} == {"added"}


def test_a_text_that_is_not_in_the_catalogue_is_said_as_it_is() -> None:
    assert say("STATUS {id}", "ru", id="C3:NEW") == "STATUS C3:NEW"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"what": "x", "why": "y"}, "x (because y)."),
        ({"what": "x"}, "x."),
        ({"what": "x", "why": ""}, "x."),
        ({"what": "x", "why": None}, "x."),
        ({"what": 0, "why": 0}, "0 (because 0)."),
    ],
)
def test_a_part_in_brackets_is_left_out_without_its_fact(facts: dict[str, object], said: str) -> None:
    assert say("{what}[ (because {why})].", "en", **facts) == said


def test_a_part_in_brackets_needs_all_of_its_facts() -> None:
    assert say("x[ {a} of {b}]", "en", a="1") == "x"


def test_brackets_without_a_place_are_only_brackets() -> None:
    assert say("Install crmap[standalone] or {name}.", "en", name="x") == "Install crmap[standalone] or x."


def test_a_place_without_its_fact_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        say("There is no file {file}.", "en")


@pytest.mark.parametrize("fact", ["{file}", "[{file}]", "%(file)s", "{0} {", "\\1"])
def test_a_fact_is_never_taken_for_a_sentence(fact: str) -> None:
    assert say("[{file}: ]{file}", "en", file=fact) == f"{fact}: {fact}"


def test_facts_may_have_any_name() -> None:
    assert say("{sentence} {language}", "en", sentence="a", language="b") == "a b"


@pytest.mark.parametrize(
    ("count", "language", "said"),
    [
        (1, "en", "1 account of 9"),
        (2, "en", "2 accounts of 9"),
        (0, "ru", "0 accounts of 9"),
    ],
)
def test_a_sentence_fits_its_number(count: int, language: Language, said: str) -> None:
    assert say_number("{count} account of {all}", "{count} accounts of {all}", count, language, all=9) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 значение"), (2, "2 значения"), (5, "5 значений"), (11, "11 значений"), (21, "21 значение")],
)
def test_russian_has_three_forms_for_numbers(count: int, said: str) -> None:
    assert say_number("{count} value", "{count} values", count, "ru") == said


def test_facts_from_outside_are_made_visible_and_short_and_lose_the_codes_of_webhooks() -> None:
    facts = {"a": " \x1b[2J\n", "b": "x" * 300, "c": "https://a.example/rest/1/s3cret/x.json", "d": 5}
    assert cleaned(facts) == {
        "a": "‹U+001B›[2J⏎",
        "b": "x" * 200 + "…",
        "c": "https://a.example/rest/1/…/x.json",
        "d": "5",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_is_quoted_in_the_way_of_the_language_and_steers_nothing(language: Language) -> None:
    assert (
        quoted("a\u202eb {name}", language)
        == {
            "ru": "«a‹U+202E›b {name}»",
            "en": "“a‹U+202E›b {name}”",
        }[language]
    )
