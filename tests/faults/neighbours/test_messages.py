"""Whoever can write to the broker cannot end a worker, or make it deaf, or have it do something of his own."""

from __future__ import annotations

import base64
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.tasks import QUEUE, RING
from tests.cabinet_api import CabinetApi
from tests.faults.neighbours.watch import Watch
from tests.machine_room import MachineRoom
from tests.waiting import until

HEADERS = {"lang": "py", "task": RING, "id": "an-id"}
PROPERTIES = {
    "correlation_id": "an-id",
    "delivery_mode": 2,
    "delivery_info": {"exchange": "", "routing_key": QUEUE},
    "priority": 0,
    "body_encoding": "base64",
    "delivery_tag": "a-tag",
}


ODD: tuple[Any, ...] = (None, 5, "x", [], {}, ["x"], [5], {"x": 1})


def encoded(body: bytes) -> str:
    return base64.b64encode(body).decode()


MESSAGE = {
    "body": encoded(b"[[], {}, {}]"),
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": HEADERS,
    "properties": PROPERTIES,
}


def without(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


class Ruinous:
    """What runs a command when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.file}",)


def entries(planted: Path) -> Iterator[bytes]:
    """Everything that is no message of ours."""
    yield from (b"no json", b"1", b"null", b"[]", b"", b'"x"', b"{}", b"\x80\x04\x95", b"[" * 100_000)
    yield b'{"__type__": "nope", "__value__": 1}'
    yield from (json.dumps(without(MESSAGE, name)).encode() for name in MESSAGE)
    for name in MESSAGE:
        yield from (json.dumps({**MESSAGE, name: odd}).encode() for odd in ODD)
    for name in PROPERTIES:
        for odd in ODD:
            # Two entries with one tag are one and the same to the broker.
            tag = {"delivery_tag": f"{name} {odd}"}
            yield json.dumps({**MESSAGE, "properties": {**PROPERTIES, **tag, name: odd}}).encode()
        yield json.dumps({**MESSAGE, "properties": without(PROPERTIES, name)}).encode()
    for name in (
        *HEADERS,
        "timelimit",
        "expires",
        "eta",
        "compression",
        "retries",
        "group",
        "stamps",
        "kwargsrepr",
    ):
        for odd in ODD:
            tag = {"delivery_tag": f"{name} {odd}"}
            forged: dict[str, Any] = {"headers": {**HEADERS, name: odd}, "properties": {**PROPERTIES, **tag}}
            yield json.dumps({**MESSAGE, **forged}).encode()
    for number, body in enumerate(
        (b"nope", b"{}", b"5", b"[5, 6, 7]", b"[[], [], {}]", b'[[], {}, "x"]', b"[" * 50_000)
    ):
        tag = {"delivery_tag": f"body {number}"}
        yield json.dumps({**MESSAGE, "body": encoded(body), "properties": {**PROPERTIES, **tag}}).encode()
    for kind, encoding in (("application/x-python-serialize", "binary"), ("application/x-yaml", "utf-8")):
        body = pickle.dumps(Ruinous(planted))
        tag = {"delivery_tag": kind}
        forged = {"content-type": kind, "content-encoding": encoding, "body": encoded(body)}
        yield json.dumps({**MESSAGE, **forged, "properties": {**PROPERTIES, **tag}}).encode()


@pytest.fixture
def worker(room: MachineRoom) -> Iterator[int]:
    room.start("worker-1")
    yield room.processes["worker-1"].pid
    room.processes["worker-1"].close()


def test_what_is_no_message_is_thrown_away(
    room: MachineRoom, victim: CabinetApi, worker: int, tmp_path: Path, watch: Watch, times: int
) -> None:
    planted = tmp_path / "planted"
    portal = room.cloud.portal("romashka")
    with room.broker() as broker:
        for _ in range(times):
            for entry in entries(planted):
                broker.lpush(QUEUE, entry)
            watch.timed(lambda: victim.until_state(victim.connect(portal.webhook_url), "fresh"))
        until(lambda: broker.llen(QUEUE) == 0, what="all are taken")
        until(lambda: broker.hlen("unacked") == 0, what="nothing is waited for")
    assert room.processes["worker-1"].is_alive
    assert room.processes["worker-1"].pid == worker
    assert not planted.exists()
    assert "message.unreadable" in room.processes["worker-1"].log.read_text()
