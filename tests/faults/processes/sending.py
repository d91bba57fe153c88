"""Events of portals, sent to gateways by many threads at once while something happens to the gateways."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.machine_room import MachineRoom
from tests.waiting import WITHIN_S
from tools.simulator.outgoing import post
from tools.simulator.portal import SimulatedPortal

SENDERS = 4


def an_event(room: MachineRoom, portal: SimulatedPortal, number: int, **auth: str) -> dict[str, str]:
    """What the portal sends when its user field with this number was added. ``auth`` replaces what it proves."""
    proof = {
        "domain": portal.domain,
        "member_id": portal.member_id,
        "application_token": portal.installation(room.application).application_token,
        **auth,
    }
    return {
        "event": "ONCRMDEALUSERFIELDADD",
        "data[FIELDS][ID]": str(number),
        "ts": str(int(portal.clock())),
        **{f"auth[{name}]": value for name, value in proof.items()},
    }


def send(gateway: str, form: dict[str, str]) -> int | None:
    """The status of the gateway's answer; ``None`` when there was none."""
    return post(f"{gateway}/bitrix24/events", form, timeout_s=WITHIN_S, agent="Bitrix24").status


def send_all(gateways: Iterable[str], forms: Iterable[dict[str, str]]) -> list[int | None]:
    """The statuses of all answers. Many are sent at the same time, to each gateway in turn."""
    with ThreadPoolExecutor(SENDERS) as senders:
        return list(senders.map(send, itertools.cycle(gateways), forms))


@dataclass
class Stream:
    """Events that keep coming. ``kept``: portal and number of each that was answered with success."""

    answered: int = 0
    kept: list[tuple[str, int]] = field(default_factory=list)


@contextlib.contextmanager
def stream(room: MachineRoom, portals: list[SimulatedPortal]) -> Iterator[Stream]:
    """Every portal sends one event after the other while the block runs, whether the gateway answers or not."""
    found, numbers, over = Stream(), itertools.count(1), threading.Event()
    lock = threading.Lock()

    def work() -> None:
        while not over.is_set():
            with lock:
                number = next(numbers)
            portal = portals[number % len(portals)]
            status = send(room.url("gateway"), an_event(room, portal, number))
            with lock:
                found.answered += status is not None
                if status is not None and status < 300:
                    found.kept.append((portal.member_id, number))
            if status is None:
                # Nobody is there: no need to ask as often as a processor can.
                over.wait(0.05)

    threads = [threading.Thread(target=work) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()


def inbox(room: MachineRoom, portals: Iterable[SimulatedPortal]) -> list[tuple[str, int]]:
    """The events of these portals that are stored, by the number of their field."""
    rows: list[Any] = room.rows(
        "select member_id, (body->'fields'->>'ID')::int from inbox where event = 'ONCRMDEALUSERFIELDADD'"
        " and member_id = any(%s)",
        [portal.member_id for portal in portals],
    )
    return [(member, number) for member, number in rows]
