"""Names of the product that nothing of it uses.

    python -m tests.dead_code [FOLDER]

Vulture reads Python; pages, queries and tables name things too. So a word of a template or of SQL is a use, and so is
a function that is named with its module, as ``tools.cli.spec:spec``. Tests are none, but for the simulator, whose
users they are. Prints what is left and then fails.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from vulture.core import Item, Vulture

ROOT = Path(__file__).parent.parent
PRODUCT = ("shared", "services", "tools")
# Started by hand or by make, they use the product and are used by nobody.
USERS = ("bench",)
_SQL = re.compile(r"\b(select|insert|update|delete|where|grant)\b")
_NAMED = re.compile(rf'"(?:{"|".join(PRODUCT)})(?:\.\w+)+:(\w+)"')
_WORD = re.compile(r"[A-Za-z_]\w*")
# What somebody else calls by name: migrations are Alembic's.
_NOT_LOOKED_AT = ("*/migrations/versions/*",)


def unused(root: Path) -> list[Item]:
    """What is defined under ``root`` and never used, in the order of files."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    finder = Vulture(ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"])
    finder.scavenge([str(root / folder) for folder in (*PRODUCT, *USERS)], exclude=_NOT_LOOKED_AT)
    named = {*_words_of_templates(root), *_words_of_queries(root), *_functions_in_texts(root)}
    tested = set(_words(_texts(root / "tests", "*.py")))
    return [
        item
        for item in finder.get_unused_code()
        if item.name not in named
        and not (item.name in tested and item.filename.is_relative_to(root / "tools" / "simulator"))
    ]


def _words_of_templates(root: Path) -> Iterator[str]:
    return _words(_texts(root, "*/templates/*.html"))


def _words_of_queries(root: Path) -> Iterator[str]:
    for text in _texts(root / "shared", "*.py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
                yield from _words([node.value])


def _functions_in_texts(root: Path) -> Iterator[str]:
    return (
        name for folder in PRODUCT for text in _texts(root / folder, "*.py") for name in _NAMED.findall(text)
    )


def _texts(folder: Path, pattern: str) -> Iterator[str]:
    return (file.read_text(encoding="utf-8") for file in folder.rglob(pattern))


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _WORD.findall(text)


def main() -> None:
    """Fails where there is any."""
    found = unused(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
    for item in found:
        print(f"{item.filename}:{item.first_lineno}: {item.typ} {item.name} is never used")  # noqa: T201
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
