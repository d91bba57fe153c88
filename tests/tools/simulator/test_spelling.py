"""Pure rules in tables: universal names, binding prefixes, PHP arrays and query strings, filters."""

from __future__ import annotations

from typing import Any

import pytest

from tools.simulator.naming import binding_prefix, universal_name, universal_names
from tools.simulator.php import as_int, as_map, loose_int, parse_query, php_map, truthy
from tools.simulator.selecting import in_order, matching


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("UF_CRM_COLOR", "ufCrmColor"),
        ("UF_CRM_7_COLOR", "ufCrm7Color"),
        ("UF_CRM_7_SHIP_DATE", "ufCrm7ShipDate"),
        ("UF_CRM_1712345678", "ufCrm_1712345678"),
        ("UF_CRM_7_1712345678", "ufCrm7_1712345678"),
        ("UF_CRM_5E1F3A77B0C1D", "ufCrm_5E1F3A77B0C1D"),
        ("UF_CRM_WEIGHT_2", "ufCrm_WEIGHT_2"),
        ("UF_CRM_SMART_INVOICE_1712345678", "ufCrm_SMART_INVOICE_1712345678"),
        ("UF_STATUS_LINE", "ufStatusLine"),
        ("UF_LINE_2", "ufLINE_2"),
        ("STAGE_ID", "stageId"),
        ("ID", "id"),
    ],
)
def test_universal_names(code: str, name: str) -> None:
    assert universal_name(code) == name


def test_a_taken_universal_name_leaves_the_code() -> None:
    assert universal_names(["UF_CRM_A_B", "UF_CRM_A__B"]) == {
        "UF_CRM_A_B": "ufCrmAB",
        "UF_CRM_A__B": "UF_CRM_A__B",
    }


@pytest.mark.parametrize(
    ("number", "prefix"), [(1, "L"), (4, "CO"), (31, "SI"), (8, "RQ"), (162, "Ta2"), (1042, "T412")]
)
def test_binding_prefixes(number: int, prefix: str) -> None:
    assert binding_prefix(number) == prefix


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({}, []),
        ({"0": "a", "1": "b"}, ["a", "b"]),
        ({"1": "b", "0": "a"}, {"1": "b", "0": "a"}),
        ({"0": "*", "language": "ru"}, {"0": "*", "language": "ru"}),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_php_writes_maps(given: dict[str, Any], written: Any) -> None:
    assert php_map(given) == written


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a=1&a=2", {"a": "2"}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=x&a[0]=y", {"a": {"1": "x", "0": "y"}}),
        ("select[0]=*&select[language]=ru", {"select": {"0": "*", "language": "ru"}}),
        ("filter[a][0]=1&filter[a][1]=2", {"filter": {"a": ["1", "2"]}}),
        ("f%5B%3EID%5D=5", {"f": {">ID": "5"}}),
        ("a.b=1&c+d=2", {"a_b": "1", "c_d": "2"}),
        ("a=%D0%AF+1", {"a": "Я 1"}),
        ("=1&&[x]=2", {}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b=1", {"a": "1"}),
    ],
)
def test_php_reads_query_strings(query: str, params: dict[str, Any]) -> None:
    assert parse_query(query) == params


@pytest.mark.parametrize(
    ("value", "true"), [(0, 0), ("0", 0), ("", 0), (None, 0), ([], 0), ("N", 1), ("false", 1), (2, 1)]
)
def test_php_truthiness(value: Any, true: int) -> None:
    assert truthy(value) is bool(true)


@pytest.mark.parametrize(
    ("value", "number"), [("12", 12), (12, 12), (True, 1), ("12x", None), ("", None), ([], None), (1.5, None)]
)
def test_ints_of_controllers(value: Any, number: int | None) -> None:
    assert as_int(value) == number


@pytest.mark.parametrize(
    ("value", "number"), [("12x", 12), ("x", 0), (None, 0), ([], 0), (7.9, 7), ("-1", -1), (" 50", 50)]
)
def test_php_casts(value: Any, number: int) -> None:
    assert loose_int(value) == number


def test_arrays_are_read_from_both_forms() -> None:
    assert as_map(["a"]) == as_map({"0": "a"}) == {"0": "a"}
    assert as_map("a") == {}


ROWS = [
    {"ID": "1", "NAME": "Ёж", "ACTIVE": True, "UF": [1, 2]},
    {"ID": "10", "NAME": "Ель", "ACTIVE": False, "UF": [3]},
    {"ID": "9", "NAME": "", "ACTIVE": True, "UF": []},
]


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({}, "1 10 9"),
        ({"ID": 9}, "9"),
        ({"=ID": "9"}, "9"),
        ({"!ID": 9}, "1 10"),
        ({"!=ID": "9"}, "1 10"),
        ({">ID": 1}, "10 9"),
        ({">=ID": "9"}, "10 9"),
        ({"<ID": 10}, "1 9"),
        ({"<=ID": 9}, "1 9"),
        ({"@ID": [1, 9]}, "1 9"),
        ({"!@ID": ["1", "9"]}, "10"),
        ({"ID": [1, 10]}, "1 10"),
        ({"><ID": [2, 9]}, "9"),
        ({"%NAME": "е"}, "10"),
        ({"!%NAME": "е"}, "1 9"),
        ({"=%NAME": "Е%"}, "10"),
        ({"NAME": ""}, "9"),
        ({"ACTIVE": "Y"}, "1 9"),
        ({"ACTIVE": 1}, "1 9"),
        ({"ACTIVE": False}, "10"),
        ({"UF": 2}, "1"),
        ({"UF": [2, 3]}, "1 10"),
        ({"UNKNOWN": 5}, "1 10 9"),
        ({">ID": 1, "ACTIVE": "Y"}, "9"),
    ],
)
def test_filters(conditions: dict[str, Any], ids: str) -> None:
    assert " ".join(str(row["ID"]) for row in matching(ROWS, conditions)) == ids


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ({}, "1 10 9"),
        ({"ID": "ASC"}, "1 9 10"),
        ({"ID": "desc"}, "10 9 1"),
        ({"ACTIVE": "ASC", "ID": "DESC"}, "10 9 1"),
    ],
)
def test_orders_are_numeric_where_they_can_be(order: dict[str, str], ids: str) -> None:
    assert " ".join(str(row["ID"]) for row in in_order(ROWS, order)) == ids
