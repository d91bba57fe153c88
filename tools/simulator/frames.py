"""The frames that applications run in: the latest ones of a portal, by the id in each of their messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.simulator.installation import Installation
from tools.simulator.oauth.chains import Chain

_MOST = 1000


@dataclass(slots=True)
class Frame:
    """One rendering of the application for one user; ``chain`` has the tokens of this user."""

    installation: Installation
    chain: Chain
    installer: bool
    language: str
    placement: str
    options: Mapping[str, Any]


@dataclass(slots=True)
class Frames:
    """The latest frames of a portal; the oldest is forgotten when there are too many."""

    _by_sid: dict[str, Frame] = field(default_factory=dict)

    def add(self, sid: str, frame: Frame) -> None:
        self._by_sid[sid] = frame
        while len(self._by_sid) > _MOST:
            del self._by_sid[next(iter(self._by_sid))]

    def get(self, sid: str) -> Frame | None:
        return self._by_sid.get(sid)
