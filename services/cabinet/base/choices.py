"""Lists to choose one entry from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry: the value sent, the text shown, and whether it is chosen."""

    value: str
    title: str
    is_chosen: bool
