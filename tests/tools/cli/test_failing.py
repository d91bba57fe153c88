"""Whatever goes wrong is one sentence and an exit code."""

from __future__ import annotations

import pytest
import typer

from shared.domain.errors import NotAWebhookUrl, Unreachable
from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.sentences import NO_FILE, Complaint

CODE = "0123456789abcdef"


def ending_of(error: BaseException) -> int:
    with pytest.raises(typer.Exit) as end, one_sentence(Console("en"), exit_code=7):
        raise error
    return end.value.exit_code


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Complaint(NO_FILE, file="a.json"), "There is no file a.json.\n"),
        (NotAWebhookUrl(), "This is not the address of an incoming webhook. "),
        (
            Unreachable(host="a.example", what="name"),
            "The portal a.example cannot be reached: its name is not known.",
        ),
        (KeyboardInterrupt(), "Interrupted, nothing was written.\n"),
        (
            typer.BadParameter(f"https://a.example/rest/1/{CODE}/"),
            "Invalid value: https://a.example/rest/1/…/",
        ),
        (ZeroDivisionError("x"), "This is a fault of CRMAP (ZeroDivisionError), not yours. "),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_is_one_sentence(
    error: BaseException, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending_of(error) == 7
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1


def test_an_error_of_one_of_two_sides_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    error = NotAWebhookUrl()
    error.add_note("NEW")
    ending_of(error)
    assert capsys.readouterr().err.startswith("NEW: This is not the address")


def test_the_place_of_a_fault_is_shown_to_whoever_asks_and_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRMAP_DEBUG", "1")
    assert ending_of(ValueError(f"https://a.example/rest/1/{CODE}/")) == 7
    said = capsys.readouterr().err
    assert "test_failing.py" in said
    assert CODE not in said


def test_an_end_that_was_meant_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending_of(typer.Exit(3)) == 3
    assert capsys.readouterr().err == ""
