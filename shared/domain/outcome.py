"""The state of a portal after a read, and the time of its next read. Pure functions; times are arguments."""

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
    Transient,
    WorkerLost,
)
from shared.domain.portal import PortalState
from shared.domain.schedule import (
    CONFIRM_GONE_AFTER,
    CONFIRM_LOST_AFTER,
    PROBE_EVERY,
    after_failure,
    next_scheduled,
)

# The time limit of a method is counted over ten minutes (Bitrix24 REST documentation, limits).
PAUSED_FOR = timedelta(minutes=10)
# A later time named by a portal is ignored.
_LONGEST_PAUSE = timedelta(hours=1)
# States that end only when somebody acts. A transient error does not replace the cause of such a state.
_BLOCKED = (PortalState.ACCESS_LOST, PortalState.CLOSED, PortalState.SUBSCRIPTION_ENDED)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a portal between two reads.

    ``problem`` is the code of the error that explains the last failure, ``problem_at`` the time it last occurred. Both
    are ``None`` after a success. ``gone_said_at`` is the time at which the authorization server first said that the
    application was removed.
    """

    state: PortalState
    next_read_at: datetime | None
    failures: int = 0
    problem: str | None = None
    problem_at: datetime | None = None
    gone_said_at: datetime | None = None


def succeeded(now: datetime, *, every: timedelta, spread: float) -> Condition:
    """The portal is active and due again after ``every``. ``spread`` in [0, 1) adds up to a tenth of it."""
    return Condition(PortalState.ACTIVE, next_scheduled(now, every=every, spread=spread))


def failed(before: Condition, error: CrmapError, *, now: datetime, ever_read: bool) -> Condition:
    """The condition after a failed read: what is wrong, and the time of the next read. A removed portal stays removed.

    A portal that says it is deleted becomes closed, and active again with its next success. It becomes removed only if
    the authorization server says so twice, at least ten minutes apart. A read before the portal was due, which
    somebody asked for, neither counts nor postpones the next one; only if it killed its workers it does.
    """
    if before.state is PortalState.REMOVED:
        return before
    due_at = before.next_read_at
    if due_at is None or due_at <= now or isinstance(error, WorkerLost):
        return _judged(before, error, now, failures=before.failures + 1, ever_read=ever_read)
    after = _judged(before, error, now, failures=max(before.failures, 1), ever_read=ever_read)
    return replace(after, next_read_at=min(due_at, after.next_read_at or due_at))


def _judged(
    before: Condition, error: CrmapError, now: datetime, *, failures: int, ever_read: bool
) -> Condition:
    """The condition after this error, which is one of so many ``failures`` in a row."""
    explained = before
    if _explains(error, before):
        explained = replace(before, problem=error.code, problem_at=now)
    match error:
        case SubscriptionEnded():
            return replace(explained, state=PortalState.SUBSCRIPTION_ENDED, next_read_at=now + PROBE_EVERY)
        case ApplicationRemoved():
            return _said_removed(explained, now)
        case PortalGone():
            blocked = replace(explained, state=PortalState.CLOSED, failures=failures)
            return _retried(blocked, error, now, ever_read=ever_read)
        case ClientRefused():
            blocked = replace(explained, state=PortalState.ACCESS_LOST, failures=failures)
            return _retried(blocked, error, now, ever_read=ever_read)
        case AccessLost():
            # A chain that only looks refused is active again by then.
            wait = PROBE_EVERY if before.state is PortalState.ACCESS_LOST else CONFIRM_LOST_AFTER
            return replace(explained, state=PortalState.ACCESS_LOST, next_read_at=now + wait)
        case WorkerLost():
            return replace(explained, next_read_at=now + PROBE_EVERY)
        case MethodPaused():
            return replace(explained, next_read_at=_free_again(error, now))
        case _:
            return _retried(replace(explained, failures=failures), error, now, ever_read=ever_read)


def _explains(error: CrmapError, before: Condition) -> bool:
    """False for an error that hides the cause: the lock of a renewal, or a transient error of a blocked portal."""
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


def _retried(counted: Condition, error: CrmapError, now: datetime, *, ever_read: bool) -> Condition:
    passing = isinstance(error, Transient)
    retry_at = after_failure(now, failures=counted.failures, ever_read=ever_read, passing=passing)
    return replace(counted, next_read_at=retry_at)


def _free_again(paused: MethodPaused, now: datetime) -> datetime:
    """When the method is available again: at the time the portal named, else after ``PAUSED_FOR``."""
    until_text = paused.facts.get("until")
    until = datetime.fromisoformat(until_text) if until_text else now
    return until if now < until <= now + _LONGEST_PAUSE else now + PAUSED_FOR
