"""What a command says: in one language, on standard error, with no secret in it and nothing that steers a terminal."""

from __future__ import annotations

import sys

import pytest

from tools.cli.console import Console
from tools.cli.sentences import CANNOT_READ, NO_FILE

CODE = "0123456789abcdef"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            f"No such command 'https://a.example/rest/1/{CODE}/'.",
            "No such command 'https://a.example/rest/1/…/'.",
        ),
        (f"a.example/rest/1/{CODE}/batch?x=1", "a.example/rest/1/…/batch?x=1"),
        (f"/REST/x/{CODE}", "/REST/x/…"),
        ("https://портал/rest/1/код/ — так", "https://портал/rest/1/код/ — так"),
        ("https://portal/rest/1/code/ is how", "https://portal/rest/1/code/ is how"),
        ("the rest/1 of it", "the rest/1 of it"),
    ],
)
def test_a_webhook_code_is_never_shown(said: str, shown: str) -> None:
    assert Console("ru").without_codes(said) == shown


def test_a_code_that_was_given_is_hidden_wherever_it_turns_up() -> None:
    console = Console("ru")
    console.keep_secret(f"https://a.example/rest/1/{CODE}/")
    assert console.without_codes(f"the page says {CODE}!") == "the page says …!"


def test_a_code_as_short_as_a_word_blots_out_no_words() -> None:
    console = Console("ru")
    console.keep_secret("https://abc.example/rest/1/abc/")
    assert console.without_codes("abc.example/rest/1/abc/") == "abc.example/rest/1/…/"


def test_sentences_are_one_line_whatever_a_portal_put_into_them(capsys: pytest.CaptureFixture[str]) -> None:
    Console("en").say(CANNOT_READ, file="a\nb", why="\x1b[2J")
    assert capsys.readouterr().err == "a⏎b could not be read: ‹U+001B›[2J.\n"


@pytest.mark.parametrize(("language", "start"), [("ru", "Файла"), ("en", "There is no file")])
def test_a_console_speaks_its_language(language: str, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    Console("ru" if language == "ru" else "en").say(NO_FILE, file="a.json")
    assert capsys.readouterr().err.startswith(start)


def test_where_nobody_can_hear_nothing_breaks_and_nothing_goes_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    console = Console("ru")
    console.say(NO_FILE, file="a.json")
    with console.progress("a.example") as report:
        report(1, 2, "стадии")
    assert capsys.readouterr().out == ""


def test_progress_is_a_line_for_each_report_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with Console("ru").progress("a.example") as report:
        report(1, 3, "воронки, стадии")
        report(2, 3, "")
    assert capsys.readouterr().err == "Читаю a.example: 1 из 3 (воронки, стадии)\nЧитаю a.example: 2 из 3\n"


def test_a_quiet_console_reports_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with Console("ru", quiet=True).progress("a.example") as report:
        report(1, 3, "воронки")
    assert capsys.readouterr().err == ""
