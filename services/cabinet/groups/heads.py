"""The head of every page of a group of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from services.cabinet.base.visit import Visit
from services.cabinet.contents.tabs import IN_GROUPS
from shared.db import accounts, groups
from shared.db.accounts import Account
from shared.db.groups import Group
from shared.domain.refusals import NotFound
from shared.specification.formats import FORMATS


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page or a file."""

    title: str
    address: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class GroupHead:
    """The group: the number of its accounts, links to its tables and to its files."""

    title: str
    size: int
    address: str
    tabs: tuple[Link, ...]
    downloads: tuple[Link, ...]
    may_write: bool


def group_and_accounts(session: Session, visit: Visit, group_id: UUID) -> tuple[Group, list[Account]]:
    """The group and its accounts by title. Raises NotFound for a group that is not the cabinet's own."""
    cabinet_id = visit.member.cabinet_id
    group = next((group for group in groups.listed(session, cabinet_id) if group.id == group_id), None)
    if group is None:
        raise NotFound
    all_accounts = accounts.listed(session, cabinet_id, every=visit.service.sync_every)
    return group, [account for account in all_accounts if account.id in group.accounts]


def group_head(visit: Visit, group: Group, members: Sequence[Account], tab: str = "") -> GroupHead:
    """The head of this tab of the group. Some tabs exist only if an account of the group is read in full."""
    words, address = visit.words, f"/groups/{group.id}"
    return GroupHead(
        title=group.title,
        size=len(members),
        address=address,
        tabs=tuple(
            Link(words.gettext(group_tab.title), f"{address}/{name}", is_current=name == tab)
            for name, group_tab in IN_GROUPS.items()
            if not group_tab.is_of_full_reads or any(account.full_reads for account in members)
        ),
        downloads=tuple(
            Link(name.upper(), f"{address}/specifications.zip?format={name}&lang={words.language}")
            for name in FORMATS
        ),
        may_write=visit.member.may_write,
    )
