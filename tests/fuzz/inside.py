"""A simulated portal asked without a network: the real client and every byte of the real answers, but no socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from shared.bitrix24.access import Access, parse_webhook
from shared.bitrix24.client import Bitrix24, Patience
from shared.bitrix24.commands import BATCH_SIZE, Answer, Command, Key
from shared.bitrix24.read_portal import read_portal
from shared.domain.coverage import Coverage
from shared.domain.errors import Unreachable
from shared.domain.snapshot import Snapshot
from shared.outbound import Limits, Outbound, Response
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.doors import portal_door
from tools.simulator.messages import Request
from tools.simulator.messages import Response as Answered
from tools.simulator.server import Wire

#: No pause is ever slept.
_HURRIED = Patience(pauses_s=(0, 0, 0), rate_pauses_s=(0, 0))
_NEVER = threading.Event()


def a_cloud(size: str, seed: int) -> SimulatedCloud:
    """A cloud of one portal that listens nowhere."""
    cloud = SimulatedCloud([PortalSpec("fuzz", size, seed)])
    cloud.portals[0].address = cloud.portals[0].domain = "fuzz.example"
    return cloud


def read(
    cloud: SimulatedCloud,
    webhook_url: str,
    *,
    at: datetime,
    before_request: Callable[[int], None],
    known: Collection[Coverage],
    full: bool,
) -> Snapshot:
    """The snapshot through this webhook; ``before_request`` is told which of the requests comes. Raises CrmapError."""
    access = parse_webhook(webhook_url, allow_private=True)
    line = _InTurn(access, _Inside(cloud, before_request))
    return read_portal(line, language="ru", now=lambda: at, known=known, full=full)


class _InTurn(Bitrix24):
    """One request after the other, so that the same dice give the same answers."""

    def __init__(self, access: Access, way_out: Outbound) -> None:
        super().__init__(access, allow_private=True, patience=_HURRIED, sleep=lambda _seconds: None)
        self._http = way_out

    def batches(self, commands: Sequence[Command]) -> Iterator[dict[Key, Answer]]:
        for start in range(0, len(commands), BATCH_SIZE):
            yield self.batch(commands[start : start + BATCH_SIZE])


class _Inside(Outbound):
    """A way out that ends at the door of the portal."""

    def __init__(self, cloud: SimulatedCloud, before_request: Callable[[int], None]) -> None:
        self._count = 0
        self._before_request = before_request
        self._portal = cloud.portals[0]
        self._answer = portal_door(cloud, lambda: self._portal.address, lambda _request: self._portal)

    def close(self) -> None:
        pass

    def post(self, url: str, content: bytes, *, content_type: str, limits: Limits) -> Response:  # noqa: ARG002
        self._count += 1
        self._before_request(self._count)
        headers = {"content-type": content_type, "host": self._portal.address}
        answer, delivery, _ = self._answer(Request("POST", urlsplit(url).path, "", headers, content))
        wire = _Wire()
        delivery(wire, answer)
        if wire.lost is not None or not wire.brought(answer):
            raise Unreachable(host=self._portal.address, what=wire.lost or "cut")
        return Response(answer.status, answer.body, answer.headers.get("Location", ""))


class _Wire(Wire):
    """What would have gone over the network, and how it was lost."""

    def __init__(self) -> None:
        self.stop = _NEVER
        self.open = True
        self.sent = 0
        self.lost: str | None = None

    def send(self, data: bytes) -> None:
        self.sent += len(data)

    def pause(self, seconds: float) -> None:
        pass

    def reset(self) -> None:
        self.lost = "cut"

    def wait_until_gone(self) -> None:
        self.lost = "silent"

    def brought(self, answer: Answered) -> bool:
        """True when all of the body was sent."""
        return self.sent >= len(answer.head()) + len(answer.body)
