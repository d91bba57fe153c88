"""The commands and options README.md shows are those the crmap command has."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.test_documents import ROOT, code_lines

LINES = code_lines(ROOT / "README.md")
CALL = re.compile(r"(?:[A-Z0-9_]+=\S+ )?(?:\.venv/bin/)?crmap ([a-z]+)\b(.*)")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def options_by_command() -> dict[str, set[str]]:
    """The commands README.md shows, each with the options it is shown with."""
    shown: dict[str, set[str]] = {}
    for call in filter(None, map(CALL.fullmatch, LINES)):
        shown.setdefault(call[1], set()).update(OPTION.findall(call[2]))
    return shown


@cache
def help_of(*command: str) -> str:
    crmap = Path(sys.executable).with_name("crmap")
    terminal = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    asked = [str(crmap), *command, "--help"]
    return subprocess.run(
        asked, check=True, capture_output=True, text=True, encoding="utf-8", env=terminal
    ).stdout


def test_readme_shows_every_command_there_is() -> None:
    commands = re.findall(r"^[\s│|]+([a-z]+) {2,}\S", help_of().split("Commands", 1)[1], re.MULTILINE)
    assert sorted(options_by_command()) == sorted(commands)


@pytest.mark.parametrize(("command", "options"), options_by_command().items())
def test_every_option_a_command_is_shown_with_exists(command: str, options: set[str]) -> None:
    assert options - set(OPTION.findall(help_of(command))) == set()


def test_every_option_readme_explains_exists_somewhere() -> None:
    explained = {option for line in LINES if line.startswith("-") for option in OPTION.findall(line)}
    existing = {option for command in options_by_command() for option in OPTION.findall(help_of(command))}
    assert explained
    assert explained - existing == set()
