"""What changed in all accounts of the cabinet, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from services.cabinet.base.choices import Choice
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visit, Visiting
from services.cabinet.changes.lines import ChangeLine, change_line
from services.cabinet.contents.item_places import EntityTitles, kind_title, place_of
from shared.db import accounts, changes
from shared.db.accounts import Account
from shared.db.changes import ChangeFilter, RecordedChange
from shared.domain.identity import ComparedKind
from shared.domain.refusals import NotFound
from shared.wording.sentences import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

AT_ONCE = 100
LARGEST_ID = 2**63 - 1

Period = Literal["", "day", "week", "month"]
_PERIODS: Final[Mapping[Period, tuple[str, timedelta | None]]] = {
    "": (N_("All time"), None),
    "day": (N_("The last day"), timedelta(days=1)),
    "week": (N_("The last week"), timedelta(days=7)),
    "month": (N_("The last month"), timedelta(days=30)),
}


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A change and the address of the page that shows the changed item."""

    line: ChangeLine
    address: str


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """Changes of one version of one account."""

    account: str
    address: str
    version: int
    age: str
    moment: str
    entries: tuple[ChangeEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(Page):
    """Changes of several accounts. ``earlier`` is the address of older changes, empty if there are none."""

    template: ClassVar[str] = "changes/changes.html"

    groups: tuple[AccountChanges, ...]
    accounts: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    text: str
    has_accounts: bool
    is_filtered: bool
    earlier: str


@router.get("/changes")
def show_changes(
    visit: Visiting,
    account: Annotated[str, Query(max_length=36)] = "",
    kind: ComparedKind | Literal[""] = "",
    period: Period = "",
    q: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Response:
    """What changed: in all accounts or in one, of all kinds or of one, within a period."""
    words, (_, lasts) = visit.words, _PERIODS[period]
    with visit.session() as session:
        all_accounts = accounts.listed(session, visit.member.cabinet_id, every=visit.service.sync_every)
        chosen_account = next((candidate for candidate in all_accounts if str(candidate.id) == account), None)
        if account and chosen_account is None:
            raise NotFound
        criteria = ChangeFilter(
            account_id=chosen_account.id if chosen_account else None,
            kind=kind or None,
            lasts=lasts,
            before=before,
            text=q.strip(),
        )
        recorded_changes = changes.of_cabinet(session, visit.member.cabinet_id, criteria, most=AT_ONCE + 1)
        groups = tuple(
            _grouped(
                session,
                visit,
                recorded_changes[:AT_ONCE],
                {candidate.id: candidate for candidate in all_accounts},
            )
        )
    filters = {"account": account, "kind": kind, "period": period, "q": q.strip()}
    used_filters = {name: value for name, value in filters.items() if value}
    page = ChangesPage(
        layout=visit.layout("changes"),
        groups=groups,
        accounts=tuple(
            Choice(str(candidate.id), candidate.title, candidate is chosen_account)
            for candidate in all_accounts
        ),
        kinds=tuple(
            Choice(offered.value, kind_title(offered, words), offered == kind) for offered in ComparedKind
        ),
        periods=tuple(
            Choice(key, words.gettext(title), key == period) for key, (title, _) in _PERIODS.items()
        ),
        text=q.strip(),
        has_accounts=bool(all_accounts),
        is_filtered=bool(used_filters),
        earlier=_earlier(used_filters, recorded_changes),
    )
    return visit.show(page)


def _grouped(
    session: Session,
    visit: Visit,
    recorded_changes: Iterable[tuple[UUID, RecordedChange]],
    all_accounts: Mapping[UUID, Account],
) -> Iterable[AccountChanges]:
    """The changes of one read are grouped, in the order in which they were recorded."""
    words, titles = visit.words, EntityTitles(session, visit.words)
    for (account_id, version), group in groupby(
        recorded_changes, key=lambda pair: (pair[0], pair[1].version)
    ):
        rows = [row for _, row in group][::-1]
        account = all_accounts.get(account_id)
        if account is None:
            # The account was linked between the two queries.
            continue
        lines = [change_line(row.change, words, title=partial(titles.of, account.portal_id)) for row in rows]
        yield AccountChanges(
            account=account.title,
            address=f"/accounts/{account_id}",
            version=version,
            age=words.age(rows[0].at),
            moment=words.moment(rows[0].at),
            entries=tuple(
                ChangeEntry(line, place_of(account_id, line.kind, line.entity_type)) for line in lines
            ),
        )


def _earlier(used_filters: Mapping[str, str], recorded_changes: list[tuple[UUID, RecordedChange]]) -> str:
    if len(recorded_changes) <= AT_ONCE:
        return ""
    _, oldest = recorded_changes[AT_ONCE - 1]
    return f"/changes?{urlencode({**used_filters, 'before': str(oldest.id)})}"
