"""What the end of a read means for the portal: its state, and when it is read next. Pure; moments are arguments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.errors import (
    AccessLost,
    ApplicationRemoved,
    ClientRefused,
    CrmapError,
    MethodPaused,
    Permanent,
    PortalGone,
    RenewalUnderWay,
    SubscriptionEnded,
    WorkerLost,
)
from shared.domain.portal import PortalState
from shared.domain.schedule import CONFIRM_GONE_AFTER, PROBE_EVERY, after_failure, next_scheduled

# Used-up time comes back after the window it is counted in (Bitrix24 REST documentation, limits).
PAUSED_FOR = timedelta(minutes=10)
# A portal that names a later moment is not believed.
_LONGEST_PAUSE = timedelta(hours=1)
# States that end only when somebody does something. A passing trouble does not replace the cause of such a state.
_BLOCKED = (PortalState.ACCESS_LOST, PortalState.CLOSED, PortalState.SUBSCRIPTION_ENDED)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a portal between two reads.

    ``problem`` is the code of the error that explains the last failure and ``problem_at`` the moment it was met last;
    both are ``None`` after a success. ``gone_said_at`` is when the authorization server first said that the
    application was removed.
    """

    state: PortalState
    next_read_at: datetime | None
    failures: int = 0
    problem: str | None = None
    problem_at: datetime | None = None
    gone_said_at: datetime | None = None


def succeeded(now: datetime, *, every: timedelta, spread: float) -> Condition:
    """The portal is active and due again after its period. ``spread`` in [0, 1) moves that by up to a tenth."""
    return Condition(PortalState.ACTIVE, next_scheduled(now, every=every, spread=spread))


def failed(before: Condition, error: CrmapError, *, now: datetime, ever_read: bool) -> Condition:
    """The state says what is wrong, and the portal is read again in its time; a removed one stays as it was.

    A portal that says it is deleted is closed, and active again with its next success. Only the authorization server's
    word removes it: said a second time, ten minutes after the first at least.
    """
    if before.state is PortalState.REMOVED:
        return before
    explained = before
    if _explains(error, before):
        explained = replace(before, problem=error.code, problem_at=now)
    match error:
        case SubscriptionEnded():
            return replace(explained, state=PortalState.SUBSCRIPTION_ENDED, next_read_at=now + PROBE_EVERY)
        case ApplicationRemoved():
            return _said_removed(explained, now)
        case PortalGone():
            return _try_again(replace(explained, state=PortalState.CLOSED), now, ever_read=ever_read)
        case ClientRefused():
            return _try_again(replace(explained, state=PortalState.ACCESS_LOST), now, ever_read=ever_read)
        case AccessLost():
            return replace(explained, state=PortalState.ACCESS_LOST, next_read_at=now + PROBE_EVERY)
        case WorkerLost():
            return replace(explained, next_read_at=now + PROBE_EVERY)
        case MethodPaused():
            return replace(explained, next_read_at=_free_again(error, now))
        case _:
            return _try_again(explained, now, ever_read=ever_read)


def _explains(error: CrmapError, before: Condition) -> bool:
    """False for an error that only hides the cause: the lock of a renewal, or a passing trouble of a blocked portal."""
    if before.problem is None:
        return True
    if isinstance(error, RenewalUnderWay):
        return False
    return before.state not in _BLOCKED or isinstance(error, Permanent)


def _said_removed(before: Condition, now: datetime) -> Condition:
    if before.gone_said_at is None:
        return replace(before, gone_said_at=now, next_read_at=now + CONFIRM_GONE_AFTER)
    if now - before.gone_said_at < CONFIRM_GONE_AFTER:
        return replace(before, next_read_at=now + CONFIRM_GONE_AFTER)
    return replace(before, state=PortalState.REMOVED)


def _try_again(before: Condition, now: datetime, *, ever_read: bool) -> Condition:
    failures = before.failures + 1
    return replace(
        before, failures=failures, next_read_at=after_failure(now, failures=failures, ever_read=ever_read)
    )


def _free_again(paused: MethodPaused, now: datetime) -> datetime:
    """When the portal answers again: the moment it named itself, else after the time limits are counted over."""
    named = paused.facts.get("until")
    until = datetime.fromisoformat(named) if named else now
    return until if now < until <= now + _LONGEST_PAUSE else now + PAUSED_FOR
