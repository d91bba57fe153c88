"""The commands and options README.md shows are those the crmap command has."""

from __future__ import annotations

import re
from functools import cache

import pytest
from typer.testing import CliRunner

from tests.test_documents import ROOT, code_lines
from tools.cli.main import app

LINES = code_lines(ROOT / "README.md")
CALL = re.compile(r"(?:[A-Z0-9_]+=\S+ )?(?:\.venv/bin/)?crmap ((?:(?:app|keys|user) )?[a-z]+)\b(.*)")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def options_by_command() -> dict[str, set[str]]:
    """The commands README.md shows, each with the options it is shown with."""
    shown: dict[str, set[str]] = {}
    for call in filter(None, map(CALL.fullmatch, LINES)):
        shown.setdefault(call[1], set()).update(OPTION.findall(call[2]))
    return shown


@cache
def help_of(*command: str) -> str:
    """What the command's ``--help`` prints, without starting it: there are more of these than of anything else here."""
    terminal = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    shown = CliRunner().invoke(app, [*command, "--help"], prog_name="crmap", env=terminal)
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_readme_shows_every_command_there_is() -> None:
    assert sorted(options_by_command()) == sorted(all_commands())


def all_commands(*group: str) -> list[str]:
    """Every command ``crmap --help`` leads to; those of a group with the group's name before them."""
    listed = help_of(*group).partition("Commands")[2]
    names = re.findall(r"^[\s│|]+([a-z]+) {2,}\S", listed, re.MULTILINE)
    if not names:
        return [" ".join(group)]
    return [command for name in names for command in all_commands(*group, name)]


@pytest.mark.parametrize(("command", "options"), options_by_command().items())
def test_every_option_a_command_is_shown_with_exists(command: str, options: set[str]) -> None:
    assert options - set(OPTION.findall(help_of(*command.split()))) == set()


def test_every_option_readme_explains_exists_somewhere() -> None:
    explained = {option for line in LINES if line.startswith("-") for option in OPTION.findall(line)}
    existing = {
        option for command in options_by_command() for option in OPTION.findall(help_of(*command.split()))
    }
    assert explained
    assert explained - existing == set()
