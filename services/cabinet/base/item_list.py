"""The shape of the API's lists."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class ItemList(BaseModel):
    """Rows of a list that is described where it is asked for."""

    items: list[dict[str, Any]]
    next: str | None = None
