"""Sentences: the English is in code and templates, the Russian in ``locale/ru.po``.

Facts replace ``{places}``. A part in ``[brackets]`` is left out if a fact in it is missing. ``make words`` brings
``ru.po`` up to the sentences; it finds those that are marked with ``N_`` or ``NP_`` or go to ``gettext`` or ``_``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.wording.catalogue import CONTEXT_END, russian, russian_form
from shared.wording.language import Language
from shared.wording.visible import visible

LONGEST_FACT = 200

_OPTIONAL = re.compile(r"\[([^\[\]]*\{\w+\}[^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)\}")
# What follows the user's number in a webhook's address is its password; an error text may quote the address.
_WEBHOOK_CODE = re.compile(r"(/rest/\d+/)[^/\s?\"']+")


def N_(sentence: str) -> str:  # noqa: N802 - the name gettext's tools know
    """The sentence itself, marked for the catalogue."""
    return sentence


def NP_(context: str, sentence: str) -> str:  # noqa: N802 - gettext's pgettext, as N_ is its gettext
    """A sentence marked for the catalogue whose Russian depends on a context; ``say`` takes it like any other."""
    return f"{context}{CONTEXT_END}{sentence}"


def say(sentence: str, language: Language, /, **facts: object) -> str:
    """The sentence in this language, with its facts inserted unchanged.

    Facts from outside go through ``cleaned`` first, unless a document or a page makes the whole text harmless later.
    Raises KeyError for a place outside of brackets that has no fact.
    """
    return _fill(_translated(sentence, language), facts)


def say_number(one: str, many: str, count: int, language: Language, /, **facts: object) -> str:
    """The sentence that fits a number, which replaces ``{count}``: ``one`` in the singular, ``many`` in the plural."""
    forms = russian().get(one, ()) if language == "ru" else ()
    sentence = forms[russian_form(count)] if forms else one if count == 1 else many
    return _fill(sentence, {"count": count, **facts})


def cleaned(facts: Mapping[str, object]) -> dict[str, str]:
    """Facts from outside as a sentence may show them: visible, short and without the codes of webhooks."""
    return {name: _cleaned(str(fact)) for name, fact in facts.items()}


def shortened(text: str) -> str:
    """At most ``LONGEST_FACT`` characters of the text, and a sign that there are more."""
    return text if len(text) <= LONGEST_FACT else f"{text[:LONGEST_FACT]}…"


def quoted(text: str, language: Language) -> str:
    """A name from a portal, made visible and set in the quotation marks of the language."""
    return say(N_("“{name}”"), language, name=visible(text))


def _translated(sentence: str, language: Language) -> str:
    forms = russian().get(sentence) if language == "ru" else None
    return forms[0] if forms else sentence.rpartition(CONTEXT_END)[2]


def _fill(sentence: str, facts: Mapping[str, object]) -> str:
    def optional(match: re.Match[str]) -> str:
        missing = any(facts.get(name) in (None, "") for name in _PLACE.findall(match[1]))
        return "" if missing else match[1]

    return _PLACE.sub(lambda match: str(facts[match[1]]), _OPTIONAL.sub(optional, sentence))


def _cleaned(fact: str) -> str:
    text = visible(_WEBHOOK_CODE.sub(r"\1…", fact)).strip()
    if len(text) <= LONGEST_FACT:
        return text
    # Facts are mostly lists of codes, and half a code would be another code.
    whole_words, blank, _ = text[:LONGEST_FACT].rpartition(" ")
    return f"{whole_words if blank else text[:LONGEST_FACT]}…"
