"""The tests of a file: those named after it, and those that import it.

    python -m tests.finding shared/db/jobs.py

Stories and faults, told from outside, import nothing of what they test; where they are is in CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent


def paths_of_tests(source: str) -> list[str]:
    """Paths of test files, and for a folder the folder of its tests; from the root of the tree."""
    path = Path(source)
    if path.suffix != ".py":
        return [str("tests" / path)]
    module = ".".join(path.with_suffix("").parts)
    named = "tests" / path.with_name(f"test_{path.name}")
    return [
        str(file)
        for file in sorted(file.relative_to(ROOT) for file in (ROOT / "tests").rglob("test_*.py"))
        if file == named or module in _imported(ROOT / file)
    ]


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # Of a package a module may be imported by name.
            yield from (f"{node.module}.{name.name}" for name in node.names)


def main() -> None:
    """One a line."""
    sys.stdout.writelines(f"{found}\n" for argument in sys.argv[1:] for found in paths_of_tests(argument))


if __name__ == "__main__":
    main()
