"""The two languages CRMAP speaks, and how a sentence takes up its facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from shared.wording.visible import visible

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

LONGEST_FACT = 200

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)\}")
# What follows the user's number in a webhook's address is its password; an error text may quote the address.
_WEBHOOK_CODE = re.compile(r"(/rest/\d+/)[^/\s?\"']+")


def fill(sentence: str, facts: Mapping[str, str]) -> str:
    """The sentence with ``{name}`` replaced by its fact; a part in ``[brackets]`` goes without its fact.

    Facts may come from a portal: they are made visible, shortened and cleared of webhook codes.
    """

    def place(match: re.Match[str]) -> str:
        return _shown(facts.get(match[1], ""))

    def optional(match: re.Match[str]) -> str:
        known = all(facts.get(name) for name in _PLACE.findall(match[1]))
        return match[1] if known else ""

    return _PLACE.sub(place, _OPTIONAL.sub(optional, sentence)).strip()


def quoted(text: str, language: Language) -> str:
    """A name from a portal, made visible and set in the quotation marks of the language."""
    return f"«{visible(text)}»" if language == "ru" else f"“{visible(text)}”"


def _shown(fact: str) -> str:
    text = visible(_WEBHOOK_CODE.sub(r"\1…", fact)).strip()
    if len(text) <= LONGEST_FACT:
        return text
    # Facts are lists of codes mostly, and half a code is another code.
    whole_words, blank, _ = text[:LONGEST_FACT].rpartition(" ")
    return f"{whole_words if blank else text[:LONGEST_FACT]}…"
