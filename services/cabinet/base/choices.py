"""Lists to choose one entry from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry: what is sent, what is shown, and whether it is the one that was chosen."""

    value: str
    title: str
    is_chosen: bool
