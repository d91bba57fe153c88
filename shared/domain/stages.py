"""Which stage rows belong to a pipeline. Portals keep rows of pipelines that are gone, and show them or not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from shared.domain.snapshot import Pipeline, Snapshot, Stage


def belongs(stage: Stage, directories: Collection[str]) -> bool:
    """True for a stage of one of these directories, or of an entity without pipelines."""
    return stage.pipeline_id is None or stage.directory in directories


def apart(
    stages: Iterable[Stage], directories: Collection[str], *, is_certain: bool
) -> tuple[tuple[Stage, ...], tuple[Stage, ...]]:
    """Those of these directories and those left over, which are none unless it is certain that there are no others."""
    own: list[Stage] = []
    left_over: list[Stage] = []
    for stage in stages:
        (own if not is_certain or belongs(stage, directories) else left_over).append(stage)
    return tuple(own), tuple(left_over)


def with_stages_of(snapshot: Snapshot, pipelines: Iterable[Pipeline]) -> Snapshot:
    """The snapshot with the rows that belong to these pipelines for its stages, whatever it takes for left over.

    A row of no known pipeline may come and go with the way it is read, so nothing is concluded from it.
    """
    directories = {row.directory for row in pipelines}
    rows = snapshot.stages + snapshot.orphan_stages
    return replace(snapshot, stages=tuple(row for row in rows if belongs(row, directories)), orphan_stages=())
