"""The additional commands of a full read.

They bring all attributes of list values of smart processes and invoices (an ordinary read has only id and text), and
labels in every language of CRMAP. A full read is an ordinary read followed by these commands. If an answer is missing,
its kind is partial, so that missing data is not reported as removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from shared.bitrix24 import field_settings
from shared.bitrix24.coerce import Attributes, required_text
from shared.bitrix24.commands import Answers, Command, Key
from shared.bitrix24.field_rows import classic_label_by_code, settings_label
from shared.bitrix24.listing import Listing, Reading, pages_for
from shared.bitrix24.rows import Row, translate_rows
from shared.bitrix24.verdicts import COMPLETE, Verdict, of_reading, partial, with_items
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import UserField

LANGUAGES = ("ru", "en")
_SETTINGS = "further_settings"

Labels = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The labels of one entity's fields in another language, by code, and the verdict on their list."""

    language: str
    labels: Labels
    verdict: Verdict


def rest(answers: Answers, language: str, classic_methods: Mapping[int, str]) -> list[Command]:
    """The commands that a full read still needs once the ordinary read in ``language`` is over."""
    commands = list(_values(answers, language))
    readings = field_settings.by_owner(answers, language)
    for other_language in _others(language):
        for number, method in classic_methods.items():
            if classic_key(number, language) in answers:
                commands += _classic(number, method, other_language).rest(answers)
        for listing, owners in _settings(answers, language, other_language):
            fields = sum(len(readings[owner].rows) for owner in owners)
            commands += listing.rest(answers, first=pages_for(fields))
    return commands


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
    """The labels of a classic entity in every other language that was asked for."""
    for other_language in _others(language):
        listing = _classic(number, method, other_language)
        if listing.key in answers:
            reading = listing.read(answers)
            yield InLanguage(other_language, _labels(reading, classic_label_by_code), of_reading(reading))


def of_settings(answers: Answers, owner: str, language: str) -> Iterator[InLanguage]:
    """The labels of an owner's fields in every other language that was asked for."""
    for other_language in _others(language):
        if not any(key.list == _SETTINGS and key.language == other_language for key in answers):
            continue
        for listing, owners in _settings(answers, language, other_language):
            if owner in owners and listing.key in answers:
                reading = listing.read(answers)
                owner_reading = replace(
                    reading, rows=tuple(row for row in reading.rows if row.get("entityId") == owner)
                )
                labels = _labels(
                    owner_reading,
                    lambda row: (required_text(row["fieldName"]), settings_label(row, Attributes())),
                )
                yield InLanguage(other_language, labels, of_reading(reading))


def named(
    fields: tuple[UserField, ...], verdict: Verdict, labels: Iterator[InLanguage]
) -> tuple[tuple[UserField, ...], Verdict]:
    """The fields with the labels of the other languages added, and the resulting verdict."""
    for translation in labels:
        fields = tuple(_also_named(field, translation) for field in fields)
        if verdict == COMPLETE:
            verdict = with_items(_together(fields, translation), len(fields))
    return fields, verdict


def _together(fields: tuple[UserField, ...], translation: InLanguage) -> Verdict:
    """The verdict on one language: partial if its list lacks fields, so that no label counts as removed."""
    gone = [field.code for field in fields if field.code not in translation.labels]
    if translation.verdict == COMPLETE and gone:
        return partial(ReasonCode.FIELDS_DISAGREE, ", ".join(gone[:10]))
    return translation.verdict


def _also_named(field: UserField, translation: InLanguage) -> UserField:
    label = translation.labels.get(field.code)
    return replace(field, labels={**field.labels, translation.language: label}) if label else field


def _others(language: str) -> list[str]:
    return [other for other in LANGUAGES if other != language]


def _values(answers: Answers, language: str) -> Iterator[Command]:
    """Commands for the values of list fields, whose descriptions have only id and text of each value."""
    for reading in field_settings.by_owner(answers, language).values():
        for row in reading.rows:
            if row.get("userTypeId") == "enumeration" and value_key(row) not in answers:
                yield value_command(row)


def _classic(number: int, method: str, language: str) -> Listing:
    return Listing(Key("further_fields", number, language), method, {"filter": {"LANG": language}})


def _settings(answers: Answers, language: str, other_language: str) -> Iterator[tuple[Listing, list[str]]]:
    """One list for each group of owners whose fields were listed, with the owners."""
    owners = [owner for owner, reading in field_settings.by_owner(answers, language).items() if reading.rows]
    for start in range(0, len(owners), field_settings.OWNERS_PER_LIST):
        share = owners[start : start + field_settings.OWNERS_PER_LIST]
        yield field_settings.list_of(Key(_SETTINGS, start, other_language), share, other_language), share


def _labels(reading: Reading, translate: Callable[[Row], tuple[str, str | None]]) -> Labels:
    return dict(translate_rows(reading.rows, translate)[0])
