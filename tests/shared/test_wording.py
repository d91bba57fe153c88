"""Every code and every error has a sentence in both languages that gives no secret away."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain import errors, refusals
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.errors import CrmapError
from shared.domain.findings import Finding, FindingCode
from shared.domain.item_references import ItemReference
from shared.domain.snapshot import Meaning
from shared.wording.errors import code_sentence, error_sentence
from shared.wording.findings import finding_sentence
from shared.wording.kinds import entity_title, kind_word, meaning_word, state_word
from shared.wording.language import LANGUAGES, Language
from shared.wording.reasons import reason_sentence
from shared.wording.visible import visible
from tests.builders import a_smart_process, an_entity_type

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CrmapError)]
# Refusals that have the same sentence wherever they are said.
ERRORS += [refusals.TooManyAccounts, refusals.TooManyRefreshes]
LEFT_OPEN = re.compile(r"[{}\[\]]|\s{2}|\s[.,:;]|\.\.|: \.|\(\)|«»|“”")
FACTS = {
    "method": "crm.status.list",
    "until": "2031-03-12T09:25:00+03:00",
    "host": "romashka-opt.example",
    "status": "502",
    "start": "<html>",
    "error": "ERROR_CODE",
    "where": "users",
    "most": "1000",
    "seconds": "7",
}
WHATS = {
    errors.Unreachable: ("name", "refused", "silent", "slow", "cut", "tls", "other"),
    errors.BadAnswer: ("page", "empty", "not_json", "shape", "too_large"),
    errors.NotASpecification: ("json", "format", "version", "missing", "type"),
}


def sentences(language: Language) -> Iterator[str]:
    for code in ReasonCode:
        yield reason_sentence(Reason(code), language)
        yield reason_sentence(Reason(code, "120 / 300"), language)
    for kind in ERRORS:
        yield error_sentence(kind(), language)
        for what in WHATS.get(kind, ("unheard of",)):
            yield error_sentence(kind(**FACTS, what=what), language)
    for finding_code in FindingCode:
        item = ItemReference(501, "UF_CRM_1", "Бюджет")
        yield finding_sentence(Finding(finding_code, Kind.USER_FIELDS, "deal", (item,), "Бюджет"), language)
        yield finding_sentence(Finding(finding_code, Kind.STAGES, "deal", (), "Бюджет"), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_filled_in_and_ends(language: Language) -> None:
    for sentence in sentences(language):
        assert not LEFT_OPEN.search(sentence), sentence
        assert re.search(r"[.]$", sentence), sentence
        assert sentence[0].isupper(), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_its_language(language: Language) -> None:
    for sentence in sentences(language):
        words = sentence.replace("Бюджет", "")
        assert bool(re.search("[а-яё]", words)) is (language == "ru"), sentence


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_class_has_words_of_its_own(kind: type[CrmapError]) -> None:
    parent = kind.__mro__[1]
    if issubclass(parent, CrmapError):
        assert error_sentence(kind(), "ru") != error_sentence(parent(), "ru")


def test_an_error_without_words_of_its_own_speaks_as_its_parent() -> None:
    class Unheard(errors.RateLimited):
        code = "unheard"

    assert error_sentence(Unheard(), "en") == error_sentence(errors.RateLimited(), "en")


def test_every_reason_for_an_unreachable_portal_is_told_apart() -> None:
    told = {error_sentence(errors.Unreachable(what=what), "ru") for what in WHATS[errors.Unreachable]}
    assert len(told) == len(WHATS[errors.Unreachable])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.BadAnswer(what="page"), "страницу сайта"),
        (errors.BadAnswer(what="empty"), "пустой ответ"),
        (errors.BadAnswer(what="not_json"), "не читается как JSON"),
        (errors.BadAnswer(what="shape"), "JSON другого вида"),
        (errors.Unreachable(what="cut"), "соединение оборвалось"),
        (errors.Unreachable(what="silent"), "не ответил вовремя"),
        (errors.RateLimited(), "реже"),
    ],
)
def test_what_a_portal_did_instead_of_answering_is_told(error: CrmapError, words: str) -> None:
    assert words in error_sentence(error, "ru")


def test_a_missing_scope_is_named_as_the_form_on_the_portal_names_it() -> None:
    sentence = reason_sentence(Reason(ReasonCode.SCOPE_MISSING, "department"), "ru")
    assert "право «Структура компании» (department)" in sentence
    assert "Отметьте" in sentence


def test_a_scope_without_a_known_title_is_named_by_its_code() -> None:
    sentence = reason_sentence(Reason(ReasonCode.SCOPE_MISSING, "bizproc"), "en")
    assert "the permission (bizproc)." in sentence


def test_the_end_of_a_subscription_is_said_in_the_vendors_words() -> None:
    assert "REST доступен только на коммерческих тарифах" in error_sentence(errors.SubscriptionEnded(), "ru")


def test_a_webhook_code_in_the_text_of_an_error_is_not_repeated() -> None:
    text = "cannot open https://romashka-opt.example/rest/12/s3cretc0de/profile.json"
    for sentence in (
        error_sentence(errors.AccessLost(error=text), "ru"),
        reason_sentence(Reason(ReasonCode.PORTAL_ERROR, text), "ru"),
    ):
        assert "s3cretc0de" not in sentence
        assert "/rest/12/…/profile.json" in sentence


def test_facts_no_sentence_asks_for_are_not_told() -> None:
    secrets = {"token": "s3cret", "access": "s3cret", "form": "s3cret"}
    for kind in ERRORS:
        assert "s3cret" not in error_sentence(kind(**secrets), "ru") + error_sentence(kind(**secrets), "en")


def test_a_portals_own_words_are_made_visible_and_kept_short() -> None:
    sentence = error_sentence(errors.RightsMissing(error="\x1b[2J\n" + "x" * 1000), "en")
    assert "‹U+001B›[2J⏎" in sentence
    assert len(sentence) < 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_state_and_meaning_has_a_word(language: Language) -> None:
    words = [
        *(kind_word(kind, None, language) for kind in Kind),
        *(state_word(state, language) for state in State),
        *(meaning_word(meaning, language) for meaning in Meaning),
    ]
    assert all(words)
    assert len(set(words)) == len(words)


def test_a_kind_names_the_entity_it_belongs_to() -> None:
    assert kind_word(Kind.USER_FIELDS, "Сделка", "ru") == "пользовательские поля: Сделка"


def test_what_every_portal_has_is_named_in_the_language_of_the_reader() -> None:
    assert entity_title(an_entity_type(title="Deal"), "ru") == "Сделка"
    assert entity_title(an_entity_type(title="Сделка"), "en") == "Deal"


def test_a_smart_process_keeps_its_own_name_and_says_when_it_has_none() -> None:
    assert entity_title(a_smart_process(title="Ремонт"), "en") == "Ремонт"
    assert entity_title(a_smart_process(title=None), "en") == "name not set"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Способ доставки", "Способ доставки"),
        ("a\nb\r\nc\rd\u2028e", "a⏎b⏎c⏎d⏎e"),
        ("a\tb", "a⇥b"),
        ("\x00\x1b[2J", "‹U+0000›‹U+001B›[2J"),
        ("\u202eпоря\u2066", "‹U+202E›поря‹U+2066›"),
        ("a\u200bb\ufeff", "a‹U+200B›b‹U+FEFF›"),
        ("\ud800", "‹U+D800›"),
        ("\u3164\u2800", "‹U+3164›‹U+2800›"),
        ("\ufffe\U0001ffff", "‹U+FFFE›‹U+1FFFF›"),
        ("мягкий\u00adперенос", "мягкий‹U+00AD›перенос"),
        ("👩‍💻 👩🏽‍🚀 ❤️‍🔥", "👩‍💻 👩🏽‍🚀 ❤️‍🔥"),
        ("a\u200db \u200d💻", "a‹U+200D›b ‹U+200D›💻"),
        ("عربي 中文 й и\u0306", "عربي 中文 й и\u0306"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_becomes_a_mark(text: str, seen: str) -> None:
    assert visible(text) == seen


def _whats_in_the_code() -> set[tuple[str, str]]:
    """Every ``what=`` our own code gives to one of these errors."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path("shared").rglob("*.py"))
    return set(re.findall(r"\b(Unreachable|BadAnswer)\([^)]*?what=\"([a-z_]+)\"", code))


@pytest.mark.parametrize(("kind", "what"), sorted(_whats_in_the_code()))
def test_whatever_our_code_says_went_wrong_has_words(kind: str, what: str) -> None:
    told = error_sentence(getattr(errors, kind)(what=what), "en")
    assert told != error_sentence(getattr(errors, kind)(), "en")


class PromisedForTomorrow(errors.SubscriptionEnded):
    """A special case as a service may have one, which cannot be made of its code alone."""

    def __init__(self, promise: str) -> None:
        super().__init__()
        self.promise = promise


def test_a_special_case_made_elsewhere_leaves_the_words_of_its_code_alone() -> None:
    usual = error_sentence(errors.SubscriptionEnded(), "en")
    assert code_sentence(PromisedForTomorrow.code, "en") == usual
