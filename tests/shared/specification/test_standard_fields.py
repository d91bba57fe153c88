"""Standard fields stand in every format once a portal was read in full, and nowhere otherwise."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.diff import diff
from shared.domain.snapshot import Snapshot
from shared.specification.changes import changes_txt
from shared.specification.csv_format import render_csv
from shared.specification.formats import FORMATS
from shared.specification.json_format import dump_json
from shared.specification.json_snapshot import load_json
from shared.specification.sheets import Sheet, sheets
from shared.specification.source import Source
from shared.wording.language import LANGUAGES, Language
from tests.builders import (
    a_coverage,
    a_smart_process,
    a_snapshot,
    a_standard_field,
    a_user_field,
    an_entity_type,
    complete_coverage,
    with_coverage,
)
from tests.shared.specification.example import example
from tests.shared.specification.reading_txt import FIELD_ROW, columns, section, txt

ID = a_standard_field(code="ID", api_name="id", type="integer", read_only=True, label=None)
STAGE = a_standard_field(
    code="STAGE_ID", api_name="stageId", type="crm_status", mandatory=True, label="Стадия"
)
CONTACTS = a_standard_field(
    code="CONTACT_IDS", api_name="contactIds", type="crm_contact", multiple=True, label="Контакты"
)
REQUISITE = a_standard_field(entity_type="requisite", code="RQ_INN", api_name=None, label="ИНН")
FULL = a_snapshot(standard_fields=(CONTACTS, ID, STAGE, a_standard_field()))
REASON = Reason(ReasonCode.PORTAL_ERROR, "ERROR_CORE: oops")
FAILED = with_coverage(
    replace(FULL, standard_fields=()), Kind.STANDARD_FIELDS, state=State.FAILED, items=0, reason=REASON
)


def words(snapshot: Snapshot, language: Language = "ru") -> dict[str, str]:
    """Every text format of the specification."""
    shown = {
        name: format_.render(snapshot, language=language).decode("utf-8-sig")
        for name, format_ in FORMATS.items()
        if not format_.binary
    }
    return {**shown, "xlsx": repr(sheets(Source(snapshot, language)))}


def document(snapshot: Snapshot) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(dump_json(snapshot, language="ru"))
    return whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ordinary_read_does_not_mention_them(language: Language) -> None:
    for snapshot in (example(), a_snapshot(), a_snapshot(user_fields=())):
        assert not snapshot.is_full
        for shown in words(snapshot, language).values():
            assert not re.search(r"стандартн|standard.field|станд\.", shown, re.IGNORECASE)
        assert "standard_fields" not in document(snapshot)


def test_text_tells_them_in_a_block_of_their_own_before_the_user_fields() -> None:
    expected = (
        "4.1 СДЕЛКА — СТАНДАРТНЫЕ ПОЛЯ (4)                          "
        "М — несколько значений, О — обязательное, Ч — только чтение\n"
        f"{'-' * 118}\n"
        "Код          Имя в crm.item.*  Тип          МОЧ  Название\n"
        "CONTACT_IDS  contactIds        контакт      М--  Контакты\n"
        "ID           id                целое число  --Ч  название не задано\n"
        "STAGE_ID     stageId           справочник   -О-  Стадия\n"
        "TITLE        title             строка       ---  Название\n"
    )
    found = section(txt(FULL), "4.1")
    assert expected in found
    assert found.index("СТАНДАРТНЫЕ ПОЛЯ") < found.index("ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ")
    assert "целое число = integer" in txt(FULL)


def test_codes_of_requisites_are_those_of_their_own_methods() -> None:
    types = (an_entity_type(key="requisite", entity_type_id=8),)
    found = section(txt(a_snapshot(entity_types=types, standard_fields=(REQUISITE,), user_fields=())), "4.1")
    assert "Код (crm.requisite.*)  Имя в crm.item.*  Тип     МОЧ  Название\n" in found
    assert re.search(r"^RQ_INN +нет +строка  ---  ИНН$", found, re.MULTILINE)


def test_the_summary_counts_them() -> None:
    summary = section(txt(FULL), "2")
    assert "Сущность  Воронки  Стадии  Станд. поля  Польз. поля  Значения списков\n" in summary
    assert "Сделка    1        2       4            1            0\n" in summary


def test_the_mapping_table_lists_them_before_the_user_fields() -> None:
    rows = [line.split("|") for line in section(txt(FULL), "8").splitlines() if line.startswith("|")]
    codes = [row[2].strip() for row in rows[2:]]
    assert codes == ["CONTACT_IDS", "ID", "STAGE_ID", "TITLE", "UF_CRM_1700000000001"]
    only = a_snapshot(standard_fields=(STAGE,), user_fields=())
    assert "STAGE_ID" in section(txt(only), "8")


@pytest.mark.parametrize("code", ["7  UF_FAKE", "UF_FAKE", "12 UF_A B", "X" * 130, "中" * 70, " 7 UF_A"])
def test_no_row_of_theirs_looks_like_one_of_a_user_field(code: str) -> None:
    label = "очень длинное название " * 15
    snapshot = a_snapshot(standard_fields=(a_standard_field(code=code, api_name="x" * 90, label=label),))
    text = txt(snapshot)
    assert len(FIELD_ROW.findall(text)) == len(snapshot.user_fields) == 1
    assert max(map(columns, text.splitlines())) <= 118


@pytest.mark.parametrize("state", [State.FORBIDDEN, State.NOT_GRANTED, State.FAILED])
def test_what_was_not_read_tells_the_reason_and_no_number(state: State) -> None:
    snapshot = with_coverage(FAILED, Kind.STANDARD_FIELDS, state=state)
    text = txt(snapshot)
    assert "ERROR_CORE: oops" in section(text, "1")
    found = section(text, "4.1")
    assert "4.1 СДЕЛКА — СТАНДАРТНЫЕ ПОЛЯ\n" in found
    assert "! Стандартные поля: " in found
    assert "ERROR_CORE: oops" in found
    assert "(0)" not in found
    for shown in words(snapshot).values():
        assert "oops" in shown


def test_part_of_them_carries_a_note() -> None:
    partly = with_coverage(FULL, Kind.STANDARD_FIELDS, state=State.PARTIAL, reason=REASON)
    found = section(txt(partly), "4.1")
    assert "СТАНДАРТНЫЕ ПОЛЯ (4, ЧАСТИЧНО)" in found
    assert "! Стандартные поля: прочитано частично, подробно в разделе 1." in found


def test_an_entity_that_the_portal_does_not_describe_has_no_block() -> None:
    snapshot = with_coverage(FAILED, Kind.STANDARD_FIELDS, state=State.NOT_AVAILABLE)
    assert "СТАНДАРТНЫЕ" not in section(txt(snapshot), "4.1")
    assert "Стандартные поля: Сделка — нет на портале" in section(txt(snapshot), "1")


def test_json_tells_them_and_reads_them_back() -> None:
    whole = document(FULL)
    assert whole["standard_fields"][2] == {
        "entity_type": "deal",
        "code": "STAGE_ID",
        "api_name": "stageId",
        "type": "crm_status",
        "multiple": False,
        "mandatory": True,
        "read_only": False,
        "label": "Стадия",
    }
    (entry,) = (row for row in whole["coverage"] if row["kind"] == "standard_fields")
    assert (entry["entity_type"], entry["state"], entry["items"]) == ("deal", "complete", 4)
    assert load_json(dump_json(FULL, language="ru")) == FULL
    assert document(FAILED)["standard_fields"] == []
    assert load_json(dump_json(FAILED, language="ru")) == FAILED


def test_a_document_without_the_key_has_none() -> None:
    loaded = load_json(dump_json(a_snapshot(), language="ru"))
    assert (loaded.is_full, loaded.standard_fields) == (False, ())


def test_csv_has_a_row_for_each() -> None:
    lines = [
        line for line in render_csv(FULL, language="ru").decode().splitlines() if "standard_field;" in line
    ]
    assert lines[1].startswith("standard_field;deal;;;ID;название не задано;integer;id;нет;нет;")
    assert lines[1].endswith("только чтение")
    assert len(lines) == 4


def test_the_workbook_lists_them_with_their_entity() -> None:
    sheet = _sheet(FULL, "Сделка")
    kinds = [row[0] for row in sheet.rows]
    assert kinds.count("стандартное поле") == 4
    assert kinds.index("стандартное поле") < kinds.index("поле")
    assert any(row[0] == "!" and "oops" in row[-1] for row in _sheet(FAILED, "Сделка").rows)


def _sheet(snapshot: Snapshot, name: str) -> Sheet:
    (found,) = (sheet for sheet in sheets(Source(snapshot, "ru")) if sheet.name == name)
    return found


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "ru",
            [
                "СДЕЛКА · стандартное поле STAGE_ID «Этап»: название «Стадия» → «Этап»",
                "СДЕЛКА · стандартное поле STAGE_ID «Этап»: обязательное да → нет",
                "СДЕЛКА · стандартное поле STAGE_ID «Этап»: только чтение нет → да",
                "СДЕЛКА · стандартное поле UTM_SOURCE «Название»: добавлено",
                "СДЕЛКА · стандартное поле ID: удалено",
            ],
        ),
        (
            "en",
            [
                "DEAL · standard field STAGE_ID “Этап”: label “Стадия” → “Этап”",
                "DEAL · standard field STAGE_ID “Этап”: required yes → no",
                "DEAL · standard field STAGE_ID “Этап”: read only no → yes",
                "DEAL · standard field UTM_SOURCE “Название”: added",
                "DEAL · standard field ID: removed",
            ],
        ),
    ],
)
def test_changes_are_told_in_words(language: Language, told: list[str]) -> None:
    edited = replace(STAGE, label="Этап", mandatory=False, read_only=True)
    new = replace(
        FULL, standard_fields=(CONTACTS, edited, a_standard_field(), a_standard_field(code="UTM_SOURCE"))
    )
    lines = changes_txt(diff(FULL, new), FULL, new, language=language).decode().splitlines()
    assert lines[4:] == told


def test_one_side_with_them_and_one_without_is_no_difference() -> None:
    ordinary = a_snapshot()
    for old, new in ((FULL, ordinary), (ordinary, FULL)):
        text = changes_txt(diff(old, new), old, new, language="ru").decode()
        assert text.splitlines()[4:] == ["Изменений нет."]


def test_each_entity_has_its_own() -> None:
    process = a_smart_process()
    snapshot = a_snapshot(
        entity_types=(an_entity_type(), process),
        standard_fields=(STAGE, replace(STAGE, entity_type=process.key)),
        user_fields=(a_user_field(),),
    )
    assert [entry.items for entry in complete_coverage(snapshot) if entry.kind is Kind.STANDARD_FIELDS] == [
        1,
        1,
    ]
    text = txt(snapshot)
    assert "СТАНДАРТНЫЕ ПОЛЯ (1)" in section(text, "4.1")
    assert "СТАНДАРТНЫЕ ПОЛЯ (1)" in section(text, "4.2")


def test_known_to_be_none_is_said() -> None:
    coverage = (*a_snapshot().coverage, a_coverage(Kind.STANDARD_FIELDS, entity_type="deal"))
    assert "Стандартных полей нет." in section(txt(a_snapshot(coverage=coverage)), "4.1")
