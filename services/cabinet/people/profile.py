"""The person's own settings: language and time zone, password, and the browsers he is signed in with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response

from services.cabinet.base.choices import Choice
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.forms import Fault
from services.cabinet.base.settings_tabs import PASSWORD, PROFILE, SETTINGS, SettingsPage, tabs
from services.cabinet.base.visit import (
    LANGUAGE,
    Visit,
    Visiting,
    cookie_of,
    go_to,
    set_cookie,
)
from services.cabinet.base.words import Words, zone_names
from services.cabinet.people import known_browsers, signing_in
from services.cabinet.people.entering import sentence_of
from services.cabinet.people.guessing import Sender, WrongPassword
from services.cabinet.people.passwords import SHORTEST, TooManyAtOnce
from services.cabinet.people.signing_in import UnfitPassword
from shared.db import people
from shared.domain.errors import Refused
from shared.domain.refusals import TooManyTries
from shared.refusal_route import headers_of
from shared.web import network_of
from shared.wording.language import LANGUAGES, Language

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# Each language by its own name, for a person who cannot read the page.
_LANGUAGES: Final[Mapping[Language, str]] = {"ru": "Русский", "en": "English"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage(SettingsPage):
    """The person's language and time zone."""

    template: ClassVar[str] = "people/profile.html"

    email: str
    languages: tuple[Choice, ...]
    time_zone: str
    zones: tuple[str, ...]
    now: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class BrowserLine:
    """A browser the person is signed in with."""

    since: str
    seen: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class TokenLine:
    """An API token that may be revoked with the change. ``used`` is empty for one that was never used."""

    id: UUID
    title: str
    used: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage(SettingsPage):
    """The form for a new password, which offers to revoke API tokens, and the browsers that are signed in."""

    template: ClassVar[str] = "people/password.html"

    email: str
    browsers: tuple[BrowserLine, ...]
    tokens: tuple[TokenLine, ...]
    shortest_password: int = SHORTEST
    fault: Fault | None = None


@router.get("/settings")
def profile_page(visit: Visiting) -> Response:
    """The person's language and time zone."""
    return visit.show(_profile(visit))


@router.post("/settings/profile")
def save_profile(
    visit: Visiting,
    language: Annotated[Language, Form()],
    time_zone: Annotated[str, Form()] = "",
) -> Response:
    """The person's pages are in this language and this time zone from now on, in every browser."""
    zone_name = time_zone.strip()
    if zone_name not in zone_names():
        sentence = visit.words.gettext("There is no time zone of this name. Choose one from the list.")
        return visit.show(_profile(visit, asked=zone_name, fault=Fault("time_zone", sentence)), 422)
    with visit.session() as session:
        people.save_profile(session, visit.member.person_id, language=language, time_zone=zone_name)
    response = go_to(PROFILE, done="saved")
    set_cookie(visit.service, response, LANGUAGE, language)
    return response


@router.get("/settings/password")
def password_page(visit: Visiting) -> Response:
    """The form for a new password."""
    return visit.show(_password(visit))


@router.post("/settings/password")
def change_password(
    visit: Visiting,
    former: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    revoke: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """The password is changed, every other browser has to sign in again, and the ticked API tokens are revoked."""
    revoked = revoke or []
    sender = Sender(network_of(visit.request), cookie_of(visit.request, visit.service, known_browsers.COOKIE))
    try:
        known = signing_in.change_password(
            visit, former=former, wanted=password, sender=sender, revoked=revoked
        )
    except (WrongPassword, UnfitPassword, TooManyTries, TooManyAtOnce) as refusal:
        # The visitor is signed in, so a wrong password is only a wrong field.
        status = 422 if isinstance(refusal, WrongPassword) else refusal.status
        page = _password(visit, _fault(refusal, visit.words), revoked)
        return visit.show(page, status, headers_of(refusal))
    response = go_to(PASSWORD, done="password_changed")
    set_cookie(visit.service, response, known_browsers.COOKIE, known, known_browsers.KNOWN_FOR)
    return response


@router.post("/settings/sessions/end")
def end_other_sessions(visit: Visiting) -> Response:
    """Every other browser of this person has to sign in again."""
    with visit.session() as session:
        people.end_other_sessions(session, visit.member.person_id, keep=visit.cookie)
    return go_to(PASSWORD, done="signed_out_elsewhere")


def _profile(visit: Visit, *, asked: str | None = None, fault: Fault | None = None) -> ProfilePage:
    current = visit.words.language
    return ProfilePage(
        layout=visit.layout(SETTINGS),
        tabs=tabs(visit.words, PROFILE),
        email=visit.profile.email,
        languages=tuple(
            Choice(language, _LANGUAGES[language], language == current) for language in LANGUAGES
        ),
        time_zone=visit.profile.time_zone if asked is None else asked,
        zones=zone_names(),
        now=visit.words.moment(visit.words.now),
        fault=fault,
    )


def _fault(refusal: Refused, words: Words) -> Fault:
    if isinstance(refusal, WrongPassword):
        return Fault("former", words.gettext("This is not your present password."))
    return Fault("password" if isinstance(refusal, UnfitPassword) else "former", sentence_of(refusal, words))


def _password(visit: Visit, fault: Fault | None = None, revoked: Collection[UUID] = ()) -> PasswordPage:
    words = visit.words
    with visit.session() as session:
        browsers = people.signed_in(session, visit.member.person_id, this=visit.cookie)
        tokens = people.api_tokens(session, visit.member)
    return PasswordPage(
        layout=visit.layout(SETTINGS),
        tabs=tabs(words, PASSWORD),
        email=visit.profile.email,
        browsers=tuple(
            BrowserLine(words.moment(browser.since), words.age(browser.seen_at), browser.is_this)
            for browser in browsers
        ),
        tokens=tuple(
            TokenLine(
                token.id,
                token.title,
                words.age(token.used_at) if token.used_at else "",
                token.id in revoked,
            )
            for token in tokens
        ),
        fault=fault,
    )
