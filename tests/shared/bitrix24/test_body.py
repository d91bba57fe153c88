"""From bytes to a payload, or to the error they amount to: nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from shared.bitrix24.body import batch_answers, payload_of
from shared.bitrix24.commands import Answer, Command, Key
from shared.bitrix24.errors import Fault, PortalError
from shared.domain.errors import (
    BadAnswer,
    CrmapError,
    MethodPaused,
    PortalMoved,
    RequestRejected,
    RightsMissing,
)
from shared.outbound import Response


def payload(body: bytes, status: int = 200, location: str = "") -> Any:
    return payload_of(Response(status, body, location), method="batch")


def refusal(body: bytes, status: int = 200, location: str = "") -> CrmapError:
    with pytest.raises(CrmapError) as caught:
        payload(body, status, location)
    return caught.value


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"result": []}', []),
        (b'{"result": null}', None),
        (b'{"result": false, "time": {}}', False),
        (b'\xef\xbb\xbf{"result": 1}', 1),
        (b' \n{"result": 1}\n', 1),
        (b'{"result": 1}<b>Warning</b>', 1),
        (b'<b>Warning</b>: {0} on line 3<br />{"time": {}, "result": 1}', 1),
        (
            'Внимание {"result": "Сделка"}'.encode("cp1251").replace(
                "Сделка".encode("cp1251"), "Сделка".encode()
            ),
            "Сделка",
        ),
        (b'{"result": 1, "result": 2}', 2),
        (rb'{"result": "a\ud800b"}', "a\ud800b"),
        (rb'{"result": "\u0000"}', "\x00"),
        (b'{"result": 1, "time": {"operating": 1e999}}', 1),
    ],
)
def test_a_result_is_what_stands_under_its_key(body: bytes, expected: Any) -> None:
    assert payload(body) == expected


NO_ANSWER: list[tuple[bytes, int, str]] = [
    (b"", 200, "empty"),
    (b" \r\n ", 502, "empty"),
    (b"null", 200, "shape"),
    (b"[]", 200, "shape"),
    (b'"x"', 200, "shape"),
    (b"123", 200, "shape"),
    (b"{}", 200, "shape"),
    (b'{"time": {}}', 200, "shape"),
    (b'{"result": [', 200, "not_json"),
    (b'<b>Warning</b>: x {"result": [', 200, "php"),
    ('{"result": "Сделка"} внимание'.encode("cp1251"), 200, "not_json"),
    ('{"result": "Сделка"}'.encode("utf-16"), 200, "not_json"),
    ('{"result": "Сделка"}'.encode("cp1251"), 200, "not_json"),
    (b'{"result": NaN}', 200, "not_json"),
    (b'{"result": Infinity}', 200, "not_json"),
    (b'{"result": ' + b"9" * 5_000 + b"}", 200, "not_json"),
    (b"[" * 100_000 + b"]" * 100_000, 200, "not_json"),
    (b'{"result": ' + b"[" * 100_000, 200, "not_json"),
    (b"\x00\x01\x02", 200, "not_json"),
    (b"<html><body>Hello</body></html>", 200, "page"),
    (b"\n <!DOCTYPE html><p>Bad Gateway", 502, "page"),
    (b"<html>denied</html>", 401, "password"),
    (b"", 403, "firewall"),
    (b"<html>Not Found</html>", 404, "no_portal"),
]


@pytest.mark.parametrize(("body", "status", "what"), NO_ANSWER)
def test_what_is_no_answer_is_called_what_it_is(body: bytes, status: int, what: str) -> None:
    bad = refusal(body, status)
    assert (type(bad), bad.facts["what"], bad.facts["status"]) == (BadAnswer, what, str(status))
    assert len(bad.facts["start"]) <= 200


def test_the_start_of_a_page_is_told_without_its_markup() -> None:
    page = b"<html><head><style>p {color: red}</style><script>alert(1)</script></head><body>\n<h1>Access\tdenied</h1>"
    assert refusal(page + b"x" * 5000).facts["start"].startswith("Access denied x")


ERRORS: list[tuple[bytes, int, type[CrmapError]]] = [
    (b'{"error": "ACCESS_DENIED", "error_description": "Access denied."}', 400, RightsMissing),
    (b'{"error": "ERROR_CORE", "error_description": "x"}', 200, RequestRejected),
    (b'{"error": ""}', 400, RequestRejected),
    (b'{"error": 0, "error_description": null}', 400, RequestRejected),
    (b'{"error": "ERROR_CORE", "result": []}', 200, RequestRejected),
    (b'{"result": [], "error": "ERROR_CORE"}', 200, RequestRejected),
    (b'{"error": "INTERNAL_SERVER_ERROR", "error_description": "<br>"}', 500, BadAnswer),
]


@pytest.mark.parametrize(("body", "status", "kind"), ERRORS)
def test_an_error_decides_whatever_the_status_and_whatever_else_came(
    body: bytes, status: int, kind: type[CrmapError]
) -> None:
    assert type(refusal(body, status)) is kind


@pytest.mark.parametrize(
    ("reset", "until"),
    [
        ("1930000600", "2031-02-27T23:16:40+00:00"),
        ("null", ""),
        ('"soon"', ""),
        (str(10**18), ""),
        (str(-(10**30)), ""),
    ],
)
def test_a_paused_method_says_until_when_if_the_portal_did(reset: str, until: str) -> None:
    body = '{"error": "OPERATION_TIME_LIMIT", "time": {"operating_reset_at": ' + reset + "}}"
    paused = refusal(body.encode(), 429)
    assert (type(paused), paused.facts["until"]) == (MethodPaused, until)


MOVED = {
    "https://new-name.example/rest/1/x/batch": "new-name.example",
    "https://new-name.example:8443/rest/batch": "new-name.example:8443",
    "//new-name.example/rest/batch": "new-name.example",
    "https://user:word@new-name.example/rest/": "new-name.example",
}


@pytest.mark.parametrize(("location", "host"), MOVED.items())
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_interface_tells_where_the_portal_is_now(
    location: str, host: str, status: int
) -> None:
    moved = refusal(b"<html>", status, location)
    assert (type(moved), moved.facts) == (PortalMoved, {"host": host})


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/auth/",
        "/rest/1/x/batch",
        "https://new.example/closed",
        "https://[new/rest/",
        "https://new:x/rest/",
    ],
)
def test_any_other_redirect_is_no_answer(location: str) -> None:
    bad = refusal(b'{"result": []}', 302, location)
    assert (type(bad), bad.facts["what"]) == (BadAnswer, "redirect")


A, B, C = Key("a"), Key("b"), Key("c")
COMMANDS = [Command(A, "profile"), Command(B, "user.get"), Command(C, "scope")]
SKIPPED = PortalError(Fault.NOT_ANSWERED)
LISTS: dict[str, list[Any]] = {name: [] for name in ("result", "result_error", "result_total", "result_next")}

BATCHES: list[tuple[dict[str, Any], dict[Key, Answer]]] = [
    (LISTS, {}),
    ({"result": {"a": {"ID": "1"}}}, {A: Answer("profile", {"ID": "1"})}),
    (
        {"result": {"a": None, "b": [], "c": False}},
        {B: Answer("user.get", []), C: Answer("scope", value=False)},
    ),
    ({**LISTS, "result": {"b": []}, "result_total": {"b": 0}}, {B: Answer("user.get", [], 0)}),
    (
        {"result": {"b": []}, "result_total": {"b": "120"}, "result_next": {"b": 50}},
        {B: Answer("user.get", [], 120, 50)},
    ),
    (
        {"result": [], "result_error": {"c": {"error": "", "error_description": "Access denied."}}},
        {C: Answer("scope", error=PortalError(Fault.RIGHTS, "", "Access denied."))},
    ),
    (
        {"result": [], "result_error": {"a": "ERROR_CORE"}},
        {A: Answer("profile", error=PortalError(Fault.OTHER, "ERROR_CORE"))},
    ),
    (
        {"result": {"a": 1}, "result_error": {"a": {"error": "INTERNAL_SERVER_ERROR"}}},
        {A: Answer("profile", error=PortalError(Fault.RETRY, "INTERNAL_SERVER_ERROR"))},
    ),
    ({"result": [1, 2, 3], "result_error": [{"error": "X"}]}, {}),
]


@pytest.mark.parametrize(("batch", "expected"), BATCHES)
def test_every_command_has_an_answer_an_error_or_was_skipped(
    batch: dict[str, Any], expected: dict[Key, Answer]
) -> None:
    skipped = {command.key: Answer(command.method, error=SKIPPED) for command in COMMANDS}
    assert batch_answers(batch, COMMANDS) == skipped | expected


@pytest.mark.parametrize("total", [None, -1, True, 1.5, "x", "-1", [], {}, "1" * 12])
def test_a_total_that_is_no_count_is_none(total: Any) -> None:
    batch = {"result": {"b": []}, "result_total": {"b": total}, "result_next": {"b": total}}
    answer = batch_answers(batch, COMMANDS)[B]
    assert (answer.total, answer.next) == (None, None)


@pytest.mark.parametrize(
    "result",
    [None, 42, "x", [], {}, {"result_error": []}, {"result": 1}, {"result": [], "result_error": "x"}],
)
def test_what_is_no_batch_is_a_bad_answer(result: Any) -> None:
    with pytest.raises(BadAnswer) as caught:
        batch_answers(result, COMMANDS)
    assert caught.value.facts["what"] == "shape"
