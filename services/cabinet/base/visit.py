"""Who visits a page: a signed-in person, or a stranger who may only sign in or up."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session

from services.cabinet.base import forms
from services.cabinet.base.access import ReadersChangeNothing, Service
from services.cabinet.base.rendering import Page, answer
from services.cabinet.base.site_layout import HEADERS, SiteLayout, Token
from services.cabinet.base.words import Sentences, Words, zone_of
from services.cabinet.cabinet import Cabinet
from shared.db import link_tokens, people
from shared.db.people import Member, Profile
from shared.domain.errors import Refused
from shared.web import language_of, network_of
from shared.wording.language import LANGUAGES, Language

SESSION = "crmap-session"
# A browser that is not signed in gets a cookie too, so that its forms can be told from forms of other sites.
STRANGER = "crmap-visit"
LANGUAGE = "crmap-language"
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class SignInFirst(Refused):
    """Nobody is signed in, or the session is over."""

    code = "sign_in_first"
    status = 401


class ForeignForm(Refused):
    """A form of another site, or of a session that is over."""

    code = "csrf"


@dataclass(frozen=True, slots=True)
class Stranger:
    """A browser that is not signed in. ``cookie`` is the one its forms are bound to."""

    service: Cabinet
    request: Request
    cookie: str = field(repr=False)
    is_new: bool

    @property
    def words(self) -> Sentences:
        """The visitor's language."""
        return Sentences(language_before_signing_in(self.request))

    @property
    def place(self) -> str:
        """The visitor's place, for limits."""
        return network_of(self.request)

    def layout(self, section: str) -> SiteLayout:
        """The layout of a page."""
        code = forms.code_for(self.service.db.keyring, self.cookie)
        done = self.request.query_params.get("done", "")
        return SiteLayout(self.words.language, code, here_of(self.request), section, notice=done)

    def show(self, page: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """The page as a response, with the cookie its forms are bound to."""
        response = answer(page, status, headers)
        if self.is_new:
            set_cookie(self.service, response, STRANGER, self.cookie)
        return response


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in person for one page."""

    service: Cabinet
    request: Request
    cookie: str = field(repr=False)
    member: Member
    profile: Profile
    token: str | None = field(repr=False)
    words: Words

    def session(self) -> AbstractContextManager[Session]:
        """A transaction that sees only the rows of the visitor and of his cabinet; a GET changes none."""
        return self.service.db.session(
            cabinet=self.member.cabinet_id,
            person=self.member.person_id,
            read_only=self.request.method == "GET",
        )

    def layout(self, section: str = "", *, token: str | None = None) -> SiteLayout:
        """The layout of a page. ``token``: the new connection token, if this request replaced it."""
        link_token = token or self.token
        return SiteLayout(
            language=self.words.language,
            csrf=forms.code_for(self.service.db.keyring, self.cookie),
            here=here_of(self.request),
            section=section,
            person=self.profile.email,
            token=Token(link_token) if link_token else None,
            notice=self.request.query_params.get("done", ""),
        )

    def show(self, page: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
        """The page as a response."""
        return answer(page, status, headers)

    @property
    def actor(self) -> str:
        """The name of the visitor in the audit."""
        return f"person {self.member.person_id}"


def stranger_of(request: Request, service: Service, csrf: Annotated[str, Form()] = "") -> Stranger:
    """A visitor who need not be signed in. Raises ForeignForm for a form that is not one of ours."""
    cookie = cookie_of(request, service, STRANGER)
    _check_form(service, request, cookie, csrf)
    return Stranger(service, request, cookie or secrets.token_urlsafe(32), is_new=not cookie)


def visit_of(request: Request, service: Service, csrf: Annotated[str, Form()] = "") -> Visit:
    """The visit of a signed-in person.

    Raises SignInFirst if nobody is signed in, ForeignForm for a form that is not one of ours.
    """
    cookie = session_cookie(request, service)
    _check_form(service, request, cookie, csrf)
    if not cookie:
        raise SignInFirst
    with service.db.session() as session:
        visitor = people.visitor_of_session(session, cookie)
        if visitor is None:
            raise SignInFirst
        member, profile, token = visitor.member, visitor.profile, None
        if member.may_write:
            token = link_tokens.current(session, service.db.keyring, member.cabinet_id)
    language: Language = next((code for code in LANGUAGES if code == profile.language), "ru")
    words = Words(language, zone_of(profile.time_zone), service.db.now())
    return Visit(service, request, cookie, member, profile, token, words)


def writer_of(visit: Annotated[Visit, Depends(visit_of)]) -> Visit:
    """The visit of a member who may change something. Raises ReadersChangeNothing for a reader."""
    if not visit.member.may_write:
        raise ReadersChangeNothing
    return visit


Anybody = Annotated[Stranger, Depends(stranger_of)]
Visiting = Annotated[Visit, Depends(visit_of)]
Changing = Annotated[Visit, Depends(writer_of)]


def signed_in(service: Cabinet, cookie: str) -> UUID | None:
    """The id of the person signed in with this cookie; ``None`` when the session is over or unknown."""
    with service.db.session() as session:
        return people.person_of_session(session, cookie)


def session_cookie(request: Request, service: Cabinet) -> str:
    """The session cookie of the browser; empty if it has none."""
    return cookie_of(request, service, SESSION)


def cookie_of(request: Request, service: Cabinet, name: str) -> str:
    """The text of our cookie of this name; empty if the browser has none."""
    return request.cookies.get(_name(service, name), "")


def set_cookie(
    service: Cabinet, response: Response, name: str, value: str, lives: timedelta = people.SESSION_LIVES
) -> None:
    """The cookie is set: only for this site, not readable by scripts, not sent with forms of other sites."""
    response.set_cookie(
        _name(service, name),
        value,
        max_age=int(lives.total_seconds()),
        path="/",
        secure=service.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(service: Cabinet, response: Response, name: str) -> None:
    """The browser deletes this cookie."""
    response.delete_cookie(
        _name(service, name), path="/", secure=service.secure_cookies, httponly=True, samesite="lax"
    )


def go_to(path: str, *, done: str = "") -> RedirectResponse:
    """A redirect to another page of ours; ``done`` names the notice it shows."""
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{mark}done={done}" if done else path, 303, headers=dict(HEADERS))


def sign_in_first(request: Request) -> RedirectResponse:
    """A redirect to signing in, which returns here afterwards."""
    return RedirectResponse(
        f"/sign-in?next={quote(here_of(request), safe='')}", 303, headers={"Cache-Control": "no-store"}
    )


def language_before_signing_in(request: Request) -> Language:
    """The language chosen in this browser before, else the first accepted language that we have."""
    chosen = next((request.cookies[name] for name in _names(LANGUAGE) if name in request.cookies), "")
    return next((code for code in LANGUAGES if code == chosen), language_of(request))


def here_of(request: Request) -> str:
    """The address of this page, to return to it."""
    if request.method in _UNSAFE:
        return ""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _check_form(service: Cabinet, request: Request, cookie: str, csrf: str) -> None:
    if request.method not in _UNSAFE:
        return
    if not forms.is_from_here(service, request) or not forms.is_code_for(
        service.db.keyring, cookie, csrf if cookie else ""
    ):
        raise ForeignForm


def _names(name: str) -> tuple[str, str]:
    return f"__Host-{name}", name


def _name(service: Cabinet, name: str) -> str:
    # Browsers accept a cookie with this prefix only from this host, over https and for all paths.
    return _names(name)[not service.secure_cookies]
