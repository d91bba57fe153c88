"""Makes pipelines, smart processes and everything a new portal has, as the platform does."""

from __future__ import annotations

from tools.simulator import ledger
from tools.simulator.defaults import (
    COMMON_PIPELINE,
    DICTIONARIES,
    DIRECTORY_NAMES,
    DefaultStage,
    default_stages,
    localized,
    stage_directory,
    stage_prefix,
)
from tools.simulator.ledger import Crm, Directory, Pipeline, Row, SmartProcess


def add_stage_directory(
    crm: Crm,
    directory_id: str,
    name: str,
    entity_type_id: int,
    pipeline_id: int | None = None,
    stages: tuple[DefaultStage, ...] | None = None,
) -> Directory:
    """A stage directory exists; without ``stages`` it is filled as the platform fills a new one."""
    prefix = stage_prefix(entity_type_id, pipeline_id)
    language = crm.settings.language
    rows = [
        Row(
            crm.next_id("row"),
            prefix + stage.code,
            stage.name(language),
            10 * place,
            stage.system,
            stage.color,
            stage.semantics,
            stage.name(language) if stage.system else "",
        )
        for place, stage in enumerate(default_stages(entity_type_id) if stages is None else stages, start=1)
    ]
    crm.directories[directory_id] = Directory(directory_id, name, rows, entity_type_id, pipeline_id)
    return crm.directories[directory_id]


def add_pipeline(
    crm: Crm,
    entity_type_id: int,
    name: str,
    *,
    sort: int | None = None,
    is_default: bool = False,
    stages: tuple[DefaultStage, ...] | None = None,
) -> Pipeline:
    """A pipeline exists with its directory and stages; only the first deal pipeline has id 0."""
    if entity_type_id == ledger.DEAL:
        pipeline_id = 0 if is_default else crm.next_id("deal pipeline", step=2)
    else:
        pipeline_id = crm.next_id("item pipeline")
    if sort is None:
        sort = 10 * (len(crm.pipelines_of(entity_type_id)) + 1)
    directory = stage_directory(entity_type_id, pipeline_id)
    row = Pipeline(pipeline_id, entity_type_id, name, sort, directory, is_default)
    crm.pipelines.append(row)
    title = DIRECTORY_NAMES.get(directory)
    add_stage_directory(
        crm,
        directory,
        localized(title, crm.settings.language) if title else name,
        entity_type_id,
        pipeline_id,
        stages,
    )
    return row


def add_smart_process(
    crm: Crm,
    title: str,
    *,
    type_id: int | None = None,
    entity_type_id: int | None = None,
    stages: tuple[DefaultStage, ...] | None = None,
    **flags: bool,
) -> SmartProcess:
    """A smart process exists with its default pipeline; without stages that pipeline has no rows."""
    type_id = crm.claim_id("smart process", type_id or crm.next_id("smart process", at_least=7, step=2))
    # New portals number smart processes from 1030 on in even steps, old ones from 128.
    free = crm.next_id("entity type", at_least=1030, step=2) if entity_type_id is None else entity_type_id
    entity_type_id = crm.claim_id("entity type", free)
    defaults = {
        "isStagesEnabled": True,
        "isCategoriesEnabled": False,
        "isClientEnabled": True,
        "isRecyclebinEnabled": True,
        "isAutomationEnabled": True,
        "isSetOpenPermissions": True,
    }
    row = SmartProcess(type_id, entity_type_id, title, defaults | flags)
    crm.smart_processes.append(row)
    name = COMMON_PIPELINE.get(crm.settings.language, "General")
    add_pipeline(
        crm, entity_type_id, name, sort=500, is_default=True, stages=stages if row.stages_enabled else ()
    )
    return row


def fill_with_defaults(crm: Crm) -> None:
    """The CRM has everything that the platform creates in a new portal: stages and dictionaries."""
    language = crm.settings.language
    for directory_id, entity_type_id in (("STATUS", ledger.LEAD), ("QUOTE_STATUS", ledger.QUOTE)):
        add_stage_directory(
            crm, directory_id, localized(DIRECTORY_NAMES[directory_id], language), entity_type_id
        )
    for directory_id, ru, en, entries in DICTIONARIES:
        rows = []
        for place, entry in enumerate(entries, start=1):
            code, _, name = entry.partition("=")
            shown = name if language == "ru" else code.replace("_", " ").capitalize()
            rows.append(Row(crm.next_id("row"), code, shown, 10 * place, system=True, name_init=shown))
        crm.directories[directory_id] = Directory(directory_id, localized((ru, en), language), rows)
    common = COMMON_PIPELINE.get(language, "General")
    add_pipeline(crm, ledger.DEAL, common, sort=300, is_default=True)
    if crm.settings.smart_invoices:
        add_pipeline(crm, ledger.SMART_INVOICE, common, sort=500, is_default=True)
