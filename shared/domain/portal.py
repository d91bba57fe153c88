"""The states of a portal, and the state of an account as a cabinet shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.errors import AccessLost


class PortalKind(StrEnum):
    """How a portal is connected: by an installed application or by an incoming webhook."""

    APP = "app"
    WEBHOOK = "webhook"


class PortalState(StrEnum):
    """Whether a portal can be read, and if not, why."""

    INSTALLING = "installing"
    ACTIVE = "active"
    ACCESS_LOST = "access_lost"
    SUBSCRIPTION_ENDED = "subscription_ended"
    # The portal says that it is closed or deleted. This may be temporary, so it is still tried.
    CLOSED = "closed"
    REMOVED = "removed"

    @property
    def is_read(self) -> bool:
        """True unless the portal was removed. Every other portal is tried at least once a day."""
        return self is not PortalState.REMOVED


class AccountState(StrEnum):
    """The state of an account as its cabinet shows it."""

    NEVER_READ = "never_read"
    FRESH = "fresh"
    STALE = "stale"
    READING = "reading"
    ACCESS_LOST = "access_lost"
    SUBSCRIPTION_ENDED = "subscription_ended"
    REMOVED = "removed"


def account_state(
    state: PortalState,
    *,
    problem: str | None,
    read_at: datetime | None,
    reading: bool,
    now: datetime,
    every: timedelta,
) -> AccountState:
    """The state of an account: a block comes first, then a running read, then the age of its data.

    Data is stale when it is older than two periods, or when the last read has failed. A closed portal has the state
    ``access_lost``; the account's ``problem`` says which of the two it is.
    """
    match state:
        case PortalState.ACCESS_LOST | PortalState.CLOSED:
            return AccountState.ACCESS_LOST
        case PortalState.SUBSCRIPTION_ENDED:
            return AccountState.SUBSCRIPTION_ENDED
        case PortalState.REMOVED:
            return AccountState.REMOVED
        case _ if reading:
            return AccountState.READING
        case _ if read_at is None:
            return AccountState.NEVER_READ
        case _ if problem is not None or now - read_at > 2 * every:
            return AccountState.STALE
        case _:
            return AccountState.FRESH


def needs_opening(kind: PortalKind, problem: str | None) -> bool:
    """True when no read can succeed before somebody opens the application in the portal: no access is left."""
    return kind is PortalKind.APP and problem == AccessLost.code
