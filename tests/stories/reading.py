"""Portals to tell stories about, and reading them in process."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from shared.bitrix24.access import parse_webhook
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.read_portal import read_portal
from shared.domain.coverage import Coverage
from shared.domain.snapshot import Snapshot
from tools.simulator.answers import Answer
from tools.simulator.calling import Call
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.method import Method
from tools.simulator.portal import SimulatedPortal

MORNING = datetime(2031, 3, 12, 6, 15, tzinfo=UTC)


@contextmanager
def a_portal(size: str = "showcase", seed: int = 0) -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", size, seed)]) as cloud:
        yield cloud.portals[0]


def read(
    portal: SimulatedPortal,
    *,
    user: str | int = "admin",
    language: str = "ru",
    at: datetime = MORNING,
    known: Collection[Coverage] = (),
    full: bool = False,
) -> Snapshot:
    """A snapshot through this user's webhook; pauses between tries take no time."""
    access = parse_webhook(portal.webhook(user), allow_private=True)
    with Bitrix24(access, allow_private=True, sleep=lambda _seconds: None) as line:
        return read_portal(line, language=language, now=lambda: at, known=known, full=full)


def spell_otherwise(portal: SimulatedPortal, seed: int, *, empty: bool) -> None:
    """The portal says the same as before in other words.

    Numbers come as text and the other way round, moments are other moments, rows and keys without a promised order
    come in another one; with ``empty`` an empty list is an empty map and the other way round.
    """
    portal.switches.shuffle = seed
    words = _OtherWords(random.Random(seed), empty=empty)

    def spelt(method: Method) -> Method:
        def answer(call: Call) -> Answer:
            given = method.answer(call)
            return replace(given, result=words.of(given.result))

        return replace(method, answer=answer)

    portal.methods = {name: spelt(method) for name, method in portal.methods.items()}


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*")
_NUMBER = re.compile(r"0|-?[1-9]\d{0,17}")


@dataclass(frozen=True)
class _OtherWords:
    dice: random.Random
    empty: bool

    def of(self, value: Any) -> Any:
        match value:
            case [] if self.empty:
                return {}
            case {} if self.empty and not value:
                return []
            case dict():
                return {key: self.of(inner) for key, inner in value.items()}
            case list():
                return [self.of(inner) for inner in value]
            case str() if _MOMENT.fullmatch(value):
                return "2031-04-01T00:00:00+03:00"
            case str() if _NUMBER.fullmatch(value):
                return self.dice.choice((value, int(value)))
            case int() if not isinstance(value, bool):
                return self.dice.choice((value, str(value)))
        return value
