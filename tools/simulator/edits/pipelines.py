"""Edits of pipelines, stages, dictionary rows and smart processes."""

from __future__ import annotations

from tools.simulator.defaults import stage_prefix
from tools.simulator.edits.change import Change
from tools.simulator.founding import add_pipeline as found_pipeline
from tools.simulator.ledger import Crm, Directory, Row
from tools.simulator.truth import color, type_key


def _of_row(directory: Directory, row: Row, op: str, attribute: str | None = None, *values: object) -> Change:
    kind = "stages" if directory.holds_stages else "dictionaries"
    owner = None if directory.entity_type_id is None else type_key(directory.entity_type_id)
    return Change(kind, owner, row.id, op, row.name, attribute, *values)


def _directory(crm: Crm, name: str, *, of_stages: bool) -> Directory:
    directory = crm.directories.get(name)
    if directory is None or directory.holds_stages is not of_stages:
        raise LookupError(f"no {'stage directory' if of_stages else 'dictionary'} {name}")
    return directory


def rename_row(crm: Crm, row_id: int, to: str) -> Change:
    """A stage or a list value has another name."""
    directory, row = crm.row(row_id)
    before, row.name = row.name, to
    return _of_row(directory, row, "edited", "name", before, to)


def move_row(crm: Crm, row_id: int, sort: int) -> Change:
    """A stage or a list value has another place in its directory."""
    directory, row = crm.row(row_id)
    before, row.sort = row.sort, sort
    return _of_row(directory, row, "edited", "sort", before, sort)


def recolour_stage(crm: Crm, row_id: int, to: str) -> Change:
    directory, row = crm.row(row_id)
    before, row.color = row.color, to
    return _of_row(directory, row, "edited", "color", color(before), color(to))


def _add_row(directory: Directory, row: Row) -> Change:
    directory.rows.append(row)
    return _of_row(directory, row, "added")


def add_stage(crm: Crm, directory: str, name: str, sort: int = 15, color: str = "#A8ADB4") -> Change:
    """One more stage in process."""
    at = _directory(crm, directory, of_stages=True)
    number = crm.next_id("row")
    code = f"{stage_prefix(at.entity_type_id, at.pipeline_id)}UC_{number:06X}"
    return _add_row(at, Row(number, code, name, sort, color=color))


def add_dictionary_row(crm: Crm, directory: str, name: str, sort: int = 500) -> Change:
    at = _directory(crm, directory, of_stages=False)
    number = crm.next_id("row")
    return _add_row(at, Row(number, f"UC_{number:06X}", name, sort))


def remove_row(crm: Crm, row_id: int) -> Change:
    """A stage or a list value is gone."""
    directory, row = crm.row(row_id)
    directory.rows.remove(row)
    return _of_row(directory, row, "removed")


def add_pipeline(crm: Crm, entity_type_id: int, name: str, sort: int = 900) -> Change:
    """One more pipeline with the default stages; the stages are not counted as changes of their own."""
    if not crm.pipelines_of(entity_type_id):
        raise LookupError(f"entity type {entity_type_id} has no pipelines")
    row = found_pipeline(crm, entity_type_id, name, sort=sort)
    return Change("pipelines", type_key(entity_type_id), row.id, "added", name)


def rename_pipeline(crm: Crm, entity_type_id: int, pipeline_id: int, to: str) -> Change:
    row = crm.pipeline(entity_type_id, pipeline_id)
    before, row.name = row.name, to
    return Change("pipelines", type_key(entity_type_id), row.id, "edited", to, "name", before, to)


def move_pipeline(crm: Crm, entity_type_id: int, pipeline_id: int, sort: int) -> Change:
    row = crm.pipeline(entity_type_id, pipeline_id)
    before, row.sort = row.sort, sort
    return Change("pipelines", type_key(entity_type_id), row.id, "edited", row.name, "sort", before, sort)


def remove_pipeline(crm: Crm, entity_type_id: int, pipeline_id: int, *, leave_stages: bool = False) -> Change:
    """A pipeline is gone; with ``leave_stages`` its stages stay in a directory that no list shows."""
    row = crm.pipeline(entity_type_id, pipeline_id)
    if row.is_default:
        raise ValueError("the default pipeline cannot be removed")
    crm.pipelines.remove(row)
    if leave_stages:
        crm.directories[row.directory].leftover = True
    else:
        del crm.directories[row.directory]
    return Change("pipelines", type_key(entity_type_id), row.id, "removed", row.name)


def rename_smart_process(crm: Crm, entity_type_id: int, to: str) -> Change:
    row = crm.smart_process(entity_type_id)
    before, row.title = row.title, to
    return Change("entity_types", type_key(entity_type_id), entity_type_id, "edited", to, "title", before, to)
