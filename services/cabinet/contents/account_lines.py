"""An account in one line: its title, its state and what to do about a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from services.cabinet.base.words import Words
from shared.db.accounts import Account
from shared.domain.errors import ClientRefused, PortalBlocked, PortalGone, PortalMoved
from shared.domain.portal import AccountState, PortalKind, needs_opening
from shared.wording.errors import code_sentence
from shared.wording.sentences import N_

Tone = Literal["good", "warn", "bad", "busy", ""]

_STATES: Final[dict[AccountState, tuple[Tone, str]]] = {
    AccountState.NEVER_READ: ("warn", N_("not read yet")),
    AccountState.FRESH: ("good", N_("up to date")),
    AccountState.STALE: ("warn", N_("out of date")),
    AccountState.READING: ("busy", N_("being read")),
    AccountState.ACCESS_LOST: ("bad", N_("access lost")),
    AccountState.SUBSCRIPTION_ENDED: ("bad", N_("subscription ended")),
    AccountState.REMOVED: ("bad", N_("CRMAP removed")),
}
_ADVICE: Final[dict[AccountState, str]] = {
    AccountState.NEVER_READ: N_("The first read has not succeeded yet. Refresh the account."),
    AccountState.STALE: N_("The last reads did not succeed. Refresh the account."),
    AccountState.REMOVED: N_(
        "The application was removed from the portal. What was read stays for a month; "
        "install it there again to have it read."
    ),
}
# What is wrong with a portal, told by the code of its problem where the state alone would not say it.
_PROBLEMS: Final[dict[str, tuple[Tone, str]]] = {
    PortalGone.code: ("bad", N_("closed")),
    PortalBlocked.code: ("bad", N_("REST is blocked")),
    PortalMoved.code: ("bad", N_("moved")),
    ClientRefused.code: ("bad", N_("application refused")),
}
_FAILING: Final[tuple[Tone, str]] = ("warn", N_("last read failed"))
_GAPS = N_("not everything could be read")
_KINDS: Final[dict[PortalKind, str]] = {
    PortalKind.APP: N_("application"),
    PortalKind.WEBHOOK: N_("webhook"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of items that are known of an account."""

    pipelines: int
    stages: int
    user_fields: int
    users: int


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as a line shows it.

    ``age`` and ``moment`` say when the account was read; they are empty if it never was, and ``counts`` is
    empty too. ``advice`` is what to do, empty if there is nothing to do; ``gaps`` says that something
    could not be read, and where to see what and why.
    """

    id: UUID
    title: str
    domain: str
    kind: str
    state: str
    tone: Tone
    advice: str
    age: str
    moment: str
    counts: Counts | None
    gaps: str
    can_refresh: bool


def account_line(account: Account, words: Words) -> AccountLine:
    """The account in the visitor's language."""
    tone, state = _state(account)
    read_at = account.read_at
    return AccountLine(
        id=account.id,
        title=account.title,
        domain=account.domain,
        kind=words.gettext(_KINDS[account.kind]),
        state=words.gettext(state),
        tone=tone,
        advice=_advice(account, words),
        age=words.age(read_at) if read_at else "",
        moment=words.moment(read_at) if read_at else "",
        counts=Counts(**account.counts) if read_at else None,
        gaps=words.gettext(_GAPS) if read_at and account.gaps else "",
        can_refresh=account.is_read and not needs_opening(account.kind, account.problem),
    )


def _state(account: Account) -> tuple[Tone, str]:
    if account.state in (AccountState.STALE, AccountState.NEVER_READ, AccountState.ACCESS_LOST):
        if account.problem in _PROBLEMS:
            return _PROBLEMS[account.problem]
        if account.problem and account.state is AccountState.STALE:
            return _FAILING
    return _STATES[account.state]


def _advice(account: Account, words: Words) -> str:
    if account.state is AccountState.REMOVED:
        return words.gettext(_ADVICE[account.state])
    if account.problem:
        cause = words.problem(account.problem, account.next_read_at, was_read=account.read_at is not None)
        if account.problem_at is None:
            return cause
        last_met = words.gettext("Last met {moment}.", moment=words.moment(account.problem_at))
        return f"{cause} {last_met}"
    if account.state in (AccountState.ACCESS_LOST, AccountState.SUBSCRIPTION_ENDED):
        return code_sentence(account.state, words.language, was_read=account.read_at is not None)
    return words.gettext(_ADVICE[account.state]) if account.state in _ADVICE else ""
