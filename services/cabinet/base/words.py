"""Texts of pages in the visitor's language: sentences from the catalogue, dates and ages through Babel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_timedelta

from shared.wording.errors import code_sentence
from shared.wording.language import Language
from shared.wording.sentences import say, say_number


@dataclass(frozen=True, slots=True)
class Sentences:
    """The visitor's language. Where somebody is only told something, that is all there is to know about him."""

    language: Language

    def gettext(self, sentence: str, /, **facts: object) -> str:
        """The sentence in the visitor's language, its ``{places}`` filled."""
        return say(sentence, self.language, **facts)

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """The sentence in the form that fits the number, which replaces ``{count}``."""
        return say_number(one, many, count, self.language)


@dataclass(frozen=True, slots=True)
class Words(Sentences):
    """The visitor's language and time zone. ``now`` is the moment that ages are counted from."""

    zone: tzinfo
    now: datetime

    def moment(self, at: datetime) -> str:
        """A moment in the visitor's zone, to the minute; in English as year-month-day, which cannot be misread."""
        local = at.astimezone(self.zone)
        return f"{local:%d.%m.%Y %H:%M}" if self.language == "ru" else f"{local:%Y-%m-%d %H:%M}"

    def problem(self, code: str, next_read_at: datetime | None, *, was_read: bool = False) -> str:
        """Why a portal could not be read and what to do; with the end of the pause if the portal asked for one.

        ``was_read``: it also says that what was read before stays.
        """
        until = self.moment(next_read_at) if next_read_at else ""
        return code_sentence(code, self.language, until=until, was_read=was_read)

    def age(self, at: datetime) -> str:
        """How long ago that was, in words."""
        ago = max(self.now - at, timedelta(seconds=1))
        return format_timedelta(-ago, threshold=1, add_direction=True, locale=self.language)


def zone_of(name: str) -> tzinfo:
    """The time zone of this name; UTC for an unknown name."""
    return ZoneInfo(name) if name in zone_names() else UTC


@cache
def zone_names() -> tuple[str, ...]:
    """The time zones a person may choose, by name."""
    places = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(places)))
