"""Every spelling of a value that methods of different ages give, and what none of them gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from shared.bitrix24.coerce import (
    Odd,
    came,
    clean,
    color,
    flag,
    integer,
    integers,
    required_integer,
    required_text,
    scopes,
    settings,
    single_label,
    text,
)

UNDERSTOOD: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (integer, 15, 15),
    (integer, "15", 15),
    (integer, 0, 0),
    (integer, "0", 0),
    (integer, "-1", -1),
    (integer, "007", 7),
    (integer, None, None),
    (integer, "", None),
    (required_integer, "999999999999999", 999_999_999_999_999),
    (flag, "Y", True),
    (flag, "N", False),
    (flag, "y", True),
    (flag, True, True),
    (flag, False, False),
    (flag, 1, True),
    (flag, 0, False),
    (flag, "1", True),
    (flag, "0", False),
    (flag, "", False),
    (flag, None, None),
    (text, "Розница", "Розница"),
    (text, "", None),
    (text, None, None),
    (text, False, None),
    (text, [], None),
    (text, 2024, "2024"),
    (text, "0", "0"),
    (text, " ", " "),
    (text, "a\x00b", "a\ufffdb"),
    (text, "a\\u0000b", "a\\u0000b"),
    (text, "a\ud800b", "a\ufffdb"),
    (required_text, 0, "0"),
    (color, "#39A8EF", "#39A8EF"),
    (color, "#ff5752", "#FF5752"),
    (color, "ff5752", "#FF5752"),
    (color, "#abc", "#AABBCC"),
    (color, "", None),
    (color, None, None),
    (single_label, "Цвет", "Цвет"),
    (single_label, {"de": "Farbe"}, "Farbe"),
    (single_label, {"ru": "", "en": None, "de": "Farbe"}, "Farbe"),
    (single_label, {"ru": ""}, None),
    (single_label, [], None),
    (single_label, ["Цвет"], "Цвет"),
    (single_label, None, None),
    (single_label, "", None),
    (integers, [1, 7], (1, 7)),
    (integers, ["7", 1, "1"], (1, 7)),
    (integers, {"0": 3, "2": 1}, (1, 3)),
    (integers, [], ()),
    (integers, False, ()),
    (integers, None, ()),
    (integers, "", ()),
    (integers, 5, (5,)),
    (integers, "5", (5,)),
    (settings, [], {}),
    (settings, None, {}),
    (settings, False, {}),
    (settings, "", {}),
    (settings, {"SIZE": "20", "ROWS": 1}, {"SIZE": 20, "ROWS": 1}),
    (settings, {"CODE": "007", "NEGATIVE": "-5"}, {"CODE": "007", "NEGATIVE": -5}),
    (settings, {"PRECISION": 4.0, "STEP": 0.5}, {"PRECISION": 4, "STEP": 0.5}),
    (settings, {"LABEL": ["Нет", "Да"]}, {"LABEL": ["Нет", "Да"]}),
    (settings, {"EXTENSIONS": {"pdf": True}}, {"EXTENSIONS": {"pdf": True}}),
    (settings, {"A\x00": {"B\x00": "\ud800"}}, {"A\ufffd": {"B\ufffd": "\ufffd"}}),
    (settings, ["Y"], {"0": "Y"}),
    (settings, {"MIN": None}, {"MIN": None}),
    (scopes, "crm,user_basic", {"crm", "user_basic"}),
    (scopes, "crm user_basic", {"crm", "user_basic"}),
    (scopes, "CRM,\n user_basic,,", {"crm", "user_basic"}),
    (scopes, ["crm", "User"], {"crm", "user"}),
    (scopes, [], set()),
    (scopes, "", set()),
    (scopes, ["cr\ud800m"], {"cr\ufffdm"}),
]


@pytest.mark.parametrize(("coerced", "value", "expected"), UNDERSTOOD)
def test_a_known_spelling_is_understood(coerced: Callable[[Any], Any], value: Any, expected: Any) -> None:
    assert coerced(value) == expected


_DEEP: list[Any] = []
for _ in range(100):
    _DEEP = [_DEEP]

ODD: list[tuple[Callable[[Any], Any], list[Any]]] = [
    (integer, ["x", "1.5", "1e3", " 1", "1\n", "١", "9" * 16, 1.5, True, [], {}, 10**15, -(10**15)]),
    (required_integer, [None, ""]),
    (flag, ["yes", "true", "ДА", 2, -1, 1.0, [], {}]),
    (text, [True, ["x"], {}, {"ru": "x"}]),
    (required_text, [None, "", [], False]),
    (color, ["red", "#12345", "#1234567", "rgb(0,0,0)", "#ggg", [1]]),
    (single_label, [True, {"ru": ["x"]}, [["x"]]]),
    (integers, ["1,2", [None], ["x"], True, 1.5, [[1]]]),
    (settings, [42, "x", True, {"A": _DEEP}, {"A": 10**15}, {"A": float("inf")}, {"A": float("nan")}]),
    (scopes, [None, 5, [1], {"crm": True}]),
]


@pytest.mark.parametrize(
    ("coerced", "value"), [(coerced, value) for coerced, values in ODD for value in values]
)
def test_anything_else_is_odd_and_not_guessed(coerced: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(Odd):
        coerced(value)


def test_settings_that_are_understood_can_always_be_written_down() -> None:
    deepest: Any = 0.1
    for level in range(19):
        deepest = {str(level): deepest}
    assert orjson.dumps(settings({"A": deepest, "B": -999_999_999_999_999, "C": 1e-300}))


@pytest.mark.parametrize("sign", ["ё", "🌼", "\u202e", "\n", "\x1f", "\ufeff", "\x85", "\u2028"])
def test_a_sign_that_files_can_hold_is_kept_as_it_is(sign: str) -> None:
    assert clean(f"a{sign}b") == f"a{sign}b"


def nested(depth: int) -> Any:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Розница", "Розница"),
        ({"ID": 10**20, "DEF": None}, '{"ID":100000000000000000000,"DEF":null}'),
        ({"ID": float("inf")}, '{"ID":Infinity}'),
        (["a\ud800b\x00"], '["a\ufffdb\\u0000"]'),
        (["Опт, ёж"], '["Опт, ёж"]'),
        ("x" * 80, "x" * 80),
        ("x" * 81, f"{'x' * 79}…"),
        (nested(300), f"{'[' * 79}…"),
        (nested(100_000), "list"),
    ],
)
def test_whatever_came_can_be_told(value: Any, told: str) -> None:
    assert came(value) == told
