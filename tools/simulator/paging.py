"""Pages of 50: three habits of the platform, none like the other (Bitrix24 REST documentation and source)."""

from __future__ import annotations

from typing import Any

from tools.simulator.answers import Answer

PAGE = 50


def _page(rows: list[Any], offset: int) -> tuple[list[Any], int | None]:
    shown = rows[offset : offset + PAGE]
    following = offset + len(shown)
    return shown, following if shown and following < len(rows) else None


def controller_page(rows: list[Any], start: int, *, wrap: str, zero_total: bool = False) -> Answer:
    """Whole pages only (offset 10 is the first page); beyond the end an empty list with the total."""
    if start < 0:
        return Answer({wrap: rows[:PAGE]}, total=0 if zero_total else None)
    shown, following = _page(rows, start // PAGE * PAGE)
    return Answer({wrap: shown}, len(rows), following)


def user_page(rows: list[Any], start: int) -> Answer:
    """Any offset; beyond the end a bare ``[]`` without total and next."""
    if start < 0:
        return Answer(rows[:PAGE])
    shown, following = _page(rows, start)
    return Answer(shown, len(rows), following) if shown else Answer([])


def legacy_page(rows: list[Any], start: int) -> Answer:
    """Whole pages; beyond the end the first page again; ``start=-1`` counts nothing and says 0."""
    if start < 0:
        return Answer(rows[:PAGE], total=0)
    offset = start // PAGE * PAGE
    shown, following = _page(rows, offset if offset < len(rows) else 0)
    return Answer(shown, len(rows), following)
