"""Reports about the files people make of a portal's metadata."""

from __future__ import annotations

import csv
import io

import pytest

from shared.specification.csv_format import render_csv
from shared.specification.txt import render_txt
from tests.cases.fields import classic, deal_fields
from tests.shared.bitrix24.answering import answered, snapshot
from tests.shared.specification.reading_txt import FIELD_ROW, txt

LABEL = 'Способ доставки; "срочно"\nвторая строка'
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)"]


def test_cyrillic_files_begin_with_the_mark_that_office_programs_look_for() -> None:
    """github.com/osTicket/osTicket/issues/1526, jwage/easy-csv/pull/34"""
    found = snapshot(answered(deal_fields(classic(501, "UF_CRM_A", EDIT_FORM_LABEL=LABEL))))
    for data in (render_csv(found, language="ru"), render_txt(found, language="ru")):
        assert data.startswith(bytes.fromhex("EFBBBF"))
    assert not render_txt(found, language="ru", bom=False).startswith(bytes.fromhex("EFBBBF"))


def test_separators_quotes_and_line_breaks_of_a_label_break_no_file() -> None:
    """github.com/osTicket/osTicket/issues/1526"""
    found = snapshot(answered(deal_fields(classic(501, "UF_CRM_A", EDIT_FORM_LABEL=LABEL))))
    rows = list(csv.reader(io.StringIO(render_csv(found, language="ru").decode("utf-8-sig")), delimiter=";"))
    (row,) = (row for row in rows if "UF_CRM_A" in row)
    (label,) = (cell for cell in row if "Способ доставки" in cell)
    assert label.startswith('Способ доставки; "срочно"')
    assert "\n" not in label
    assert {len(row) for row in rows} == {len(rows[0])}
    (line,) = (line for line in txt(found).splitlines() if FIELD_ROW.match(line))
    assert '"срочно"' in line
    assert line.endswith("⏎вторая строка")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_value_that_looks_like_a_formula_stays_text(formula: str) -> None:
    """github.com/jwage/easy-csv/pull/34"""
    value = {"ID": "71", "SORT": "10", "VALUE": formula, "DEF": "N"}
    row = classic(501, "UF_CRM_A", USER_TYPE_ID="enumeration", EDIT_FORM_LABEL=formula, LIST=[value])
    data = render_csv(snapshot(answered(deal_fields(row))), language="ru").decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(data), delimiter=";") for cell in line]
    assert [cell for cell in cells if cell.startswith(("=", "+", "@")) or cell == formula] == []
    assert f"'{formula}" in cells
