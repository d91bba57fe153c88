"""Reads stages and reference lists. Both are rows of one table; the directory of a row says which it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from shared.bitrix24.coerce import (
    MISSING,
    Attributes,
    Odd,
    color,
    flag,
    integer,
    required_integer,
    required_text,
    text,
)
from shared.bitrix24.commands import Answers, Command, Key
from shared.bitrix24.entity_numbers import StageDirectory, key_of, stage_directory
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.row_names import row_name
from shared.bitrix24.rows import Row, translate_rows
from shared.bitrix24.verdicts import COMPLETE, Verdict, combined_verdict, of_reading, partial
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import Dictionary, DictionaryItem, Meaning, Pipeline, Stage
from shared.domain.stages import split_orphans

METHOD = "crm.status.list"
DIRECTORIES_METHOD = "crm.status.entity.types"
_ORDER = {"ENTITY_ID": "ASC", "SORT": "ASC"}
_DIRECTORIES = Listing(Key("directories"), DIRECTORIES_METHOD)
# Without a filter one answer brings the whole table.
_TABLE = Listing(Key("statuses"), METHOD, {"order": _ORDER})
_DIRECTORY_NAME = re.compile(r"[A-Za-z0-9_]{1,50}")


def first() -> list[Command]:
    """The commands of the first batch."""
    return [*_DIRECTORIES.first(), *_TABLE.first()]


def rest(answers: Answers) -> list[Command]:
    """Further pages; then one command for each directory whose rows did not come with the table.

    Every stage directory has at least a success and a failure stage, so a directory without rows was left out. If
    rows of the table are missing, any directory may lack some.
    """
    if _TABLE.key not in answers:
        return first()
    table = _TABLE.read(answers)
    if pages := [*_DIRECTORIES.rest(answers), *(_TABLE.further(answers) if table.error is None else ())]:
        return pages
    if table.error is not None and table.error.fault not in (Fault.OTHER, Fault.SHAPE):
        return []
    present = {str(row.get("ENTITY_ID")) for row in table.rows} if table.whole else set()
    names = stage_directories(answers) if present else _directory_names(answers)
    return [command for name in names if name not in present for command in _table_of(name).rest(answers)]


def directories(answers: Answers) -> Reading:
    """The list of all directories, which names every pipeline and needs no rights."""
    return _DIRECTORIES.read(answers)


def stage_directories(answers: Answers) -> dict[str, StageDirectory]:
    """The stage directories in use, by name, without those of smart processes whose stages are switched off."""
    by_name = {}
    for row in directories(answers).rows:
        name = row.get("ID")
        directory = stage_directory(name) if isinstance(name, str) else None
        if directory is not None and row.get("IS_ENABLED") is not False:
            by_name[str(name)] = directory
    return by_name


def take_stages(
    answers: Answers, pipelines: Iterable[Pipeline]
) -> tuple[tuple[Stage, ...], tuple[Stage, ...], Verdict]:
    """The stages, the orphan stages of pipelines that no longer exist, and how completely both are known."""
    table = _table(answers)
    rows = [row for row in table.rows if _stage_directory_of(row) is not None]
    all_stages, dropped = translate_rows(rows, _stage)
    # A row without a directory may be a stage.
    dropped += [row_name(row) for row in table.rows if not isinstance(row.get("ENTITY_ID"), str)]
    of_directories = _of_directories(answers)
    existing = {pipeline.directory for pipeline in pipelines} | stage_directories(answers).keys()
    stages, orphans = split_orphans(all_stages, existing, is_certain=of_directories == COMPLETE)
    filled = {row.directory for row in stages}
    empty = [name for name in stage_directories(answers) if name not in filled]
    verdicts = [_of_table(table, dropped, items=len(all_stages)), of_directories]
    if empty:
        verdicts.insert(1, partial(ReasonCode.STAGES_MISSING, ", ".join(empty)))
    return stages, orphans, combined_verdict(verdicts, items=len(stages))


def take_dictionaries(answers: Answers) -> tuple[tuple[Dictionary, ...], Verdict]:
    """The reference lists and how completely they are known.

    A list without rows is included only if the table is complete: otherwise its rows may be missing.
    """
    table = _table(answers)
    items: dict[str, list[DictionaryItem]] = defaultdict(list)
    rows = [row for row in table.rows if _stage_directory_of(row) is None]
    entries, dropped = translate_rows(rows, _dictionary_item)
    for directory, item in entries:
        items[directory].append(item)
    named, _ = translate_rows(directories(answers).rows, _directory)
    lists = {row.directory: row for row in named if stage_directory(row.directory) is None}
    of_table = _of_table(table, dropped, items=len(entries))
    shown = (*lists, *items) if of_table == COMPLETE else items
    dictionaries = tuple(
        replace(lists.get(directory, Dictionary(directory, None)), items=tuple(items[directory]))
        for directory in dict.fromkeys(shown)
    )
    return dictionaries, combined_verdict((of_table, _of_directories(answers)), items=len(entries))


def _of_directories(answers: Answers) -> Verdict:
    reading = directories(answers)
    return of_reading(reading, dropped=translate_rows(reading.rows, _directory)[1])


def _of_table(table: Reading, dropped: Collection[str], *, items: int) -> Verdict:
    return combined_verdict([of_reading(table, dropped=dropped)], items=items)


def _table(answers: Answers) -> Reading:
    """The whole table, with the rows of directories that were asked for separately."""
    whole = _TABLE.read(answers)
    asked = dict.fromkeys(str(key.owner) for key in answers if key.list == _TABLE.key.list and key.owner)
    directory_readings = [_table_of(directory).read(answers) for directory in asked]
    if not directory_readings:
        return whole
    rows = {str(row.get("ID")): row for reading in (whole, *directory_readings) for row in reading.rows}
    # Directories of removed pipelines have no known name, so nobody can ask for them separately.
    unasked = PortalError(Fault.NOT_ANSWERED) if rest(answers) else None
    error = next(
        (reading.error for reading in directory_readings if reading.error is not None), whole.error or unasked
    )
    missing = sum(max(0, (reading.total or 0) - len(reading.rows)) for reading in directory_readings)
    # Some portals answer only directory by directory and report 0 for the table.
    total = max(whole.total or 0, len(rows) + missing)
    contradicted = any(reading.contradicted for reading in (whole, *directory_readings))
    return Reading(METHOD, tuple(rows.values()), total, error, contradicted)


def _table_of(directory: str) -> Listing:
    """The list of the rows of one directory."""
    params = {"order": _ORDER, "filter": {"ENTITY_ID": directory}}
    return Listing(replace(_TABLE.key, owner=directory), METHOD, params)


def _directory_names(answers: Answers) -> list[str]:
    names = [row.get("ID") for row in directories(answers).rows]
    return [name for name in names if isinstance(name, str) and _DIRECTORY_NAME.fullmatch(name)]


def _stage_directory_of(row: Row) -> StageDirectory | None:
    name = row.get("ENTITY_ID")
    return stage_directory(name) if isinstance(name, str) else None


def _stage(row: Row) -> Stage:
    name = required_text(row["ENTITY_ID"])
    directory = stage_directory(name)
    if directory is None:
        raise Odd
    attributes = Attributes()
    return Stage(
        entity_type=key_of(directory.entity_type_id),
        pipeline_id=directory.pipeline_id,
        directory=name,
        status_id=required_text(row["STATUS_ID"]),
        id=required_integer(row["ID"]),
        name=attributes.read("name", text, row.get("NAME", MISSING)),
        sort=attributes.read("sort", integer, row.get("SORT")),
        meaning=_meaning(row, attributes),
        color=attributes.read("color", color, row.get("COLOR")),
        system=bool(attributes.read("system", flag, row.get("SYSTEM"))),
        not_understood=attributes.not_understood,
    )


def _meaning(row: Row, attributes: Attributes) -> Meaning:
    """The meaning by SEMANTICS. EXTRA (leads, quotes and deals only) distinguishes two kinds of failure."""
    semantics = attributes.read("meaning", _semantics, row.get("SEMANTICS"))
    extra = row.get("EXTRA")
    extra_semantics = extra.get("SEMANTICS") if isinstance(extra, dict) else None
    if semantics == "S" or (semantics is None and extra_semantics == "success"):
        return Meaning.SUCCESS
    if semantics == "F" or extra_semantics in ("failure", "apology"):
        return Meaning.APOLOGY if extra_semantics == "apology" else Meaning.FAILURE
    return Meaning.PROCESS


def _semantics(value: Any) -> str | None:
    """The code of SEMANTICS; ``None`` for a stage in progress. Raises Odd."""
    semantics = text(value)
    if semantics not in (None, "P", "S", "F"):
        raise Odd
    return semantics


def _dictionary_item(row: Row) -> tuple[str, DictionaryItem]:
    attributes = Attributes()
    return required_text(row["ENTITY_ID"]), DictionaryItem(
        status_id=required_text(row["STATUS_ID"]),
        id=required_integer(row["ID"]),
        name=attributes.read("name", text, row.get("NAME", MISSING)),
        sort=attributes.read("sort", integer, row.get("SORT")),
        system=bool(attributes.read("system", flag, row.get("SYSTEM"))),
        not_understood=attributes.not_understood,
    )


def _directory(row: Row) -> Dictionary:
    """A directory from the list of directories, without its rows."""
    attributes = Attributes()
    return Dictionary(
        directory=required_text(row["ID"]),
        name=attributes.read("name", text, row.get("NAME")),
        not_understood=attributes.not_understood,
    )
