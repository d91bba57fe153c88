"""The same things as different portals number them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from shared.domain.snapshot import Snapshot
from tests.builders import (
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_success_stage,
    a_user_field,
    an_entity_type,
)

WHOLESALE: Final = {"id": 3, "name": "Опт", "directory": "DEAL_STAGE_3", "is_default": False, "sort": 20}


def with_pipelines(*pipelines: Any, stages: tuple[Any, ...] = ()) -> Snapshot:
    return a_snapshot(pipelines=pipelines, stages=stages)


def moved_to(number: int) -> Snapshot:
    """The same wholesale pipeline as another portal numbers it."""
    directory = f"DEAL_STAGE_{number}"
    stage = {"pipeline_id": number, "directory": directory}
    return with_pipelines(
        a_pipeline(),
        a_pipeline(**{**WHOLESALE, "id": number, "directory": directory}),
        stages=(
            a_stage(),
            a_stage(**stage, id=number * 100, status_id=f"C{number}:NEW", name="Запрос"),
            a_success_stage(**stage, id=number * 100 + 1, status_id=f"C{number}:WON"),
        ),
    )


def process(number: int, **changes: Any) -> Snapshot:
    """The same smart process as another portal numbers it."""
    key, type_id = f"dynamic_{number}", number - 1000
    entity = a_smart_process(key=key, entity_type_id=number, type_id=type_id, binding_prefix=f"T{number}")
    code = f"UF_CRM_{type_id}_1700000000001"
    return a_snapshot(
        entity_types=(an_entity_type(), replace(entity, **changes)),
        user_fields=(a_user_field(entity_type=key, id=number, code=code, api_name=f"ufCrm{number}"),),
        pipelines=(
            a_pipeline(),
            a_pipeline(entity_type=key, id=number, directory=f"DYNAMIC_{number}_STAGE_9"),
        ),
        stages=(
            a_stage(
                entity_type=key,
                pipeline_id=number,
                directory=f"DYNAMIC_{number}_STAGE_9",
                status_id=f"DT{number}_9:NEW",
            ),
        ),
    )
