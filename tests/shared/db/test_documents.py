"""Documents in columns: the database hears of one that is replaced, and of none that is edited in place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import ARRAY, JSON

from shared.db.metadata import METADATA

ROOT = Path(__file__).parents[3]
COLUMNS = {
    column.name
    for table in METADATA.sorted_tables
    for column in table.columns
    if isinstance(column.type, (JSON, ARRAY))
}
EDITS = {"append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "sort", "update"}


def edits(tree: ast.AST) -> Iterator[ast.AST]:
    """Where something inside an attribute named like such a column is set, deleted or told to change itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from [node] if _is_of_column(node.value) else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EDITS:
            yield from [node] if _is_of_column(node.func.value) else []


def _is_of_column(node: ast.expr) -> bool:
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Attribute) and node.attr in COLUMNS


def test_an_edit_is_seen_at_any_depth() -> None:
    assert {"counts", "facts", "body", "progress", "former_domains", "scopes"} <= COLUMNS
    for text in (
        "row.counts['users'] = 9",
        "row.body['fields']['ID'] += 1",
        "del row.facts['scopes'][0]",
        "row.former_domains.append('a.example')",
        "row.progress['kinds'].clear()",
    ):
        assert list(edits(ast.parse(text))), text
    assert not list(edits(ast.parse("row.counts = {**row.counts, 'users': row.counts['users'] + 1}")))


def test_no_document_is_edited_in_place() -> None:
    """github.com/fastapi/sqlmodel/issues/63, github.com/sqlalchemy/sqlalchemy/issues/11001"""
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for folder in ("services", "shared", "tools/cli", "tools/standalone")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in edits(ast.parse(path.read_text()))
    ]
    assert found == []
