"""Whether a portal tells of its changes by events, and if not, why. Without them it is read on schedule only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from shared.domain.portal import PortalKind, PortalState

EventsState = Literal["on", "off", "unknown"]


class NoEvents(StrEnum):
    """Why a portal sends no events."""

    WEBHOOK = "webhook"
    PLAN = "plan"
    SCOPE = "scope"
    # No administrator's access to the application is left, and nobody else may bind handlers for everybody.
    NO_ADMIN = "no_admin"
    NOT_FINISHED = "not_finished"
    REFUSED = "refused"
    # It was asked and did not answer; it is asked again with the next read.
    NOT_ANSWERED = "not_answered"


@dataclass(frozen=True, slots=True)
class Events:
    """The state, and for ``off`` the reason where it is known."""

    state: EventsState
    reason: NoEvents | None = None


@dataclass(frozen=True, slots=True)
class Handlers:
    """The event handlers of one installation: whether they were ever checked, and what is wrong with them."""

    is_checked: bool
    problem: NoEvents | None


def events_of(kind: PortalKind, state: PortalState, installations: list[Handlers]) -> Events:
    """The events of a portal with these installations. One that sends them is enough."""
    if kind is PortalKind.WEBHOOK:
        return Events("off", NoEvents.WEBHOOK)
    if state is PortalState.REMOVED:
        return Events("off")
    if state is PortalState.SUBSCRIPTION_ENDED:
        return Events("off", NoEvents.PLAN)
    if any(one.is_checked and one.problem is None for one in installations):
        return Events("on")
    problems = [one.problem for one in installations if one.problem is not None]
    return Events("off", problems[0]) if problems else Events("unknown")
