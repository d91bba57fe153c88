"""People open CRMAP in their portal while strangers hold openings that do not end: they are served all the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

import pytest

from services.gateway.places import MOST_CONVERSATIONS
from tests.faults.neighbours.browsing import Form, form_of, post, session_in
from tests.faults.neighbours.watch import Watch
from tests.machine_room import MachineRoom
from tests.waiting import HELD_MS, until
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.portal import SimulatedPortal

ATTACKERS = 40
QUARTER = MOST_CONVERSATIONS // 4
OFFICE = "198.51.100.7"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Attack:
    """``silent`` is the portal that does not answer, or the authorization server. ``held``: how many calls it gets."""

    silent: str
    form: Callable[[MachineRoom], Form]
    source: Callable[[int], str]
    held: int = QUARTER


def everywhere(number: int) -> str:
    return f"203.0.113.{number}"


def one_place(_number: int) -> str:
    return "203.0.113.1"


def office(_number: int) -> str:
    return OFFICE


def opened_in_hanging(room: MachineRoom) -> Form:
    return form_of(room, room.cloud.portal("hanging"))


def opened_in_newcomer(room: MachineRoom) -> Form:
    return form_of(room, room.cloud.portal("newcomer"))


def invented(room: MachineRoom) -> Form:
    """Of a portal and with tokens that do not exist."""
    number = next(_NUMBERS)
    return {
        "AUTH_ID": f"invented{number:032x}",
        "REFRESH_ID": f"invented{number:032x}",
        "member_id": f"{number:032x}",
        "SERVER_ENDPOINT": room.cloud.oauth.endpoint,
    }


def invented_in_the_name_of_the_victim(room: MachineRoom) -> Form:
    return invented(room) | {"member_id": room.cloud.portal("romashka").member_id}


OAUTH = "oauth"
ATTACKS = {
    "a portal of ours hangs": Attack("hanging", opened_in_hanging, everywhere),
    "a portal hangs that was never here": Attack("newcomer", opened_in_newcomer, everywhere),
    "invented tokens of one place": Attack(OAUTH, invented, one_place),
    "invented tokens of many places": Attack(OAUTH, invented, everywhere, MOST_CONVERSATIONS // 2),
    "invented tokens in the victim's name": Attack(OAUTH, invented_in_the_name_of_the_victim, everywhere),
    "invented tokens out of the victim's office": Attack(OAUTH, invented, office),
}


@contextmanager
def under(attack: Attack, room: MachineRoom) -> Iterator[None]:
    """Attackers open one page after the other, and whoever is asked about them does not answer."""
    over = threading.Event()

    def open_on_and_on(number: int) -> None:
        while not over.is_set():
            post(room, "app", attack.form(room), attack.source(number))

    attackers = [threading.Thread(target=open_on_and_on, args=(number,)) for number in range(ATTACKERS)]
    silent = room.cloud.oauth if attack.silent == OAUTH else room.cloud.portal(attack.silent)
    before = asked(silent)
    silent.switches.latency_ms = HELD_MS
    try:
        for attacker in attackers:
            attacker.start()
        until(lambda: asked(silent) - before >= attack.held, what="the attackers hold what they can")
        yield
    finally:
        over.set()
        silent.switches.latency_ms = 0
        for attacker in attackers:
            attacker.join()


def asked(silent: OAuthServer | SimulatedPortal) -> int:
    """How many calls have come in."""
    return sum(silent.counted.values()) if isinstance(silent, OAuthServer) else len(silent.log.requests)


@pytest.fixture
def romashka(room: MachineRoom) -> SimulatedPortal:
    """The victim's portal, known like the one that will hang. It names the authorization server that answers."""
    portal = room.cloud.portal("romashka")
    portal.switches.second_oauth_server = True
    for known in (portal, room.cloud.portal("hanging")):
        assert post(room, "app", form_of(room, known), OFFICE).status_code == 200
    return portal


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_people_of_another_portal_are_served(
    room: MachineRoom, romashka: SimulatedPortal, attack: Attack, watch: Watch
) -> None:
    with under(attack, room):
        for _ in range(4):
            page = watch.timed(partial(post, room, "app", form_of(room, romashka), OFFICE))
            assert page.status_code == 200, page.text
        session = session_in(page)
        assert watch.timed(lambda: post(room, "links", {"session": session}, OFFICE)).status_code == 200
        tokens = {"AUTH_ID": form_of(room, romashka)["AUTH_ID"], "SERVER_ENDPOINT": room.cloud.twin.endpoint}
        again = watch.timed(lambda: post(room, "session", tokens | {"session": session}, OFFICE))
        assert again.status_code == 200


def test_what_is_no_token_by_its_form_needs_no_place(room: MachineRoom, romashka: SimulatedPortal) -> None:
    good = form_of(room, romashka)
    malformed = [
        {"AUTH_ID": "with spaces"},
        {"REFRESH_ID": "<script>"},
        {"member_id": "romashka"},
        {"AUTH_ID": ""},
    ]
    with under(ATTACKS["invented tokens out of the victim's office"], room):
        asked_before = sum(room.cloud.twin.counted.values())
        answers = [post(room, "app", good | field, OFFICE).status_code for field in malformed]
        assert answers == [403] * len(malformed)
        assert sum(room.cloud.twin.counted.values()) == asked_before
