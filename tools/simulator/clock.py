"""The cloud's time: a clock that can be told to run ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    source: Callable[[], float]
    ahead_s: float = 0.0

    def __call__(self) -> float:
        return self.source() + self.ahead_s

    def pass_by(self, seconds: float) -> None:
        """It is later by so much for every portal and both authorization servers."""
        self.ahead_s += seconds
