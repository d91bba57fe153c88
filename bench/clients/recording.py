"""CRMAP's read once more, writing down what it sends, so that the floor can send the very same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import orjson

from bench.reading import Found, Portal, Stopwatch
from shared.bitrix24.access import Access, parse_webhook
from shared.bitrix24.client import PARALLEL_REQUESTS, Bitrix24
from shared.bitrix24.commands import Answer, Command, Key
from shared.bitrix24.read_portal import read_portal


class Recording(Bitrix24):
    """A line to a portal that keeps the bodies it sends in ``rounds``."""

    def __init__(self, access: Access) -> None:
        super().__init__(access, allow_private=True)
        self.rounds: list[list[str]] = []

    def batches(self, commands: Sequence[Command]) -> Iterator[dict[Key, Answer]]:
        self.rounds.append([])
        return super().batches(commands)

    def batch(self, commands: Sequence[Command]) -> dict[Key, Answer]:
        body = orjson.dumps({"halt": 0, "cmd": {command.key.text: command.text for command in commands}})
        self.rounds[-1].append(body.decode())
        return super().batch(commands)


def read(portal: Portal, stopwatch: Stopwatch) -> Found:
    with Recording(parse_webhook(portal.webhook_url, allow_private=True)) as line, stopwatch:
        read_portal(line, language="ru", now=lambda: datetime.now(UTC))
    return {"rounds": line.rounds, "parallel": PARALLEL_REQUESTS}
