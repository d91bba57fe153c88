"""Two accounts side by side, or two versions of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from services.cabinet.base.choices import Choice
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visiting
from services.cabinet.base.words import Words
from services.cabinet.compare.lines import KindSection, Side, doubts, sections
from services.cabinet.contents.reading import Contents, contents
from shared.db import accounts, snapshots
from shared.db.accounts import Account
from shared.domain.compare import (
    PORTAL_SPECIFIC_PARTS,
    are_of_one_portal,
    compare_portals,
    have_same_label_languages,
    may_be_left_out,
    without_labels,
)
from shared.domain.diff import diff
from shared.domain.refusals import NotFound

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# How many versions of a chosen account are offered.
VERSIONS_OFFERED = 50

# An account as it is now, or one of its versions: the account's id, then a dot and the version's number.
SideKey = Annotated[str, Query(pattern=r"^([0-9a-f-]{36}(\.[1-9][0-9]{0,8})?)?$")]


@dataclass(frozen=True, slots=True)
class ChosenSide:
    """A side of the comparison: an account, and when it was read."""

    title: str
    address: str
    number: int
    age: str
    moment: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What differs, and what could not be compared."""

    here: ChosenSide
    there: ChosenSide
    sections: tuple[KindSection, ...]
    doubts: tuple[str, ...]
    is_same_account: bool


@dataclass(frozen=True, slots=True)
class SideChoice:
    """The choices for one side: the accounts, and separately the versions of the chosen account."""

    accounts: tuple[Choice, ...]
    versions: tuple[Choice, ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage(Page):
    """The choice of both sides and, once it is made, the differences. ``problem`` says why nothing was compared."""

    template: ClassVar[str] = "compare/compare.html"

    here: SideChoice
    there: SideChoice
    has_accounts: bool
    problem: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class _Asked:
    account: Account
    number: int | None


@router.get("/compare")
def compare(visit: Visiting, a: SideKey = "", b: SideKey = "") -> Response:
    """What differs between ``a`` and ``b``."""
    words = visit.words
    with visit.session() as session:
        all_accounts = accounts.listed(session, visit.member.cabinet_id, every=visit.service.sync_every)
        here, there = _asked(a, all_accounts), _asked(b, all_accounts)
        problem, outcome = "", None
        if here and there:
            problem, outcome = _compared(session, here, there, words)
        page = ComparePage(
            layout=visit.layout("compare"),
            here=_choice(session, here, all_accounts, words),
            there=_choice(session, there, all_accounts, words),
            has_accounts=bool(all_accounts),
            problem=problem,
            outcome=outcome,
        )
    return visit.show(page)


def _asked(key: str, all_accounts: Iterable[Account]) -> _Asked | None:
    """The account, at a version or as it is now. Raises NotFound for a foreign account as for an unknown one."""
    if not key:
        return None
    account_id, _, number = key.partition(".")
    account = next((account for account in all_accounts if str(account.id) == account_id), None)
    if account is None:
        raise NotFound
    return _Asked(account, int(number) if number else None)


def _compared(session: Session, here: _Asked, there: _Asked, words: Words) -> tuple[str, Outcome | None]:
    content = [contents(session, side.account.portal_id, number=side.number) for side in (here, there)]
    for side, side_contents in zip((here, there), content, strict=True):
        if side_contents is None and side.number is not None:
            raise NotFound
        if side_contents is None:
            return words.gettext("{account} has not been read yet.", account=side.account.title), None
    contents_a, contents_b = (side_contents for side_contents in content if side_contents is not None)
    is_same = here.account.id == there.account.id
    if is_same and contents_a.number == contents_b.number:
        return words.gettext("A and B are the same. Choose another account or version."), None
    is_one_portal = is_same or are_of_one_portal(contents_a.portal, contents_b.portal)
    left_out = frozenset() if is_one_portal else PORTAL_SPECIFIC_PARTS
    if is_same:
        common_parts = snapshots.parts_in_common(
            session, here.account.portal_id, contents_a.number, contents_b.number
        )
        left_out = may_be_left_out(common_parts)
    snapshot_a, snapshot_b = contents_a.whole(without=left_out), contents_b.whole(without=left_out)
    fewer = without_labels(left_out)
    if is_same and fewer != left_out and not have_same_label_languages(snapshot_a, snapshot_b):
        snapshot_a, snapshot_b = contents_a.whole(without=fewer), contents_b.whole(without=fewer)
    comparison = diff(snapshot_a, snapshot_b) if is_one_portal else compare_portals(snapshot_a, snapshot_b)
    sides = Side(contents_a, snapshot_a, words), Side(contents_b, snapshot_b, words)
    return "", Outcome(
        here=_chosen(here, contents_a, words),
        there=_chosen(there, contents_b, words),
        sections=sections(comparison, *sides, words),
        doubts=doubts(comparison, *sides, words),
        is_same_account=is_one_portal,
    )


def _chosen(side: _Asked, content: Contents, words: Words) -> ChosenSide:
    query = "" if side.number is None else f"?version={side.number}"
    return ChosenSide(
        title=side.account.title,
        address=f"/accounts/{side.account.id}{query}",
        number=content.number,
        age=words.age(content.read_at),
        moment=words.moment(content.read_at),
        is_past=side.number is not None,
    )


def _choice(
    session: Session, side: _Asked | None, all_accounts: Iterable[Account], words: Words
) -> SideChoice:
    chosen_id = side.account.id if side else None
    return SideChoice(
        accounts=tuple(
            Choice(
                str(account.id),
                account.title,
                account.id == chosen_id and side is not None and side.number is None,
            )
            for account in all_accounts
        ),
        versions=() if side is None else tuple(_versions(session, side, words)),
        title=side.account.title if side else "",
    )


def _versions(session: Session, side: _Asked, words: Words) -> Iterable[Choice]:
    """The latest versions of the account, and the chosen one even if it is older."""
    account = side.account
    numbered = {
        row.number: words.moment(row.read_at)
        for row in snapshots.versions(session, account.portal_id, most=VERSIONS_OFFERED)
    }
    if side.number is not None:
        numbered.setdefault(side.number, "")
    for number, moment in numbered.items():
        title = words.gettext("Version {number}", number=number)
        yield Choice(
            f"{account.id}.{number}", f"{title} · {moment}" if moment else title, number == side.number
        )
