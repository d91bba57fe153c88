"""Parameters as PHP reads them, and PHP's arrays as they come back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from shared.bitrix24.commands import Command, Key
from shared.bitrix24.php import as_map, php_query

QUERIES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, []),
    ({"entityTypeId": 2}, [("entityTypeId", "2")]),
    ({"filter": {"ENTITY_ID": "SOURCE"}}, [("filter[ENTITY_ID]", "SOURCE")]),
    ({"select": ["ID", "NAME"]}, [("select[0]", "ID"), ("select[1]", "NAME")]),
    ({"select": ("ID",)}, [("select[0]", "ID")]),
    ({"select": {"0": "*", "language": "ru"}}, [("select[0]", "*"), ("select[language]", "ru")]),
    ({"a": {"b": {"c": [1, {"d": 2}]}}}, [("a[b][c][0]", "1"), ("a[b][c][1][d]", "2")]),
    ({"flag": True, "other": False}, [("flag", "Y"), ("other", "N")]),
    ({"none": None, "empty": ""}, [("none", ""), ("empty", "")]),
    ({"filter": {">ID": 0}}, [("filter[>ID]", "0")]),
    ({"name": "Ярмарка & сыновья=1 +2"}, [("name", "Ярмарка & сыновья=1 +2")]),
    ({"id": "CRM_$result[types][types][0][id]"}, [("id", "CRM_$result[types][types][0][id]")]),
    ({"gone": [], "gone_too": {}, "nested": {"gone": []}}, []),
]


@pytest.mark.parametrize(("params", "pairs"), QUERIES)
def test_parameters_are_spelled_as_php_reads_them(
    params: dict[str, Any], pairs: list[tuple[str, str]]
) -> None:
    assert parse_qsl(php_query(params), keep_blank_values=True) == pairs


def test_nothing_but_names_signs_of_equality_and_ampersands_stays_unencoded() -> None:
    query = php_query({"filter": {"!=NAME": "a b\n#?ё"}, "order": {"ID": "ASC"}})
    assert query == "filter%5B%21%3DNAME%5D=a%20b%0A%23%3F%D1%91&order%5BID%5D=ASC"


def test_a_command_without_parameters_has_no_question_mark() -> None:
    assert Command(Key("me"), "profile").text == "profile"
    assert Command(Key("me"), "profile", {"gone": []}).text == "profile"
    assert Command(Key("me"), "user.get", {"start": 0}).text == "user.get?start=0"


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ([], {}),
        ({}, {}),
        (["a", "b"], {"0": "a", "1": "b"}),
        ({"st": []}, {"st": []}),
        ([{"error": "X"}], {"0": {"error": "X"}}),
    ],
)
def test_an_array_is_a_map_whatever_it_came_as(array: Any, expected: dict[str, Any]) -> None:
    assert as_map(array) == expected


@pytest.mark.parametrize("value", [None, 42, "x", True, 1.5])
def test_what_is_no_array_is_no_map(value: Any) -> None:
    with pytest.raises(TypeError):
        as_map(value)
