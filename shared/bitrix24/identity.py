"""Asks the portal which person an access belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from shared.bitrix24 import portal_facts
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.errors import whole_answer_error
from shared.domain.errors import AccessLost
from shared.domain.snapshot import Reader


@dataclass(frozen=True, slots=True)
class Identity:
    """The person an access belongs to, with current rights, and the language of the portal."""

    reader: Reader
    language: str | None


def who_am_i(portal: Bitrix24) -> Reader:
    """The person the access belongs to. Raises as ``identify``."""
    return identify(portal).reader


def identify(portal: Bitrix24) -> Identity:
    """The person the access belongs to, and the language of the portal.

    Raises AccessLost when the portal does not name the person, and the errors of a refused call.
    """
    answers = portal.batch(portal_facts.first())
    me = answers[portal_facts.ME]
    if me.error is not None:
        raise whole_answer_error(me.error, method="profile")
    facts, reader, _ = portal_facts.take(answers, portal.access)
    if reader.id is None:
        raise AccessLost(error="nobody")
    return Identity(reader, facts.language)
