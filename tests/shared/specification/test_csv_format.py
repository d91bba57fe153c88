"""The CSV specification: opens in Excel with Cyrillic intact, and no cell is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.snapshot import Snapshot
from shared.specification.csv_format import harmless, render_csv
from shared.wording.visible import visible
from tests.builders import a_list_field, a_snapshot, a_user_field, with_coverage
from tests.shared.specification.example import example
from tests.shared.specification.hostile import LABELS, coded, labelled


def rows(snapshot: Snapshot, *, persons: bool = True) -> list[dict[str, str]]:
    text = render_csv(snapshot, language="ru", persons=persons).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def of_kind(snapshot: Snapshot, kind: str) -> list[dict[str, str]]:
    return [row for row in rows(snapshot) if row["kind"] == kind]


def test_the_file_begins_with_a_byte_order_mark_and_the_promised_columns() -> None:
    data = render_csv(a_snapshot(), language="ru")
    assert data.startswith(b"\xef\xbb\xbfkind;entity_type;parent;id;code;name;type;")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_every_item_is_a_row() -> None:
    snapshot = example()
    counts = {
        "entity_type": len(snapshot.entity_types),
        "pipeline": len(snapshot.pipelines),
        "stage": len(snapshot.stages),
        "leftover_stage": len(snapshot.orphan_stages),
        "dictionary": len(snapshot.dictionaries),
        "dictionary_item": sum(len(dictionary.items) for dictionary in snapshot.dictionaries),
        "user_field": len(snapshot.user_fields),
        "list_value": sum(len(field.values) for field in snapshot.user_fields),
        "user": len(snapshot.users),
        "department": len(snapshot.departments),
        "coverage": len(snapshot.coverage),
    }
    assert {kind: len(of_kind(snapshot, kind)) for kind in counts} == counts
    assert len(rows(snapshot)) == sum(counts.values())


def test_a_field_and_its_values_are_tied_by_the_code() -> None:
    snapshot = a_snapshot(user_fields=(a_list_field("Самовывоз", mandatory=True),))
    (field,), (value,) = of_kind(snapshot, "user_field"), of_kind(snapshot, "list_value")
    assert (field["code"], field["type"], field["mandatory"]) == ("UF_CRM_1700000000001", "enumeration", "да")
    assert (value["parent"], value["id"], value["name"], value["default"]) == (
        field["code"],
        "71",
        "Самовывоз",
        "да",
    )


def test_a_kind_that_was_not_read_is_told_and_not_merely_absent() -> None:
    reason = Reason(ReasonCode.SCOPE_MISSING, "user_brief")
    snapshot = with_coverage(a_snapshot(users=()), Kind.USERS, state=State.NOT_GRANTED, reason=reason)
    (row,) = (row for row in of_kind(snapshot, "coverage") if row["code"] == "users")
    assert row["type"] == "not_granted"
    assert row["note"].startswith("Вебхуку или приложению не выдано право")


def test_without_persons_nobody_is_listed() -> None:
    assert not [row for row in rows(a_snapshot(), persons=False) if row["kind"] == "user"]


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_no_label_starts_a_formula_or_a_row(label: str) -> None:
    snapshot = labelled(label)
    cells = [cell for row in rows(snapshot) for cell in row.values()]
    assert not [cell for cell in cells if cell.lstrip()[:1] in set("=+-@\t\r\n\x00＝＋－＠")]
    assert not [cell for cell in cells if "\n" in cell or "\r" in cell]
    assert len(of_kind(snapshot, "user_field")) == len(snapshot.user_fields)


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_label_is_otherwise_left_as_it_is(label: str) -> None:
    (field,) = of_kind(a_snapshot(user_fields=(a_user_field(labels={"ru": label}),)), "user_field")
    assert field["name"] in (visible(label), f"'{visible(label)}", "название не задано")


@pytest.mark.parametrize("code", ["=1+1", "a;b", 'a"b', "a\nb"])
def test_no_code_starts_a_formula_or_a_row(code: str) -> None:
    assert all(not row["code"].startswith("=") for row in rows(coded(code)))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("＝1+1", "'＝1+1"),
        ("\t=1", "⇥=1"),
        ("1-2", "1-2"),
        ("", ""),
    ],
)
def test_a_formula_is_defused(text: str, cell: str) -> None:
    assert harmless(text) == cell
