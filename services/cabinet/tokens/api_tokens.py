"""Personal tokens for the API: made, shown once, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.forms import Fault
from services.cabinet.base.settings_tabs import SETTINGS, TOKENS, SettingsPage, tabs
from services.cabinet.base.titles import LONGEST_TITLE, is_title
from services.cabinet.base.visit import Visit, Visiting, go_to
from services.cabinet.base.words import Words
from shared.db import people
from shared.db.people import ApiToken
from shared.domain.refusals import NotFound

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token by its title. ``used`` is empty for one that was never used."""

    id: UUID
    title: str
    created: str
    used: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensPage(SettingsPage):
    """The person's tokens and the form for another one."""

    template: ClassVar[str] = "tokens/list.html"

    tokens: tuple[TokenLine, ...]
    may_write: bool
    title: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMadePage(SettingsPage):
    """The only page that shows the text of a token."""

    template: ClassVar[str] = "tokens/made.html"

    title: str
    text: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTokenPage(SettingsPage):
    """The question before a token is revoked."""

    template: ClassVar[str] = "tokens/revoke.html"

    token: TokenLine


@router.get("/settings/tokens")
def list_tokens(visit: Visiting) -> Response:
    """The person's tokens in this cabinet."""
    return visit.show(_tokens(visit))


@router.post("/settings/tokens")
def make_token(visit: Visiting, title: Annotated[str, Form()] = "") -> Response:
    """A new token, on the page that shows its text once."""
    words, token_title = visit.words, title.strip()
    if not token_title or not is_title(token_title):
        sentence = words.gettext(
            "A title of at most {most} characters in one line, please.", most=LONGEST_TITLE
        )
        return visit.show(
            _tokens(visit, title=token_title[:LONGEST_TITLE], fault=Fault("title", sentence)), 422
        )
    with visit.session() as session:
        _, text = people.issue_api_token(session, visit.member, title=token_title)
    page = TokenMadePage(
        layout=visit.layout(SETTINGS),
        tabs=tabs(words, TOKENS),
        title=token_title,
        text=text,
        command=f"curl -H 'Authorization: Bearer {text}' {visit.service.origin}/api/v1/accounts",
    )
    return visit.show(page)


@router.get("/settings/tokens/{token_id}/revoke")
def revoke_page(visit: Visiting, token_id: UUID) -> Response:
    """The question whether to revoke the token."""
    with visit.session() as session:
        own_tokens = people.api_tokens(session, visit.member)
    token = next((line for line in own_tokens if line.id == token_id), None)
    if token is None:
        raise NotFound
    page = RevokeTokenPage(
        layout=visit.layout(SETTINGS), tabs=tabs(visit.words, TOKENS), token=_line(token, visit.words)
    )
    return visit.show(page)


@router.post("/settings/tokens/{token_id}/revoke")
def revoke(visit: Visiting, token_id: UUID) -> Response:
    """The token is revoked."""
    with visit.session() as session:
        revoked = people.revoke_api_token(session, visit.member, token_id)
    if not revoked:
        raise NotFound
    return go_to(TOKENS, done="revoked")


def _tokens(visit: Visit, *, title: str = "", fault: Fault | None = None) -> TokensPage:
    with visit.session() as session:
        own_tokens = people.api_tokens(session, visit.member)
    return TokensPage(
        layout=visit.layout(SETTINGS),
        tabs=tabs(visit.words, TOKENS),
        tokens=tuple(_line(token, visit.words) for token in own_tokens),
        may_write=visit.member.may_write,
        title=title,
        fault=fault,
    )


def _line(token: ApiToken, words: Words) -> TokenLine:
    return TokenLine(
        id=token.id,
        title=token.title,
        created=words.moment(token.created_at),
        used=words.age(token.used_at) if token.used_at else "",
    )
