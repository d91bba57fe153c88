"""What the fewest calls leave unread, for whoever asks for a full read.

That is what list values of smart processes and invoices have beside their text, and labels in every language CRMAP
speaks. A full read is an ordinary one with these commands after it. What was asked for and did not come makes its
kind partial, so that it never passes for something that was removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from shared.bitrix24 import field_settings
from shared.bitrix24.coerce import Attributes, required_text
from shared.bitrix24.commands import Answers, Command, Key
from shared.bitrix24.field_rows import classic_label, settings_label
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.rows import Row, understood
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_reading, partial, with_items
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import UserField

LANGUAGES = ("ru", "en")
_SETTINGS = "further_settings"

Labels = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The labels of one entity's fields in a further language, by code, and how well their list was read."""

    language: str
    labels: Labels
    verdict: Verdict


def rest(answers: Answers, language: str, classic_methods: Mapping[int, str]) -> list[Command]:
    """What is still to be asked for beyond an ordinary read in ``language``, once that is over."""
    wanted = list(_values(answers, language))
    for other in _others(language):
        for number, method in classic_methods.items():
            if classic_key(number, language) in answers:
                wanted += _classic(number, method, other).rest(answers)
        for listing, _ in _settings(answers, language, other):
            wanted += listing.rest(answers, first=field_settings.FIRST_PAGES)
    return wanted


def classic_key(number: int, language: str) -> Key:
    """The key of the list of a classic entity's fields with labels in ``language``."""
    return Key("fields", number, language)


def value_key(row: Row) -> Key:
    """The key under which the field of this row is asked for its values."""
    return Key("values", str(row.get("id")))


def value_command(row: Row) -> Command:
    """Asks the field of this row for its values."""
    return Command(value_key(row), "userfieldconfig.get", {"moduleId": "crm", "id": row.get("id")})


def of_classic(answers: Answers, number: int, method: str, language: str) -> Iterator[InLanguage]:
    """The labels of a classic entity in every further language that was asked for."""
    for other in _others(language):
        listing = _classic(number, method, other)
        if listing.key in answers:
            reading = listing.read(answers)
            labels = _labels(
                reading, lambda row: (required_text(row["FIELD_NAME"]), classic_label(row, Attributes()))
            )
            yield InLanguage(other, labels, of_reading(reading))


def of_settings(answers: Answers, owner: str, language: str) -> Iterator[InLanguage]:
    """The labels of an owner's fields in every further language that was asked for."""
    for other in _others(language):
        if not any(key.list == _SETTINGS and key.language == other for key in answers):
            continue
        for listing, owners in _settings(answers, language, other):
            if owner in owners and listing.key in answers:
                reading = listing.read(answers)
                mine = replace(
                    reading, rows=tuple(row for row in reading.rows if row.get("entityId") == owner)
                )
                labels = _labels(
                    mine, lambda row: (required_text(row["fieldName"]), settings_label(row, Attributes()))
                )
                yield InLanguage(other, labels, of_reading(reading))


def named(
    fields: tuple[UserField, ...], verdict: Verdict, labels: Iterator[InLanguage]
) -> tuple[tuple[UserField, ...], Verdict]:
    """The fields with their labels in further languages too, and how completely they are known by that."""
    for more in labels:
        fields = tuple(_also_named(field, more) for field in fields)
        if verdict == COMPLETE:
            verdict = with_items(_together(fields, more), len(fields))
    return fields, verdict


def _together(fields: tuple[UserField, ...], more: InLanguage) -> Verdict:
    """A field that is gone by the time of the further list has lost no label."""
    gone = [field.code for field in fields if field.code not in more.labels]
    if more.verdict == COMPLETE and gone:
        return partial(ReasonCode.FIELDS_DISAGREE, ", ".join(gone[:10]))
    return more.verdict


def _also_named(field: UserField, more: InLanguage) -> UserField:
    label = more.labels.get(field.code)
    return replace(field, labels={**field.labels, more.language: label}) if label else field


def _others(language: str) -> list[str]:
    return [other for other in LANGUAGES if other != language]


def _values(answers: Answers, language: str) -> Iterator[Command]:
    """Lists whose descriptions tell id and text of each value only."""
    for reading in field_settings.by_owner(answers, language).values():
        for row in reading.rows:
            if row.get("userTypeId") == "enumeration" and value_key(row) not in answers:
                yield value_command(row)


def _classic(number: int, method: str, language: str) -> Listing:
    return Listing(Key("further_fields", number, language), method, {"filter": {"LANG": language}})


def _settings(answers: Answers, language: str, other: str) -> Iterator[tuple[Listing, list[str]]]:
    """The owners whose fields were listed, by as many as one list takes."""
    owners = [owner for owner, reading in field_settings.by_owner(answers, language).items() if reading.rows]
    for start in range(0, len(owners), field_settings.OWNERS_PER_LIST):
        share = owners[start : start + field_settings.OWNERS_PER_LIST]
        yield field_settings.list_of(Key(_SETTINGS, start, other), share, other), share


def _labels(reading: Reading, translate: Callable[[Row], tuple[str, str | None]]) -> Labels:
    return dict(understood(reading.rows, translate)[0])
