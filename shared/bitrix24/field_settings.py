"""The settings of user fields of smart processes and invoices (``userfieldconfig.list``), owner by owner.

One list can have many owners in its filter. In the first batch the numbers of smart processes are not known yet, so
references stand for them, which the portal replaces by values of an earlier answer of the batch. Later lists have the
numbers themselves. An owner whose fields did not come gets a list of its own, so that one faulty owner does not affect
the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.bitrix24 import entity_types, field_descriptions
from shared.bitrix24.commands import Answers, Command, Key
from shared.bitrix24.entity_numbers import BUILT_IN, ON_DEMAND, SMART_DOCUMENT, SMART_INVOICE
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.rows import Row

METHOD = "userfieldconfig.list"
OWNERS_PER_LIST = 30
# Pages of a list whose total nobody knows: 200 fields.
FIRST_PAGES = 4

_SHARED = Key("settings")
_FIXED_OWNERS = {
    BUILT_IN[SMART_INVOICE].field_owner: SMART_INVOICE,
    ON_DEMAND[SMART_DOCUMENT].field_owner: SMART_DOCUMENT,
}


def first(language: str, pages: int) -> list[Command]:
    """The commands of the first batch. The server drops a reference that it cannot resolve."""
    references = [
        f"CRM_$result[{entity_types.TYPES.key.text}][types][{row}][id]" for row in range(OWNERS_PER_LIST)
    ]
    return _shared_list(references, language).first(pages)


def rest(answers: Answers, language: str) -> list[Command]:
    """Further pages and owners not named yet; then one list for each owner whose fields did not come."""
    if _closed(answers) or not entity_types.known_whole(answers):
        return []
    # References work inside their own batch only, so further pages of the same list name the owners literally.
    commands = _shared_list(_named(answers), language).rest(answers)
    for listing, _ in _literal_lists(answers, language):
        commands += listing.rest(answers, first=FIRST_PAGES)
    if commands:
        return commands
    for owner in _doubtful(answers, language):
        commands += _alone(owner, language).rest(answers)
    return commands


def by_owner(answers: Answers, language: str) -> dict[str, Reading]:
    """The settings of every owner that could be named. A list of one owner wins over a list of several."""
    readings: dict[str, Reading] = {}
    for listing, named in _lists(answers, language):
        if listing.key not in answers:
            continue
        reading = listing.read(answers)
        rows: dict[str, list[Row]] = defaultdict(list)
        strays = 0
        for row in reading.rows:
            owner = row.get("entityId")
            if isinstance(owner, str):
                rows[owner].append(row)
            else:
                strays += 1
        for owner in named:
            readings[owner] = _share(reading, tuple(rows[owner]), strays)
    return readings


def owners(answers: Answers) -> dict[str, int]:
    """The owners whose fields this method lists, each with its entity type id."""
    return {**_FIXED_OWNERS, **entity_types.owners(answers)}


def refusal(answers: Answers) -> Reading:
    """A reading with an error, for an owner that no list named: the method's refusal, else missing rights."""
    opening = answers.get(_SHARED)
    error = opening.error if opening is not None else None
    return Reading(METHOD, (), error=error or PortalError(Fault.RIGHTS))


def _share(reading: Reading, owner_rows: tuple[Row, ...], strays: int) -> Reading:
    """One owner's part of a list. Rows missing from the list may belong to any owner, so each part lacks them."""
    if reading.error is None and strays:
        return Reading(METHOD, owner_rows, error=PortalError(Fault.SHAPE))
    missing = max(0, (reading.total or 0) - len(reading.rows))
    return Reading(METHOD, owner_rows, len(owner_rows) + missing, reading.error, reading.contradicted)


def _closed(answers: Answers) -> bool:
    """True when the portal refuses the settings to this reader: other lists would be refused as well."""
    opening = answers.get(_SHARED)
    return opening is None or (
        opening.error is not None and opening.error.fault not in (Fault.OTHER, Fault.SHAPE)
    )


def _lists(answers: Answers, language: str) -> Iterator[tuple[Listing, Sequence[str]]]:
    """Every list that may have been read, with the owners it covers. Lists of one owner come last."""
    named = _named(answers)
    yield _shared_list(named, language), [*_FIXED_OWNERS, *named]
    yield from _literal_lists(answers, language)
    for owner in owners(answers):
        yield _alone(owner, language), [owner]


def _named(answers: Answers) -> list[str]:
    """The owners that the references of the first batch reached; empty if nothing shows that any was resolved."""
    reached = entity_types.by_reference(answers).items()
    named = dict.fromkeys(f"CRM_{row.type_id}" for place, row in reached if place < OWNERS_PER_LIST)
    is_proven = field_descriptions.references_work(answers) or any(
        str(row.get("entityId")) in named for row in Listing(_SHARED, METHOD, id_key="id").read(answers).rows
    )
    return list(named) if is_proven else []


def _literal_lists(answers: Answers, language: str) -> Iterator[tuple[Listing, Sequence[str]]]:
    named = set(_named(answers))
    unnamed = [owner for owner in entity_types.owners(answers) if owner not in named]
    for start in range(0, len(unnamed), OWNERS_PER_LIST):
        share = unnamed[start : start + OWNERS_PER_LIST]
        yield list_of(Key("settings_list", start), share, language), share


def _doubtful(answers: Answers, language: str) -> Iterator[str]:
    """Owners whose list failed, or whose description has user fields that the list lacks."""
    readings = by_owner(answers, language)
    descriptions = field_descriptions.answers_by_type(answers)
    for owner, entity_type_id in owners(answers).items():
        reading = readings.get(owner)
        codes = field_descriptions.user_field_codes(descriptions.get(entity_type_id))
        listed_codes = {str(row.get("fieldName")) for row in reading.rows} if reading is not None else set()
        failed = reading is None or not reading.whole
        if (codes is None and failed and owner not in _FIXED_OWNERS) or (
            codes and (failed or not codes <= listed_codes)
        ):
            yield owner


def _shared_list(owners_named: Sequence[str], language: str) -> Listing:
    return list_of(_SHARED, [*_FIXED_OWNERS, *owners_named], language)


def _alone(owner: str, language: str) -> Listing:
    return list_of(replace(_SHARED, owner=owner), [owner], language)


def list_of(key: Key, owners: Sequence[str], language: str) -> Listing:
    """The list of these owners' fields with labels in ``language``.

    The filter key must be ``entityId``: the server silently ignores variants with a prefix.
    """
    params = {
        "moduleId": "crm",
        "select": {"0": "*", "language": language},
        "order": {"id": "ASC"},
        "filter": {"entityId": list(owners)},
    }
    return Listing(key, METHOD, params, "id")
