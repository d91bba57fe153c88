"""The workbook: everything is text, and every sheet can be opened, found and filtered."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.snapshot import Snapshot
from shared.specification.xlsx import render_xlsx, sheet_names
from shared.wording.language import LANGUAGES, Language
from shared.wording.visible import visible
from tests.builders import (
    a_list_field,
    a_smart_process,
    a_snapshot,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.shared.specification.example import example
from tests.shared.specification.hostile import LABELS, coded, labelled


def workbook(snapshot: Snapshot, language: Language = "ru", *, persons: bool = True) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(snapshot, language=language, persons=persons)))


def rows(book: Workbook, sheet: str) -> list[dict[str, str]]:
    header, *lines = book[sheet].iter_rows(values_only=True)
    return [
        {str(title): str(cell) for title, cell in zip(header, line, strict=True) if cell is not None}
        for line in lines
    ]


def test_there_is_an_index_and_a_sheet_for_each_entity() -> None:
    book = workbook(example())
    assert book.sheetnames == [
        *("Паспорт", "Сводка", "Сущности", "Лид", "Сделка", "Контакт", "Счёт", "Реквизиты"),
        *("без названия (entityTypeId 175)", "Ремонт", "Справочники", "Пользователи", "Подразделения"),
        *("Замечания", "Соответствие"),
    ]
    index = [row["Спецификация CRM Битрикс24"] for row in rows(book, "Паспорт")]
    assert all(any(line.startswith(f"{name} — ") for line in index) for name in book.sheetnames[1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_keeps_its_header_in_view_and_can_be_filtered(language: Language) -> None:
    for sheet in workbook(example(), language):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.column_dimensions["A"].width >= 8


def test_identifiers_are_text() -> None:
    stage = rows(workbook(a_snapshot()), "Сделка")[1]
    assert (stage["Что это"], stage["id"], stage["Код"], stage["Смысл"]) == (
        "стадия",
        "101",
        "NEW",
        "в работе",
    )


def test_list_values_follow_their_field() -> None:
    book = workbook(a_snapshot(user_fields=(a_list_field("Самовывоз"),)))
    field, value = rows(book, "Сделка")[-2:]
    assert (field["Код"], field["Тип"]) == ("UF_CRM_1700000000001", "список (enumeration)")
    assert (value["Воронка / поле"], value["id"], value["Название"]) == (
        "UF_CRM_1700000000001",
        "71",
        "Самовывоз",
    )


def test_what_was_not_read_of_an_entity_stands_on_its_sheet() -> None:
    reason = Reason(ReasonCode.NO_RIGHTS, "crm.deal.userfield.list")
    snapshot = with_coverage(
        a_snapshot(user_fields=()), Kind.USER_FIELDS, state=State.FORBIDDEN, reason=reason
    )
    (note,) = (row for row in rows(workbook(snapshot), "Сделка") if row["Что это"] == "!")
    assert note["Замечание"].startswith(
        "Пользовательские поля: нет прав. У того, от чьего имени читает CRMAP"
    )


def test_without_persons_nobody_is_named() -> None:
    book = workbook(a_snapshot(), persons=False)
    assert "Пример Иван" not in [
        cell for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line
    ]


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert render_xlsx(example(), language="ru") == render_xlsx(example(), language="ru")


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_no_label_becomes_a_formula_a_number_or_a_link(label: str) -> None:
    data = render_xlsx(labelled(label), language="ru")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<(f|hyperlink)[ >/]", archive.read(name))
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]


@pytest.mark.parametrize("label", [label for label in LABELS.values() if 0 < len(label) < 1000])
def test_a_label_is_kept_as_it_stands(label: str) -> None:
    field = rows(workbook(a_snapshot(user_fields=(a_user_field(labels={"ru": label}),))), "Сделка")[-1]
    # As a spreadsheet reads it: what looks like an escape of the format is escaped itself.
    assert unescape(field["Название"]) == visible(label)


def test_a_text_longer_than_a_cell_holds_ends_in_an_ellipsis() -> None:
    field = rows(workbook(a_snapshot(user_fields=(a_user_field(labels={"ru": "𝄞" * 40_000}),))), "Сделка")[-1]
    assert field["Название"].endswith("…")
    assert len(field["Название"].encode("utf-16-le")) <= 2 * 32_767


@pytest.mark.parametrize("code", ["=1+1", "007", "1E5", "a\nb"])
def test_codes_stay_codes(code: str) -> None:
    assert rows(workbook(coded(code)), "Справочники")[-1]["STATUS_ID"] == visible(code)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["Сделка", "сделка", "СДЕЛКА"], ["Сделка", "сделка (2)", "СДЕЛКА (3)"]),
        (["a/b[c]:d*?"], ["a b c  d"]),
        (["'quoted'", "''", ""], ["quoted", "-", "- (2)"]),
        (["x" * 40, "x" * 50], ["x" * 31, "x" * 27 + " (2)"]),
        (["History"], ["History (2)"]),
        (["𝄞" * 20], ["𝄞" * 15]),
        (["a\nb"], ["a⏎b"]),
    ],
)
def test_sheets_get_names_a_workbook_accepts(titles: list[str], names: list[str]) -> None:
    assert sheet_names(titles) == names


def test_entities_of_the_same_name_get_sheets_of_their_own() -> None:
    twins = (
        a_smart_process(title="Сделка"),
        a_smart_process(key="dynamic_1042", entity_type_id=1042, title="Сделка"),
    )
    fields = tuple(a_user_field(entity_type=entity.key, code=f"UF_CRM_{n}") for n, entity in enumerate(twins))
    book = workbook(a_snapshot(entity_types=(an_entity_type(), *twins), user_fields=fields))
    assert {"Сделка", "Сделка (2)", "Сделка (3)"} <= set(book.sheetnames)
