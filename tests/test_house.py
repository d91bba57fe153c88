"""The house keeps its own rules: locks, make targets, the checks that guard a change."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.finding import paths_of_tests

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MAKEFILE = (ROOT / "Makefile").read_text()
# What a test calls that fails when something is not as it should be. A browser that waits in vain raises.
_FAILS = re.compile(r"(assert|check_|expect|until|wait_for)|(fail|raises|warns)$")
PUBLIC_TARGETS = re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host(lock: Path) -> None:
    assert re.findall(r".*(?:://|--index|--find-links|--extra).*", lock.read_text()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_is_pinned_and_hashed(lock: Path) -> None:
    lines = [line.strip() for line in lock.read_text().replace("\\\n", " ").splitlines()]
    packages = [line for line in lines if line and not line.startswith("#")]
    assert packages
    assert [
        line for line in packages if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def test_every_lock_agrees_with_the_core_lock() -> None:
    core, *others = (
        dict(re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("core.txt", "dev.txt", "bench.txt")
    )
    assert [{name: lock.get(name) for name in core} for lock in others] == [core, core]


def test_make_alone_lists_every_target_a_person_may_call() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    phony = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)[0].split()
    assert [target for target in phony if f"  make {target} " not in listed.stdout] == ["python"]
    assert sorted([*PUBLIC_TARGETS, "python"]) == sorted(phony)


def test_set_up_refuses_an_old_python_in_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    made = subprocess.run(
        ["make", "--no-print-directory", "setup", f"PYTHON={old}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode != 0
    assert made.stderr.splitlines()[0].startswith("CRMAP needs Python 3.11 or newer")
    assert made.stdout == ""


def test_the_gate_runs_the_checks_and_then_the_tests() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.startswith("make ")]
    assert commands == ["make check", "make test"]


def test_the_domain_imports_only_itself_and_the_standard_library() -> None:
    strangers = []
    for file in sorted((ROOT / "shared" / "domain").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    modules = [name.name for name in names]
                case ast.ImportFrom(module=module, level=0):
                    modules = [module or ""]
                case _:
                    continue
            strangers += [
                f"{file.name}: {module}"
                for module in modules
                if module.split(".")[0] not in sys.stdlib_module_names
                and not f"{module}.".startswith("shared.domain.")
            ]
    assert strangers == []


def checked(file: str, source: str) -> str:
    """What the linter says of names that are banned, if this stood in the file."""
    command = ["ruff", "check", "--select=TID251", "--output-format=concise", "--stdin-filename", file]
    found = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, input=source, check=False, capture_output=True, text=True
    )
    return found.stdout + found.stderr


@pytest.mark.parametrize(
    "query",
    [
        "from sqlmodel import Session, select\n",
        "from sqlalchemy import text\n",
        "def query() -> None:\n    import sqlmodel\n\n    sqlmodel.text('select 1')\n",
    ],
)
@pytest.mark.parametrize("folder", ["services/gateway", "shared", "tools/cli", "shared/db"])
def test_a_query_outside_the_folder_for_queries_is_found(folder: str, query: str) -> None:
    found = checked(f"{folder}/planted.py", query)
    assert ("TID251" in found) is (folder != "shared/db"), found


@pytest.mark.parametrize(
    "asks",
    ["from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n", "import time\n\nNOW = time.time()\n"],
)
@pytest.mark.parametrize("folder", ["services/gateway", "shared", "tools/standalone"])
def test_a_question_to_the_process_s_own_clock_is_found(folder: str, asks: str) -> None:
    assert "TID251" in checked(f"{folder}/planted.py", asks)


def test_queries_ask_the_clock_of_the_database_only() -> None:
    """The check of the linter that finds that elsewhere is off in the folder for queries."""
    files = [file for file in sorted((ROOT / "shared" / "db").rglob("*.py")) if file.name != "clock.py"]
    assert len(files) > 10
    asking = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time(?:_ns)?)\b")
    assert [file.name for file in files if asking.search(file.read_text())] == []


def test_package_initialisers_are_empty() -> None:
    folders = ["shared", "services", "tools", "tests", "bench", "requirements"]
    initialisers = [file for folder in folders for file in (ROOT / folder).rglob("__init__.py")]
    assert [str(file.relative_to(ROOT)) for file in initialisers if file.read_text().strip()] == []


@pytest.mark.parametrize("top", ["shared", "services", "tools", "bench", "requirements"])
def test_tests_lie_where_what_they_test_lies(top: str) -> None:
    """In the folder of the same path; what is told from outside is in folders of its own."""
    folders = {file.parent.relative_to(ROOT / "tests") for file in (ROOT / "tests" / top).rglob("test_*.py")}
    assert folders
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder).is_dir()] == []


def test_the_tests_of_a_file_are_found() -> None:
    assert paths_of_tests("shared/domain/retention.py") == ["tests/shared/domain/test_retention.py"]
    assert "tests/shared/db/test_retention.py" in paths_of_tests("shared/db/recording.py"), "it imports that"
    assert paths_of_tests("shared/domain") == ["tests/shared/domain"]


def without_assertions(source: str) -> list[str]:
    """The tests in the source that assert nothing, neither themselves nor in a function beside them."""
    nodes = ast.walk(ast.parse(source))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    asserting = {node.name for node in functions if _asserts(node)}
    return [
        node.name
        for node in functions
        if node.name.startswith("test_")
        and node.name not in asserting
        and asserting.isdisjoint(_called(node))
    ]


def _asserts(function: ast.AST) -> bool:
    named = any(_FAILS.match(name) for name in _called(function))
    return named or any(isinstance(node, ast.Assert) for node in ast.walk(function))


def _called(function: ast.AST) -> set[str]:
    """The last names of what the function calls: ``raises`` for ``pytest.raises(…)``."""
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {str(getattr(call, "attr", getattr(call, "id", ""))) for call in calls}


def test_every_test_asserts_something() -> None:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    assert [
        f"{file.relative_to(ROOT)}::{name}" for file in files for name in without_assertions(file.read_text())
    ] == []


@pytest.mark.parametrize(
    ("body", "fails"),
    [
        ("read(portal)", False),
        ("read(portal) == 1", False),
        ("page.get_by_role('button').click()", False),
        ("assert read(portal)", True),
        ("page.get_by_role('status').wait_for()", True),
        ("expect(page).to_have_title('Accounts')", True),
        ("with pytest.raises(ValueError):\n        read(portal)", True),
        ("shown(page)", True),
    ],
)
def test_a_test_that_asserts_nothing_is_found(body: str, fails: bool) -> None:  # noqa: FBT001 - a row of a table
    planted = f"def shown(page):\n    assert page\n\ndef test_planted():\n    {body}\n"
    assert without_assertions(planted) == ([] if fails else ["test_planted"])
