"""The layout of the text specification, as somebody would like to break it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings

from shared.domain.snapshot import Snapshot
from tests.builders import a_list_field, a_snapshot, a_user_field
from tests.shared.specification.hostile import LABELS, coded, labelled
from tests.shared.specification.reading_txt import FIELD_ROW, columns, section, txt
from tests.shared.specification.strategies import snapshots


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_no_label_breaks_the_layout(label: str) -> None:
    snapshot = labelled(label)
    text = txt(snapshot)
    assert len(FIELD_ROW.findall(text)) == len(snapshot.user_fields)
    assert max(map(columns, text.split("\n"))) <= 118
    assert [
        sign
        for sign in set(text) - {"\n"}
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign != "\u200d"
    ] == []


@pytest.mark.parametrize(
    "code",
    [
        "X" * 47,
        "UF_" + "X" * 44,
        "C3:NEW",
        "1  UF_X",
        "a\nb",
        "\u202eX",
        "中" * 20,
        "X" * 90,
        "X" * 300,
        "|",
        " ",
    ],
)
def test_no_code_breaks_the_layout(code: str) -> None:
    text = txt(coded(code))
    assert len(FIELD_ROW.findall(text)) == 2
    assert max(map(columns, text.split("\n"))) <= 118


def test_codes_of_fifty_signs_are_never_broken_and_start_in_one_column() -> None:
    code = "UF_CRM_" + "A" * 43
    text = txt(a_snapshot(user_fields=(a_user_field(code=code), a_user_field(id=502, code="UF_CRM_B"))))
    rows = [line for line in section(text, "4.1").split("\n") if FIELD_ROW.match(line)]
    assert [row[5:].split(" ")[0] for row in rows] == [code, "UF_CRM_B"]
    assert code in section(text, "8")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(snapshots())
def test_any_snapshot_gives_lines_of_the_right_width_and_one_row_for_each_field(snapshot: Snapshot) -> None:
    text = txt(snapshot)
    assert max(map(columns, text.split("\n"))) <= 118
    assert len(FIELD_ROW.findall(text)) == len(snapshot.user_fields)
    assert "\t" not in text


def test_every_line_below_a_field_is_indented_past_its_code_and_starts_with_a_word() -> None:
    fields = (
        a_list_field(*(f"Value {n} of a list" for n in range(30)), labels={"ru": "A label " * 40}),
        a_user_field(id=502, code="UF_CRM_2", type="crm", settings={"DEAL": "Y"}),
    )
    lines = section(txt(a_snapshot(user_fields=fields)), "4.1").split("\n")
    start = next(number for number, line in enumerate(lines) if FIELD_ROW.match(line))
    below = [line for line in lines[start:] if line and not FIELD_ROW.match(line)]
    assert len(below) > 5
    assert all(re.match(r" {7}[а-я]+: \S", line) for line in below), below
