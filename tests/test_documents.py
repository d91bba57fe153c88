"""What README.md and its sisters name exists: make targets, links, paths."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
PATH = re.compile(r"(?:shared|services|tools|tests|bench|requirements|docs|\.ci)/[\w./-]*")


def code_lines(document: Path) -> list[str]:
    """Every line of a code block and every piece of inline code."""
    return [
        line.strip() for found in CODE.findall(document.read_text()) for line in "".join(found).splitlines()
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_make_target_a_document_names_exists(document: Path) -> None:
    targets = re.findall(r"^([a-z-]+):.*## \S", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = [found[1] for line in code_lines(document) if (found := re.match(r"make ([a-z-]+)", line))]
    assert [name for name in named if name not in targets] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_and_path_a_document_names_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []
    paths = [line for line in code_lines(document) if PATH.fullmatch(line) and "NNNN" not in line]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_gate_runs_the_tests_as_readme_names_them() -> None:
    gate = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "make test" in gate
    assert "make test" in code_lines(ROOT / "README.md")
