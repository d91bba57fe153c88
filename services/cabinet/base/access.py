"""Who makes an API request: known by a personal token in ``Authorization``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.cabinet.cabinet import Cabinet
from shared.db import people
from shared.db.people import Member
from shared.domain.errors import Refused


class TokenRequired(Refused):
    """There is no personal token in the request, or not a good one."""

    code = "token_required"
    status = 401


class ReadersChangeNothing(Refused):
    """A member who may only read wants to change something."""

    code = "readers_change_nothing"


_bearer = HTTPBearer(auto_error=False, description="A personal token: crmap_…")


def cabinet_of(request: Request) -> Cabinet:
    """The ``Cabinet`` of this process."""
    cabinet: Cabinet = request.app.state.cabinet
    return cabinet


Service = Annotated[Cabinet, Depends(cabinet_of)]


def member_of(
    service: Service, authorization: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Member:
    """The person and the cabinet a personal token belongs to. Raises TokenRequired."""
    member = None
    if authorization is not None and authorization.credentials.startswith(people.API_TOKEN_PREFIX):
        with service.db.session() as session:
            member = people.member_of_api_token(session, authorization.credentials)
    if member is None:
        raise TokenRequired
    return member


Acting = Annotated[Member, Depends(member_of)]


def writer_of(member: Acting) -> Member:
    """The member, if he may change something. Raises ReadersChangeNothing for a reader."""
    if not member.may_write:
        raise ReadersChangeNothing
    return member


Writing = Annotated[Member, Depends(writer_of)]
