"""Pipelines as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, number_of, title_of
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.snapshot import Pipeline, Stage
from shared.specification.not_understood import odd_values, placeholder
from shared.wording.kinds import NAMELESS


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """A pipeline. ``id`` is its categoryId; ``stages`` is ``None`` where the stages were not read.

    ``odd`` names what was not understood.
    """

    entity: str
    entity_type: str
    entity_type_id: int | None
    id: int
    name: str
    sort: int | None
    is_default: bool
    stages: int | None
    directory: str
    odd: Mapping[str, str]


def pipelines(contents: Contents, words: Words, entity: str = EVERY) -> tuple[PipelineRow, ...]:
    """The pipelines of one entity type, or of all, in the portal's order."""
    rows: tuple[Pipeline, ...] = contents.items(Kind.PIPELINES)
    stages: tuple[Stage, ...] = contents.items(Kind.STAGES)
    counts = Counter(stage.directory for stage in stages)
    are_known = bool(stages) or contents.is_complete(Kind.STAGES)
    return tuple(
        PipelineRow(
            entity=title_of(contents, words, pipeline.entity_type),
            entity_type=pipeline.entity_type,
            entity_type_id=number_of(contents, pipeline.entity_type),
            id=pipeline.id,
            name=placeholder(pipeline, "name", words.language) or pipeline.name or words.gettext(NAMELESS),
            sort=pipeline.sort,
            is_default=pipeline.is_default,
            stages=counts[pipeline.directory] if are_known else None,
            directory=pipeline.directory,
            odd=odd_values(pipeline, words.language),
        )
        for pipeline in rows
        if entity in (EVERY, pipeline.entity_type)
    )
