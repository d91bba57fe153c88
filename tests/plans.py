"""The statements the database is sent, and what PostgreSQL reads for them, by its own account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session

Stated = tuple[str, Any]


@contextmanager
def stated(engine: Engine) -> Iterator[list[Stated]]:
    """The statements of the block, each with its values."""
    found: list[Stated] = []

    def collect(*arguments: Any) -> None:
        _, _, statement, values, *_ = arguments
        found.append((statement, values))

    event.listen(engine, "before_cursor_execute", collect)
    yield found
    event.remove(engine, "before_cursor_execute", collect)


def rows_read(session: Session, stated: Stated) -> dict[str, int]:
    """How many rows of each table the statement looks at, if it is executed again now. What it changes is changed."""
    statement, values = stated
    query = f"explain (analyze, format json) {statement}"
    plan = session.connection().exec_driver_sql(query, values).scalar_one()[0]["Plan"]
    read: dict[str, int] = {}
    for node in _nodes(plan):
        if "Relation Name" in node:
            rows = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
            read[node["Relation Name"]] = read.get(node["Relation Name"], 0) + rows
    return read


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
