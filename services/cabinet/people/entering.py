"""Signing in, up and out, and the choice of the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, Form, Response

from services.cabinet.base import forms
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.forms import Fault
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import (
    LANGUAGE,
    SESSION,
    Anybody,
    Stranger,
    Visiting,
    cookie_of,
    forget_cookie,
    go_to,
    session_cookie,
    set_cookie,
    signed_in,
)
from services.cabinet.base.words import Sentences
from services.cabinet.people import known_browsers, signing_in
from services.cabinet.people.guessing import Sender, WrongPassword
from services.cabinet.people.passwords import SHORTEST, TooManyAtOnce
from services.cabinet.people.signing_in import EmailTaken, Entry, UnfitEmail, UnfitPassword
from shared.db import people
from shared.domain.errors import Refused
from shared.domain.refusals import TooManyTries
from shared.refusal_route import headers_of
from shared.wording.language import Language
from shared.wording.sentences import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# The field of the form that each refusal is about.
_FIELDS: Final[Mapping[type[Refused], str]] = {
    WrongPassword: "password",
    TooManyTries: "",
    TooManyAtOnce: "",
    EmailTaken: "email",
    UnfitEmail: "email",
    UnfitPassword: "password",
}
_SENTENCES: Final[Mapping[type[Refused], str]] = {
    WrongPassword: N_("Wrong e-mail or password."),
    TooManyAtOnce: N_("Too many people are signing in right now. Try again in a few seconds."),
    EmailTaken: N_("There is a cabinet for this e-mail already. Sign in instead."),
    UnfitEmail: N_("This is not an e-mail address. It looks like name@example.com."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """The form for signing in; ``next`` is the address to go to afterwards."""

    template: ClassVar[str] = "people/sign_in.html"

    email: str = ""
    next: str = forms.HOME
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpPage(Page):
    """The form that makes a person and a cabinet."""

    template: ClassVar[str] = "people/sign_up.html"

    email: str = ""
    fault: Fault | None = None
    shortest_password: int = SHORTEST


@router.get("/")
def home() -> Response:
    """A redirect to the accounts, which sends a visitor to sign in if needed."""
    return go_to(forms.HOME)


@router.get("/sign-in")
def sign_in_page(visitor: Anybody, next: str = forms.HOME) -> Response:  # noqa: A002 - as the address has it
    """The form for signing in."""
    return visitor.show(SignInPage(layout=visitor.layout("sign-in"), next=forms.own_path(next)))


@router.post("/sign-in")
def sign_in(
    visitor: Anybody,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = forms.HOME,  # noqa: A002 - as the form has it
) -> Response:
    """A new session, and a redirect to the page that was asked for."""
    sender = Sender(visitor.place, cookie_of(visitor.request, visitor.service, known_browsers.COOKIE))
    try:
        entry = signing_in.sign_in(visitor.service, email=email, password=password, sender=sender)
    except Refused as refused:
        page = SignInPage(
            layout=visitor.layout("sign-in"),
            email=email,
            next=forms.own_path(next),
            fault=_fault(refused, visitor.words),
        )
        return _shown_again(visitor, page, refused)
    return _entered(visitor, entry, forms.own_path(next))


@router.get("/sign-up")
def sign_up_page(visitor: Anybody) -> Response:
    """The form that makes a cabinet."""
    return visitor.show(SignUpPage(layout=visitor.layout("sign-up")))


@router.post("/sign-up")
def sign_up(
    visitor: Anybody, email: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """A new person with his own cabinet, signed in; his language is the one he signed up in."""
    service = visitor.service
    try:
        entry = signing_in.sign_up(service, email=email.strip(), password=password, place=visitor.place)
    except Refused as refused:
        fault = _fault(refused, visitor.words)
        return _shown_again(
            visitor, SignUpPage(layout=visitor.layout("sign-up"), email=email, fault=fault), refused
        )
    person_id = signed_in(service, entry.session)
    if person_id is not None:
        with service.db.session(person=person_id) as session:
            people.save_profile(session, person_id, language=visitor.words.language)
    return _entered(visitor, entry, forms.HOME)


@router.post("/sign-out")
def sign_out(visit: Visiting) -> Response:
    """The session is over in this browser and on the server."""
    signing_in.sign_out(visit.service, visit.cookie)
    response = go_to("/sign-in", done="signed_out")
    forget_cookie(visit.service, response, SESSION)
    return response


@router.post("/language")
def choose_language_before_signing_in(
    visitor: Anybody,
    lang: Annotated[Language, Form()],
    next: Annotated[str, Form()] = "/sign-in",  # noqa: A002
) -> Response:
    """In this browser the pages before signing in are in this language."""
    response = go_to(next if next in ("/sign-in", "/sign-up") else "/sign-in")
    set_cookie(visitor.service, response, LANGUAGE, lang)
    return response


@router.post("/settings/language")
def choose_language(
    visit: Visiting,
    lang: Annotated[Language, Form()],
    next: Annotated[str, Form()] = forms.HOME,  # noqa: A002
) -> Response:
    """The person's pages are in this language from now on, in every browser."""
    with visit.session() as session:
        people.save_profile(session, visit.member.person_id, language=lang)
    response = go_to(forms.own_path(next))
    set_cookie(visit.service, response, LANGUAGE, lang)
    return response


def _entered(visitor: Stranger, entry: Entry, path: str) -> Response:
    response = go_to(path)
    former = session_cookie(visitor.request, visitor.service)
    if former:
        signing_in.sign_out(visitor.service, former)
    set_cookie(visitor.service, response, SESSION, entry.session)
    set_cookie(visitor.service, response, known_browsers.COOKIE, entry.known, known_browsers.KNOWN_FOR)
    return response


def _shown_again(visitor: Stranger, page: Page, refusal: Refused) -> Response:
    return visitor.show(page, refusal.status, headers_of(refusal))


def _fault(refusal: Refused, words: Sentences) -> Fault:
    return Fault(_FIELDS[type(refusal)], sentence_of(refusal, words))


def sentence_of(refusal: Refused, words: Sentences) -> str:
    """The sentence for what a form with a password was refused for."""
    if isinstance(refusal, TooManyTries):
        minutes = -(-int(refusal.facts["seconds"]) // 60)
        return words.ngettext(
            "Too many tries. Try again in {count} minute.",
            "Too many tries. Try again in {count} minutes.",
            minutes,
        )
    if isinstance(refusal, UnfitPassword):
        return words.gettext("A password needs at least {shortest} characters.", shortest=SHORTEST)
    return words.gettext(_SENTENCES[type(refusal)])
