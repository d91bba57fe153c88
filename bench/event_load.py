"""``python -m bench.event_load``: posts to a gateway at a rate, or all at once, and prints the answers as JSON.

In a process of its own, and as cheap as may be: it must not take the time of the gateway it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from urllib.parse import urlencode

_PATIENCE_S = 120
_NO_ANSWER = 0

# Without an id of its own an event is a copy.
_ID = "data[FIELDS][ID]"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Knock:
    """A form for an address of the gateway."""

    address: str
    form: dict[str, str]

    def body(self, number: int) -> str:
        """The form as it is posted; an event has this id."""
        return urlencode(self.form | {_ID: str(number)} if "event" in self.form else self.form)


@dataclass
class Sender:
    """Posts over connections that stay open, as a proxy does: as many as there are requests under way."""

    port: int
    requests: Iterator[bytes]
    idle: list[Connection] = field(default_factory=list)
    #: For each request: how long its answer took since it was due, in milliseconds, and its status.
    answers: list[tuple[float, int]] = field(default_factory=list)

    async def send(self, due: float) -> None:
        """The next request is sent and answered; it was due at this time of the loop."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                status = await self._answered(next(self.requests))
        except (OSError, EOFError, TimeoutError):
            status = _NO_ANSWER
        self.answers.append(((asyncio.get_running_loop().time() - due) * 1000, status))

    async def _answered(self, request: bytes) -> int:
        reader, writer = await self._connected()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        self.idle.append((reader, writer))
        return int(head.split()[1])

    async def _connected(self) -> Connection:
        """One that was used last and that the gateway has not closed since, else a new one."""
        while self.idle:
            connection = self.idle.pop()
            if not connection[0].at_eof():
                return connection
        return await asyncio.open_connection("127.0.0.1", self.port)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.event_load", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument(
        "knocks",
        type=Path,
        help="JSON: a list of addresses and forms, posted in turns, events with an id of their own",
    )
    parser.add_argument("first", type=int, help="the id of the first event")
    parser.add_argument("--rate", type=float, help="requests a second (default: all at once)")
    parser.add_argument("--events", type=int, required=True)
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sender = Sender(
        asked.port, _requests([Knock(*one) for one in json.loads(asked.knocks.read_text())], asked.first)
    )
    asyncio.run(_sent(sender, asked.events, asked.rate))
    print(json.dumps(sender.answers))


async def _sent(sender: Sender, events: int, rate: float | None) -> None:
    """All requests are answered. Each is sent when it is due, whether those before it were answered or not."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in range(events):
            due = began + number / rate if rate else began
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            group.create_task(sender.send(due))


def _requests(knocks: list[Knock], first: int) -> Iterator[bytes]:
    """Requests of which no two events are copies of each other."""
    for number, knock in zip(count(first), cycle(knocks), strict=False):
        body = knock.body(number)
        yield (
            f"POST {knock.address} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Bitrix24 Webhook Engine\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


if __name__ == "__main__":
    main()
