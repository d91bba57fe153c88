"""What pages say, in the visitor's language: sentences through gettext, dates and ages through Babel.

Sentences stand in English in templates and code, their Russian in ``locale/ru.po``. That file is read at the start of
the process, so there is no compiled one that could be out of date. ``make words`` brings it up to the sources.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shared.wording.errors import code_sentence
from shared.wording.language import Language

LOCALE = Path(__file__).parent.parent / "locale"


def N_(sentence: str) -> str:  # noqa: N802 - the name by which gettext's tools know a sentence that is said later
    """The sentence itself, which is said in a visitor's language later."""
    return sentence


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The sentences of a language."""
    source = LOCALE / f"{language}.po"
    if not source.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Words:
    """How one visitor is spoken to. ``now`` is the moment ages are told from."""

    language: Language
    zone: tzinfo
    now: datetime

    def gettext(self, sentence: str, /, **facts: object) -> str:
        """The sentence in the visitor's language, its ``%(places)s`` filled."""
        said = catalogue(self.language).gettext(sentence)
        return said % facts if facts else said

    def ngettext(self, one: str, many: str, number: int, /) -> str:
        """The sentence that fits the number, which stands at ``%(num)s``."""
        return catalogue(self.language).ngettext(one, many, number) % {"num": number}

    def moment(self, at: datetime) -> str:
        """A moment in the visitor's zone, to the minute; the English way leaves no doubt which number is the month."""
        there = at.astimezone(self.zone)
        return f"{there:%d.%m.%Y %H:%M}" if self.language == "ru" else f"{there:%Y-%m-%d %H:%M}"

    def problem(self, code: str, next_read_at: datetime | None) -> str:
        """Why a portal could not be read and what to do; until when, where the portal asked for a pause."""
        return code_sentence(code, self.language, until=self.moment(next_read_at) if next_read_at else "")

    def age(self, at: datetime) -> str:
        """How long ago that was, in words."""
        ago = max(self.now - at, timedelta(seconds=1))
        return format_timedelta(-ago, threshold=1, add_direction=True, locale=self.language)


def zone_of(name: str) -> tzinfo:
    """The time zone of this name; UTC for a name that is not known any more."""
    return ZoneInfo(name) if name in zone_names() else UTC


@cache
def zone_names() -> tuple[str, ...]:
    """The time zones a person may choose, by name."""
    places = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(places)))
