"""A sentence in two languages is said by a command that has ``--lang``; every other command speaks English."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.wording.catalogue import russian
from tools.cli import sentences
from tools.cli.commands import COMMANDS

SENTENCES = {name: text for name, text in vars(sentences).items() if name.isupper()}
# The parser of options speaks English, and before it knows --lang.
ENGLISH_EVERYWHERE = {"WRONG_USAGE"}


def commands_with_lang() -> set[str]:
    return {
        name for name, command in COMMANDS.items() if "lang" in inspect.signature(command.load()).parameters
    }


def imports(module: str) -> Iterator[tuple[str, str]]:
    """Module and name of everything the module takes from another of the commands, wherever in it."""
    for node in ast.walk(ast.parse(Path(f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tools.cli."):
            yield from ((str(node.module), name.name) for name in node.names)


def sayable_in_russian() -> set[str]:
    """The sentences that a command with ``--lang`` says, itself or through what it imports."""
    unread = [f"tools.cli.{command}" for command in commands_with_lang()]
    read, said = set(unread), set()
    while unread:
        for module, name in imports(unread.pop()):
            if module == sentences.__name__:
                said.add(name)
            elif module not in read:
                read.add(module)
                unread.append(module)
    return said & SENTENCES.keys()


def test_the_commands_that_write_a_document_choose_its_language() -> None:
    assert commands_with_lang() == {"spec", "diff"}


def test_whatever_such_a_command_says_is_in_the_catalogue_and_nothing_else_of_the_commands_is() -> None:
    in_catalogue = {name for name, text in SENTENCES.items() if text in russian()}
    assert in_catalogue == sayable_in_russian() - ENGLISH_EVERYWHERE


@pytest.mark.parametrize("path", sorted(Path("tools/cli").glob("*.py")), ids=lambda path: path.stem)
def test_sentences_for_the_catalogue_stand_in_one_file(path: Path) -> None:
    marked = "N_(" in path.read_text(encoding="utf-8")
    assert marked is (path.stem == "sentences")
