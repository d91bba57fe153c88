"""Reads the pipelines of every entity type that has any."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from shared.bitrix24 import entity_types, portal_facts, statuses
from shared.bitrix24.coerce import Attributes, flag, integer, required_integer, text
from shared.bitrix24.commands import Answers, Command, Key
from shared.bitrix24.entity_numbers import (
    B2E_DOCUMENT,
    DEAL,
    SMART_DOCUMENT,
    SMART_INVOICE,
    directory_of,
    key_of,
    stage_directory,
)
from shared.bitrix24.errors import Fault
from shared.bitrix24.expected import Expected
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.rows import Row, translate_rows
from shared.bitrix24.verdicts import Verdict, combined_verdict, of_reading, partial
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import Pipeline

METHOD = "crm.category.list"
# Entity types that a portal may lack. Deals always exist, and so does a smart process that was listed.
_OPTIONAL = (SMART_INVOICE, SMART_DOCUMENT, B2E_DOCUMENT)


def first(expected: Expected) -> list[Command]:
    """The commands of the first batch. The pipelines of other entity types come with the list of directories."""
    numbers = (DEAL, SMART_INVOICE) if expected.invoices else (DEAL,)
    return [command for number in numbers for command in _pipelines_of(number).first()]


def rest(answers: Answers) -> list[Command]:
    """Further pages, invoices not expected, and the pipelines of smart processes that no directory names.

    If that list could not be read, the pipelines of documents are asked for as well.
    """
    named = {owner for owner, _ in _of_directories(answers)[0]}
    numbers = [row.entity_type_id for row in entity_types.smart_processes(answers)]
    if statuses.directories(answers).error is not None:
        numbers += [SMART_DOCUMENT, B2E_DOCUMENT]
    unnamed = (number for number in numbers if number not in named)
    invoices = [SMART_INVOICE] if entity_types.is_shown(answers, SMART_INVOICE) else []
    entity_type_ids = dict.fromkeys((*(number for number, _ in _asked(answers)), *invoices, *unnamed))
    return [command for number in entity_type_ids for command in _pipelines_of(number).rest(answers)]


def take(answers: Answers) -> tuple[tuple[Pipeline, ...], Verdict]:
    """The pipelines and how completely they are known.

    ``crm.category.list`` silently leaves out pipelines that the reader may not see. The list of directories needs no
    rights. A pipeline that only the latter has is listed by its directory's name and makes the kind partial.
    """
    pipelines: dict[tuple[int, int], Pipeline] = {}
    verdicts: list[Verdict] = []
    wholly_listed: set[int] = set()
    for entity_type_id, reading in _asked(answers):
        switched_off = reading.error is not None and reading.error.fault is Fault.NO_OBJECT
        if switched_off and entity_type_id in _OPTIONAL:
            continue
        rows, dropped = translate_rows(reading.rows, functools.partial(_pipeline, entity_type_id))
        pipelines |= {(entity_type_id, row.id): row for row in rows}
        if reading.whole:
            wholly_listed.add(entity_type_id)
        verdicts.append(of_reading(reading, dropped=dropped))
        if not reading.rows:
            # Every entity type with pipelines has a default one, which nobody can remove.
            verdicts.append(partial(ReasonCode.ROWS_MISSING, "0 / 1"))
    listed, dropped = _of_directories(answers)
    hidden = []
    for owner, pipeline in listed:
        if (owner, pipeline.id) in pipelines:
            continue
        pipelines[owner, pipeline.id] = pipeline
        if owner in wholly_listed:
            hidden.append(str(pipeline.id))
    if hidden:
        verdicts.insert(0, partial(ReasonCode.PIPELINES_HIDDEN, ", ".join(hidden)))
    directories = statuses.directories(answers)
    # For an administrator, if all smart processes are known, their own lists replace the list of directories.
    is_replaceable = entity_types.smart_processes_are_known(answers) and portal_facts.reader_is_admin(answers)
    if directories.error is None or not is_replaceable:
        verdicts.append(of_reading(directories, dropped=dropped))
    return tuple(pipelines.values()), combined_verdict(verdicts, items=len(pipelines))


def _pipelines_of(entity_type_id: int) -> Listing:
    return Listing(Key("pipelines", entity_type_id), METHOD, {"entityTypeId": entity_type_id}, "id")


def _asked(answers: Answers) -> Iterator[tuple[int, Reading]]:
    smart = [row.entity_type_id for row in entity_types.smart_processes(answers)]
    for entity_type_id in (DEAL, *_OPTIONAL, *smart):
        listing = _pipelines_of(entity_type_id)
        if listing.key in answers:
            yield entity_type_id, listing.read(answers)


def _pipeline(entity_type_id: int, row: Row) -> Pipeline:
    attributes = Attributes()
    pipeline_id = required_integer(row["id"])
    return Pipeline(
        entity_type=key_of(entity_type_id),
        id=pipeline_id,
        name=attributes.read("name", text, row.get("name")),
        sort=attributes.read("sort", integer, row.get("sort")),
        is_default=bool(attributes.read("is_default", flag, row.get("isDefault"))),
        directory=directory_of(entity_type_id, pipeline_id),
        not_understood=attributes.not_understood,
    )


def _of_directories(answers: Answers) -> tuple[list[tuple[int, Pipeline]], list[str]]:
    """The pipelines in the list of directories, with their entity type ids, and the rows that could not be used."""
    rows, dropped = translate_rows(statuses.directories(answers).rows, _of_directory)
    return [row for row in rows if row is not None], dropped


def _of_directory(row: Row) -> tuple[int, Pipeline] | None:
    """The pipeline of a stage directory. For deals only the directory's name contains the pipeline's name."""
    name = text(row["ID"]) or ""
    directory = stage_directory(name)
    if directory is None or directory.pipeline_id is None:
        return None
    attributes = Attributes()
    own_name = attributes.read("name", text, row.get("CATEGORY_NAME"))
    default = attributes.read("is_default", flag, row.get("IS_DEFAULT_CATEGORY"))
    return directory.entity_type_id, Pipeline(
        entity_type=key_of(directory.entity_type_id),
        id=directory.pipeline_id,
        name=own_name or attributes.read("name", text, row.get("NAME")),
        sort=attributes.read("sort", integer, row.get("CATEGORY_SORT")),
        is_default=directory.pipeline_id == 0 if default is None else default,
        directory=name,
        not_understood=attributes.not_understood,
    )
