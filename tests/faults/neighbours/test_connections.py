"""Whoever holds as many connections as he gets, in whatever way, keeps nobody else from being answered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.cabinet_api import CabinetApi
from tests.faults.neighbours.conftest import CONNECTIONS_PER_ADDRESS
from tests.faults.neighbours.watch import Watch
from tests.machine_room import MachineRoom
from tests.wire import Wire, head, wire

ATTACKER = "127.0.0.66"
_TRIES = CONNECTIONS_PER_ADDRESS * 3
JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"

WAYS: dict[str, bytes] = {
    "says nothing": b"",
    "half a line": b"GET /api/v1/acc",
    "headers without end": head("GET /api/v1/accounts")[:-2] + b"X-Endless: ",
    "a body that does not come": head(
        "POST /api/v1/accounts", "Content-Length: 1000", "Content-Type: application/json"
    ),
    "a body in drops": head("POST /bitrix24/events", "Transfer-Encoding: chunked") + b"1\r\na\r\n",
    "a form of the cabinet": head(
        "POST /sign-in", "Content-Length: 500", "Content-Type: application/x-www-form-urlencoded"
    ),
}


@contextlib.contextmanager
def held(listen: str, said: bytes) -> Iterator[list[Wire]]:
    """More connections than one address may have, each in the middle of the same request."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(wire(listen, source=ATTACKER)) for _ in range(_TRIES)]
        for client in clients:
            client.send(said)
        yield clients


@pytest.mark.parametrize("said", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("web", ["gateway", "cabinet"])
def test_others_are_answered_meanwhile(
    room: MachineRoom, victim: CabinetApi, web: str, said: bytes, watch: Watch, times: int
) -> None:
    with held(f"127.0.0.1:{room.ports[web]}", said):
        ask: dict[str, Callable[[], object]] = {
            "cabinet": victim.accounts,
            "gateway": lambda: httpx.post(f"{room.url('gateway')}/bitrix24/events", timeout=60),
        }
        for _ in range(5 * times):
            watch.timed(ask[web])
        with wire(f"127.0.0.1:{room.ports[web]}", source="127.0.0.67") as neighbour:
            neighbour.send(head("GET /readyz"))
            answer = neighbour.answer()
            assert answer is not None
            assert answer.status == 200


def test_an_anonymous_body_is_refused_before_it_is_read(room: MachineRoom, victim: CabinetApi) -> None:
    with wire(f"127.0.0.1:{room.ports['cabinet']}", source=ATTACKER) as client:
        client.send(
            head("POST /api/v1/accounts", "Content-Length: 600000000", "Content-Type: application/json")
        )
        answer = client.answer()
        assert answer is not None
        assert (answer.status, answer.code) == (413, "too_large")
    victim.accounts()


def test_both_stop_although_somebody_holds_connections(room: MachineRoom) -> None:
    for web in ("gateway", "cabinet"):
        with held(f"127.0.0.1:{room.ports[web]}", WAYS["a body that does not come"]):
            room.processes[web].ask_to_stop()
            room.processes[web].ended()
        assert "Traceback" not in room.processes[web].log.read_text()
    room.mend()
