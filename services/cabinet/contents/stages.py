"""Stages as rows, one line for each pipeline."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, number_of, title_of
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.snapshot import Meaning, Pipeline, Stage
from shared.specification.not_understood import odd_values, placeholder
from shared.wording.kinds import NAMELESS, meaning_word

GREY = "#c8ccd2"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
# Above this luminance dark letters have more contrast than white letters (W3C, WCAG 2, contrast ratio).
_MIDDLE = 0.179
_SIGNS: Final[Mapping[Meaning, str]] = {
    Meaning.PROCESS: "",
    Meaning.SUCCESS: "✓\N{NO-BREAK SPACE}",
    Meaning.FAILURE: "✗\N{NO-BREAK SPACE}",
    Meaning.APOLOGY: "✗\N{NO-BREAK SPACE}",
}
# Their classic methods filter by another field (Bitrix24 REST documentation, crm.lead.list and crm.quote.list).
_BY_STATUS = frozenset({"lead", "quote", "dynamic_5"})


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage. ``status_id`` is its full code, ``color`` is as the portal has it, ``fill`` is a valid CSS colour.

    ``sign`` marks success and failure without colour; ``is_dark``: white letters are easier to read on it.
    ``odd`` names what was not understood.
    """

    order: int
    name: str
    status_id: str
    id: int
    meaning: str
    color: str
    fill: str
    is_dark: bool
    sign: str
    system: bool
    odd: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StageLine:
    """The stages of one pipeline, or of an entity type without pipelines (``pipeline_id`` is ``None``).

    ``name`` is empty if the pipeline itself was not read. ``filter_field`` is the field that selects items in
    classic methods; in the universal ones it is always ``stageId``.
    """

    entity: str
    entity_type: str
    entity_type_id: int | None
    pipeline_id: int | None
    name: str
    is_default: bool
    directory: str
    filter_field: str
    stages: tuple[StageRow, ...]


def stages(contents: Contents, words: Words, entity: str = EVERY) -> tuple[StageLine, ...]:
    """The stages of one entity type, or of all, by pipeline in the portal's order.

    A pipeline without stages has an empty line. A pipeline that was not read but has stages has a line too.
    """
    pipelines: tuple[Pipeline, ...] = contents.items(Kind.PIPELINES)
    by_directory = {pipeline.directory: pipeline for pipeline in pipelines}
    lines: dict[tuple[str, str], list[Stage]] = defaultdict(list)
    for pipeline in pipelines:
        lines[pipeline.entity_type, pipeline.directory] = []
    for stage in contents.items(Kind.STAGES):
        lines[stage.entity_type, stage.directory].append(stage)
    order = {key: place for place, key in enumerate(contents.entity_types)}
    return tuple(
        _line(contents, words, key, by_directory.get(directory), rows)
        for (key, directory), rows in sorted(
            lines.items(), key=lambda line: order.get(line[0][0], len(order))
        )
        if entity in (EVERY, key) and (rows or contents.is_complete(Kind.STAGES))
    )


def stage_count(lines: tuple[StageLine, ...]) -> int:
    """The number of stages in all lines."""
    return sum(len(line.stages) for line in lines)


def _line(
    contents: Contents, words: Words, key: str, pipeline: Pipeline | None, rows: list[Stage]
) -> StageLine:
    nameless = words.gettext(NAMELESS) if pipeline else ""
    return StageLine(
        entity=title_of(contents, words, key),
        entity_type=key,
        entity_type_id=number_of(contents, key),
        pipeline_id=pipeline.id if pipeline else rows[0].pipeline_id,
        name=(pipeline.name if pipeline else None) or nameless,
        is_default=pipeline is not None and pipeline.is_default,
        directory=pipeline.directory if pipeline else rows[0].directory,
        filter_field="STATUS_ID" if key in _BY_STATUS else "STAGE_ID",
        stages=tuple(_row(words, order, stage) for order, stage in enumerate(rows, 1)),
    )


def _row(words: Words, order: int, stage: Stage) -> StageRow:
    fill = stage.color if stage.color and _COLOR.fullmatch(stage.color) else GREY
    return StageRow(
        order=order,
        name=placeholder(stage, "name", words.language) or stage.name or words.gettext(NAMELESS),
        status_id=stage.status_id,
        id=stage.id,
        meaning=placeholder(stage, "meaning", words.language) or meaning_word(stage.meaning, words.language),
        color=stage.color or "",
        fill=fill,
        is_dark=_luminance(fill) < _MIDDLE,
        sign=_SIGNS[stage.meaning],
        system=stage.system,
        odd=odd_values(stage, words.language),
    )


@lru_cache(maxsize=1024)
def _luminance(color: str) -> float:
    """How bright a colour is to the eye, from 0 to 1 (W3C, WCAG 2, relative luminance)."""
    shares = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
