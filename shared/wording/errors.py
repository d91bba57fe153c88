"""What went wrong and what to do about it, for each error of ``shared.domain.errors``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from shared.domain import errors, refusals
from shared.wording.language import Language
from shared.wording.sentences import N_, cleaned, say

_SENTENCES: Final[Mapping[type[errors.CrmapError], str]] = {
    errors.CrmapError: N_("Something went wrong. Try again later; if that repeats, tell us."),
    errors.Transient: N_("It did not work this time. Try again later, nothing needs mending."),
    errors.RateLimited: N_("The portal asks for fewer requests. Try again in a few minutes."),
    errors.MethodPaused: N_(
        "The portal paused the request[ {method}][ until {until}], which has used up its time. "
        "Try again in ten minutes."
    ),
    errors.TokenExpired: N_(
        "The access key to the portal has expired. CRMAP renews it by itself: try again in a minute."
    ),
    errors.RenewalUnderWay: N_(
        "The access key to the portal is just being renewed. CRMAP reads again by itself in a minute; if that "
        "does not help, open the application on the portal."
    ),
    errors.AuthorizationAway: N_(
        "The authorization server of Bitrix24 does not answer, and without it the portal cannot be read. CRMAP "
        "reads again by itself when it does; nothing needs mending."
    ),
    errors.Unreachable: N_(
        "The portal[ {host}] cannot be reached[: {what}]. Check the address and open the portal in "
        "a browser; if it opens there, try again later."
    ),
    errors.BadAnswer: N_(
        "The portal sent something else than a REST answer[: {what}][ (HTTP {status})][, beginning with "
        "“{start}”]. Check the address of the webhook; if it is right, try again later: the portal may be under "
        "maintenance."
    ),
    errors.Permanent: N_(
        "The portal cannot be read until something is changed. Check the connection on the portal."
    ),
    errors.AccessLost: N_(
        "The portal does not accept this webhook or access key[ ({error})]. Create a new webhook as an "
        "administrator or open the application on the portal to connect it anew."
    ),
    errors.SubscriptionEnded: N_(
        "REST is available only on commercial plans of Bitrix24, and the subscription of this "
        "portal has ended. Renew it: reading resumes by itself."
    ),
    errors.PortalBlocked: N_("Bitrix24 has closed REST for this portal. Ask Bitrix24 support to open it."),
    errors.PortalGone: N_(
        "The portal answers that it is closed or deleted[ ({error})]. If it opens in a browser, try again later; "
        "if it has moved, connect the new address. CRMAP asks a connected portal by itself at least once a day."
    ),
    errors.ApplicationRemoved: N_(
        "The authorization server of Bitrix24 says that the application is not in this portal any more"
        "[ ({error})]. Install it in the portal again to have reading go on."
    ),
    errors.ClientRefused: N_(
        "The authorization server of Bitrix24 does not accept the application of this portal[ ({error})]: the "
        "application was removed or its secret changed. Install the application again, or give the new secret to "
        "whoever runs CRMAP. CRMAP tries again by itself."
    ),
    errors.PortalMoved: N_(
        "The portal has another address now[: {host}]. Nothing was sent there. "
        "If the address is right, connect a webhook with it, or open the application there."
    ),
    errors.RightsMissing: N_(
        "The person CRMAP reads as has no rights to do this[ ({error})]. "
        "Connect with a webhook of an administrator and tick its permission “CRM” (crm)."
    ),
    errors.RequestRejected: N_(
        "The portal calls our request wrong[ ({error})]. The fault is ours: please send us this text."
    ),
    errors.WorkerLost: N_(
        "Reading this portal has ended several times with the death of the process that did it. The fault is "
        "ours: please tell us. CRMAP tries again once a day."
    ),
    errors.Refused: N_("CRMAP does not do this. Check what you have given."),
    errors.NotAWebhookUrl: N_(
        "This is not the address of an incoming webhook. It looks like https://portal/rest/1/code/ "
        "— copy it on the portal under “Developer resources” → “Inbound webhook”."
    ),
    errors.InsecureAddress: N_(
        "The address is not encrypted: anybody could see the data and the webhook. Give an address "
        "that begins with https://."
    ),
    errors.PrivateAddress: N_(
        "The address[ {host}] leads into a private network, where CRMAP does not go. "
        "Give an address that is reachable from the internet."
    ),
    refusals.TooManyAccounts: N_(
        "This cabinet has as many accounts as it may have[: {most}]. Unlink one that is not needed, or ask whoever "
        "runs CRMAP for more."
    ),
    refusals.TooManyRefreshes: N_(
        "This cabinet has asked for very many refreshes within a minute. Try again later[: in {seconds} s]; what was "
        "asked for is being read."
    ),
    errors.NotASpecification: N_(
        "This is not a CRMAP specification in JSON, version 1[: {what}][, at {where}]. "
        "Save one anew: crmap spec URL --format json."
    ),
    refusals.TooManyDocuments: N_(
        "Several documents are being made for you already. Wait until they are there, then ask for the next one."
    ),
}

_KEPT: Final = N_("What was read before stays.")

# Sentences for what came instead of a valid answer.
_BAD_ANSWERS: Final[Mapping[str, str]] = {
    "no_portal": N_(
        "There is no Bitrix24 REST at this address: the server answered “not found” (HTTP {status})[, "
        "beginning with “{start}”]. Check the name of the portal in the address of the webhook."
    ),
    "password": N_(
        "The portal's server asks for a password before Bitrix24 is reached (HTTP {status})[, beginning with "
        "“{start}”]. Ask the administrator of the server to open the path /rest/ without it."
    ),
    "firewall": N_(
        "A firewall turned the request away (HTTP {status})[, beginning with “{start}”]. Ask the administrator "
        "of the server to let CRMAP reach /rest/."
    ),
    "php": N_(
        "The portal's server sent a message of PHP instead of an answer[ (HTTP {status})][: “{start}”]. Show it "
        "to the administrator of the server."
    ),
    "redirect_here": N_(
        "The portal sends the request to another address of its own[: {start}][ (HTTP {status})]. Copy the "
        "address of the webhook from the portal again; if it is the same, check the redirects of the portal's server."
    ),
}

_WHAT: Final[Mapping[tuple[type[errors.CrmapError], str], str]] = {
    (errors.Unreachable, "name"): N_("its name is not known"),
    (errors.Unreachable, "refused"): N_("it refused the connection"),
    (errors.Unreachable, "silent"): N_("it did not answer in time"),
    (errors.Unreachable, "slow"): N_("its answer came too slowly"),
    (errors.Unreachable, "cut"): N_("the connection was cut"),
    (errors.Unreachable, "tls"): N_("its certificate was not accepted"),
    (errors.Unreachable, "other"): N_("there is no connection"),
    (errors.BadAnswer, "page"): N_("a web page"),
    (errors.BadAnswer, "empty"): N_("an empty answer"),
    (errors.BadAnswer, "not_json"): N_("text that is not JSON"),
    (errors.BadAnswer, "shape"): N_("JSON of another shape"),
    (errors.BadAnswer, "too_large"): N_("an answer that is too large"),
    (errors.BadAnswer, "encoding"): N_("an answer packed in an unknown way"),
    (errors.BadAnswer, "redirect"): N_("a redirect to another page"),
    (errors.BadAnswer, "server"): N_("an error of its server"),
    (errors.NotASpecification, "json"): N_("the text is not JSON"),
    (errors.NotASpecification, "format"): N_("another format"),
    (errors.NotASpecification, "version"): N_("an unknown version"),
    (errors.NotASpecification, "missing"): N_("a key is missing"),
    (errors.NotASpecification, "type"): N_("a value of the wrong kind"),
}


def error_sentence(error: errors.CrmapError, language: Language) -> str:
    """What happened and what to do; an error without its own sentence has that of its nearest ancestor."""
    kind = next(kind for kind in type(error).__mro__ if kind in _SENTENCES)
    what = error.facts.get("what", "")
    sentence = _BAD_ANSWERS.get(what, _SENTENCES[kind]) if kind is errors.BadAnswer else _SENTENCES[kind]
    phrase = _WHAT.get((kind, what))
    facts = {**error.facts, "what": say(phrase, language) if phrase else ""}
    return say(sentence, language, **cleaned(facts))


def code_sentence(code: str, language: Language, *, until: str = "", was_read: bool = False) -> str:
    """The sentence of an error whose code was stored; an unknown code gets the most general sentence.

    ``until`` is when the portal answers again, as text in the reader's format, for a sentence that names it.
    ``was_read``: something was read before, which whoever has to act may fear for.
    """
    sentence = error_sentence(_kind(code)(until=until), language)
    return f"{sentence} {say(_KEPT, language)}" if was_read and lasts(code) else sentence


def lasts(code: str) -> bool:
    """True for an error that ends only when somebody acts."""
    return issubclass(_kind(code), errors.Permanent)


def _kind(code: str) -> type[errors.CrmapError]:
    return _kinds().get(code, errors.CrmapError)


@cache
def _kinds() -> Mapping[str, type[errors.CrmapError]]:
    kinds: dict[str, type[errors.CrmapError]] = {}
    pending = [errors.CrmapError]
    while pending:
        kind = pending.pop()
        # A subclass without its own code has its ancestor's sentence; the ancestor came first.
        kinds.setdefault(kind.code, kind)
        pending += kind.__subclasses__()
    return kinds
