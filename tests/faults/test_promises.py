"""README.md says which test keeps which promise: each of them is there, and no process is hurt without a promise."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
ROWS = [
    line.strip("| ").split(" | ")
    for line in (Path(__file__).parent / "README.md").read_text().splitlines()
    if line.startswith("| ")
][1:]
NAMED = [name for _, names in ROWS for name in re.findall(r"`([^`]+)`", names)]


def found_in(path: str) -> set[str]:
    file = TESTS / path
    if not file.is_file():
        return set()
    functions = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))
    return {f"{path}::{function.name}" for function in functions if function.name.startswith("test_")}


def test_every_promise_is_kept_by_tests_that_exist() -> None:
    assert ROWS
    assert [promise for promise, names in ROWS if "::" not in names] == []
    assert [name for name in NAMED if name not in found_in(name.partition("::")[0])] == []


def test_every_file_that_hurts_processes_keeps_a_promise() -> None:
    files = {str(file.relative_to(TESTS)) for file in (TESTS / "faults" / "processes").glob("test_*.py")}
    assert files
    assert files - {name.partition("::")[0] for name in NAMED} == set()
