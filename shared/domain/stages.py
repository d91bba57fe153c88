"""Separates stages of pipelines from orphans. Portals keep stage rows of removed pipelines and may list them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from shared.domain.snapshot import Pipeline, Snapshot, Stage


def belongs(stage: Stage, directories: Collection[str]) -> bool:
    """True for a stage of one of these directories, or of an entity type without pipelines."""
    return stage.pipeline_id is None or stage.directory in directories


def split_orphans(
    stages: Iterable[Stage], directories: Collection[str], *, is_certain: bool
) -> tuple[tuple[Stage, ...], tuple[Stage, ...]]:
    """The stages of these directories, and the others; all are the former unless ``is_certain``."""
    own: list[Stage] = []
    left_over: list[Stage] = []
    for stage in stages:
        (own if not is_certain or belongs(stage, directories) else left_over).append(stage)
    return tuple(own), tuple(left_over)


def with_stages_of(snapshot: Snapshot, pipelines: Iterable[Pipeline]) -> Snapshot:
    """The snapshot with only those stages, orphans included, that belong to these pipelines.

    A row without a known pipeline may be listed or not depending on the commands used, so it is not compared.
    """
    directories = {row.directory for row in pipelines}
    rows = snapshot.stages + snapshot.orphan_stages
    return replace(snapshot, stages=tuple(row for row in rows if belongs(row, directories)), orphan_stages=())
