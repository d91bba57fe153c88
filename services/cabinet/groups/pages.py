"""Groups: sets of the cabinet's accounts with a title."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.titles import TitleUnfit, is_title
from services.cabinet.base.visit import Changing, go_to
from services.cabinet.groups.api import MOST_ACCOUNTS
from shared.db import groups
from shared.domain.errors import Refused
from shared.domain.refusals import NotFound


class GroupIncomplete(Refused):
    """A group without a title, without accounts or with too many of them."""

    code = "group_incomplete"
    status = 422


router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/groups")
def save(
    visit: Changing,
    title: Annotated[str, Form()] = "",
    account: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """The group of this title consists of the chosen accounts; it is made if there is none."""
    account_ids, group_title = account or [], title.strip()
    if not group_title or not 0 < len(account_ids) <= MOST_ACCOUNTS:
        raise GroupIncomplete
    if not is_title(group_title):
        raise TitleUnfit
    with visit.session() as session:
        group = groups.save(session, visit.member.cabinet_id, group_title, account_ids)
    if group is None:
        raise NotFound
    return go_to(f"/accounts?group={group.id}", done="group_saved")


@router.post("/groups/{group_id}/remove")
def remove(visit: Changing, group_id: UUID) -> Response:
    """The group is removed; its accounts stay."""
    with visit.session() as session:
        removed = groups.remove(session, visit.member.cabinet_id, group_id)
    if not removed:
        raise NotFound
    return go_to("/accounts", done="group_removed")
