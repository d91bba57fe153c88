"""What `make check` says about a name that nothing uses and a package that nothing needs, or that nobody declared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dead_code import PRODUCT, USERS, unused

ROOT = Path(__file__).parent.parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A product of one function, which a command uses."""
    for folder in (*PRODUCT, *USERS, "tests", "services/cabinet/templates", "tools/simulator"):
        (tmp_path / folder).mkdir(exist_ok=True, parents=True)
    (tmp_path / "shared" / "rules.py").write_text("def rule() -> int:\n    return 1\n")
    (tmp_path / "tools" / "command.py").write_text("from shared.rules import rule\n\nprint(rule())\n")
    return tmp_path


def names(tree: Path) -> list[str]:
    return [item.name for item in unused(tree)]


def test_what_is_used_is_not_told(tree: Path) -> None:
    assert names(tree) == []


def test_a_function_that_only_its_test_calls_is_dead(tree: Path) -> None:
    (tree / "shared" / "more.py").write_text("def forgotten() -> int:\n    return 2\n")
    (tree / "tests" / "test_more.py").write_text("from shared.more import forgotten\n\nassert forgotten()\n")
    assert names(tree) == ["forgotten"]


def test_a_field_that_a_page_or_a_query_names_is_used(tree: Path) -> None:
    (tree / "shared" / "row.py").write_text(
        "class Row:\n    shown: int\n    asked: int\n    dead: int\n\n\nRow()\n"
    )
    (tree / "services" / "cabinet" / "templates" / "page.html").write_text("{{ row.shown }}")
    (tree / "shared" / "query.py").write_text('print("select asked from row")\n')
    assert names(tree) == ["dead"]


def test_the_users_of_the_simulator_are_the_tests(tree: Path) -> None:
    (tree / "tools" / "simulator" / "faults.py").write_text("def silence() -> None:\n    pass\n")
    assert names(tree) == ["silence"]
    (tree / "tests" / "test_silence.py").write_text(
        "from tools.simulator.faults import silence\n\nsilence()\n"
    )
    assert names(tree) == []


def test_the_check_fails_and_names_the_line(tree: Path) -> None:
    (tree / "shared" / "more.py").write_text("\nFORGOTTEN = 1\n")
    checked = subprocess.run(
        [sys.executable, "-m", "tests.dead_code", tree], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    assert checked.stdout == f"{tree}/shared/more.py:2: variable FORGOTTEN is never used\n"


def dependencies(folder: Path, project: str, source: str) -> str:
    """What the check of dependencies says about a project with our settings and this one file."""
    settings = (
        (ROOT / "pyproject.toml")
        .read_text()
        .partition("[tool.deptry]")[2]
        .partition("[tool.importlinter]")[0]
    )
    (folder / "pyproject.toml").write_text(f"[project]\nname = 'x'\n{project}\n[tool.deptry]{settings}")
    (folder / "source.py").write_text(source)
    command = [str(Path(sys.executable).with_name("deptry")), "--no-ansi", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize(
    ("project", "source", "said"),
    [
        ("dependencies = ['orjson']", "import orjson\n", "No dependency issues found"),
        (
            "dependencies = ['orjson', 'pyyaml']",
            "import orjson\n",
            "'pyyaml' defined as a dependency but not used",
        ),
        (
            "dependencies = ['fastapi']",
            "import fastapi, starlette\n",
            "'starlette' imported but it is a transitive",
        ),
        ("dependencies = []", "import no_such_package\n", "'no_such_package' imported but missing"),
    ],
    ids=["fine", "unused", "of another package", "undeclared"],
)
def test_dependencies_are_what_is_imported(tmp_path: Path, project: str, source: str, said: str) -> None:
    assert said in dependencies(tmp_path, project, source)
