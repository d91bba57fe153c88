"""Portals that are installed, edited, renamed, unpaid and removed in any order, with events lost, doubled and late."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.machine_room import MachineRoom
from tests.waiting import until
from tools.simulator.applications import Application
from tools.simulator.portal import SimulatedPortal

STEPS = 12
Step = Callable[[SimulatedPortal, Application, Random], object]


def installs(portal: SimulatedPortal, application: Application, dice: Random) -> None:
    portal.install(application, page=dice.random() < 0.7, new_token=dice.random() < 0.3)
    if dice.random() < 0.9:
        portal.finish_install(application)


def removes(portal: SimulatedPortal, application: Application, dice: Random) -> None:
    portal.uninstall(application, clean=dice.random() < 0.3)


def opens(portal: SimulatedPortal, application: Application, dice: Random) -> None:
    portal.open_app(application, dice.choice(("admin", "admin", "employee")))


def edits(portal: SimulatedPortal, _application: Application, dice: Random) -> None:
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=f"Поле {dice.random()}")


def updates(portal: SimulatedPortal, application: Application, _dice: Random) -> None:
    portal.update(application)


def moves(portal: SimulatedPortal, _application: Application, _dice: Random) -> None:
    portal.rename()


def stops_paying(portal: SimulatedPortal, _application: Application, _dice: Random) -> None:
    portal.end_payment()


def pays(portal: SimulatedPortal, _application: Application, _dice: Random) -> None:
    portal.pay()


def dismisses(portal: SimulatedPortal, _application: Application, _dice: Random) -> None:
    """The first administrator goes, and another user becomes one."""
    first = portal.callers.user_id("admin")
    heirs = [user for user in portal.crm.users if user.id != first and user.active and not user.hidden]
    if heirs:
        heirs[0].admin = True
        portal.dismiss(first)


def loses_events(portal: SimulatedPortal, _application: Application, dice: Random) -> None:
    switches = portal.switches
    switches.event_loss, switches.event_duplication = dice.random() / 2, dice.random() / 2
    switches.events_held, switches.events_shuffled = dice.random() < 0.5, True


WHILE_INSTALLED: tuple[Step, ...] = (
    opens,
    edits,
    edits,
    updates,
    moves,
    stops_paying,
    pays,
    dismisses,
    removes,
    loses_events,
    installs,
)


def is_installed(portal: SimulatedPortal, application: Application) -> bool:
    installation = portal.installations.get(application.client_id)
    return installation is not None and installation.active


def test_whatever_became_of_a_portal_is_known_in_the_end(room: MachineRoom, dice: Random, times: int) -> None:
    portals = [room.portal() for _ in range(4 * times)]
    stories: dict[str, list[str]] = {portal.name: [] for portal in portals}
    for _ in range(STEPS):
        for portal in portals:
            steps = WHILE_INSTALLED if is_installed(portal, room.application) else (installs,)
            step = dice.choice(steps)
            step(portal, room.application, dice)
            stories[portal.name].append(step.__name__)
    for portal in portals:
        all_is_well_again(room, portal)
    for portal in portals:
        wanted = expected(room, portal)
        until(
            lambda: as_known(room, portal) == wanted,  # noqa: B023
            what=lambda: f"{stories[portal.name]}: {wanted}, still {as_known(room, portal)}",  # noqa: B023
        )


def all_is_well_again(room: MachineRoom, portal: SimulatedPortal) -> None:
    """No event is lost any more, the portal has paid, and its administrator opens what is installed."""
    switches = portal.switches
    switches.event_loss = switches.event_duplication = 0.0
    switches.events_held = False
    portal.events.drain(60)
    portal.pay(event=False)
    if is_installed(portal, room.application):
        portal.finish_install(room.application, event=False)
        portal.open_app(room.application)


def expected(room: MachineRoom, portal: SimulatedPortal) -> list[Any]:
    """What the portal itself says about it: nothing, unless the application is installed."""
    if not is_installed(portal, room.application):
        return []
    return [("active", {kind: len(found) for kind, found in portal.truth().items() if kind in COUNTED})]


COUNTED = ("stages", "user_fields", "users")


def as_known(room: MachineRoom, portal: SimulatedPortal) -> list[Any]:
    """The same as we know it. What says that it was removed is asked once more, as if ten minutes had passed."""
    room.hurry(portal)
    room.rows(
        "update portal set gone_said_at = gone_said_at - interval '11 min', next_read_at = now()"
        " where member_id = %s and state <> 'removed' and not exists (select 1 from job"
        "  where portal_id = portal.id and state in ('queued', 'running'))",
        portal.member_id,
    )
    rows = room.rows("select state, counts from portal where member_id = %s", portal.member_id)
    return [
        (state, {kind: counts.get(kind) for kind in COUNTED}) for state, counts in rows if state != "removed"
    ]
