"""The API's groups."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.cabinet.base.access import Acting, Service, Writing
from services.cabinet.base.titles import Title
from shared.db import groups
from shared.db.groups import Group
from shared.domain.refusals import NotFound
from shared.web import refusals

router = APIRouter(prefix="/api/v1", tags=["cabinet"], responses=refusals(400, 401, 503))

MOST_ACCOUNTS = 1000


class GroupShown(BaseModel):
    """Accounts that are worked with together."""

    id: UUID
    title: str
    accounts: list[UUID]


class GroupList(BaseModel):
    """The groups of the cabinet."""

    items: list[GroupShown]
    next: str | None = None


class GroupForm(BaseModel):
    """A group to be: its title and all of its accounts."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Title, Field(min_length=1)]
    accounts: list[UUID] = Field(max_length=MOST_ACCOUNTS)


@router.get("/groups")
def list_groups(service: Service, member: Acting) -> GroupList:
    """The groups of the cabinet, by title."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        return GroupList(items=[_shown(group) for group in groups.listed(session, member.cabinet_id)])


@router.post("/groups", status_code=201, responses=refusals(403, 404))
def save_group(service: Service, member: Writing, body: GroupForm) -> GroupShown:
    """The group of this title consists of exactly these accounts, whether it existed before or not."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        group = groups.save(session, member.cabinet_id, body.title, body.accounts)
    if group is None:
        raise NotFound
    return _shown(group)


@router.delete("/groups/{group_id}", status_code=204, responses=refusals(403, 404))
def remove_group(service: Service, member: Writing, group_id: UUID) -> None:
    """The group is no more; its accounts stay."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        removed = groups.remove(session, member.cabinet_id, group_id)
    if not removed:
        raise NotFound


def _shown(group: Group) -> GroupShown:
    return GroupShown(id=group.id, title=group.title, accounts=list(group.accounts))
