"""How a method of the simulated portal is guarded and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.simulator.answers import Answer


@dataclass(frozen=True, slots=True)
class Method:
    """``answer`` takes a ``calling.Call``. Without scopes any caller may use the method."""

    answer: Callable[..., Answer]
    scopes: tuple[str, ...] = ()
