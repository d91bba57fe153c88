"""Every way a whole answer goes wrong ends as the error it is, in time, and tells nobody the secret."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from typing import Any

import pytest

from shared.bitrix24.client import Patience
from shared.domain.errors import (
    AccessLost,
    BadAnswer,
    CrmapError,
    MethodPaused,
    PortalMoved,
    RateLimited,
    RequestRejected,
    Unreachable,
)
from tests.faults.raw_server import RawServer, http
from tests.shared.bitrix24.reading import as_specification, comparable, gaps, opened, read
from tools.simulator.portal import SimulatedPortal
from tools.simulator.whole_answer import WHOLE_ANSWER

HASTY = Patience(
    connect_s=30, idle_s=0.5, total_s=5, silence_s=2.5, pauses_s=(0, 0, 0), rate_pauses_s=(0, 0, 0, 0, 0)
)
# Only a portal that keeps us waiting needs short patience; anything else may take its time on a busy machine.
PATIENT = replace(HASTY, idle_s=30, total_s=60, silence_s=60)
# Those who keep us waiting, and how to make them do so for longer than a busy machine needs for an answer.
WAITING: dict[str, dict[str, Any]] = {
    "silence": {},
    "late": {"seconds": 60.0},
    "byte_by_byte": {"pause_s": 60.0},
}

#: What each fault is when it lasts: the error, the facts that tell it apart, how often the portal was asked.
LASTING: dict[str, tuple[type[CrmapError], dict[str, str], int]] = {
    "html_200": (BadAnswer, {"what": "page", "status": "200"}, 3),
    **{
        f"html_{status}": (BadAnswer, {"what": what, "status": status}, tries)
        for status, what, tries in (
            *(("401", "password", 1), ("403", "firewall", 1), ("404", "no_portal", 1)),
            *(("502", "page", 4), ("503", "page", 4)),
        )
    },
    "query_limit_503": (RateLimited, {}, 6),
    "operation_limit_429": (MethodPaused, {"method": "batch", "until": ""}, 1),
    "error_500": (BadAnswer, {"what": "server"}, 4),
    "error_200": (RequestRejected, {"error": "ERROR_CORE: Something went wrong"}, 1),
    "refused": (AccessLost, {"error": "expired_token"}, 1),
    "empty_body": (BadAnswer, {"what": "empty"}, 4),
    **{
        name: (BadAnswer, {"what": "shape"}, 4)
        for name in ("json_null", "json_list", "json_string", "json_number")
    },
    **{
        name: (BadAnswer, {"what": "not_json"}, 4)
        for name in (
            *("deep_brackets", "truncated_json", "utf16", "windows_1251"),
            *("nan", "huge_number", "double_gzip", "length_too_small"),
        )
    },
    "key_twice": (BadAnswer, {"what": "shape", "start": ""}, 4),
    "error_and_result": (BadAnswer, {"what": "server"}, 4),
    "redirect_host": (PortalMoved, {"host": "renamed.invalid"}, 1),
    "redirect_html": (BadAnswer, {"what": "redirect"}, 1),
    "gzip_bomb": (BadAnswer, {"what": "too_large"}, 4),
    "huge_body": (BadAnswer, {"what": "too_large"}, 4),
    **{
        name: (Unreachable, {"what": "cut"}, 4)
        for name in ("length_too_large", "closed_at_byte", "reset", "reset_at_byte")
    },
    **{name: (Unreachable, {"what": "silent"}, 10) for name in ("silence", "late", "byte_by_byte")},
}
#: Odd, and yet a whole answer: the portal is read as if nothing were.
HARMLESS = {"json_and_garbage", "json_among_messages", "bom", "lone_surrogate", "nul", "huge_exponent"}


def test_every_fault_has_its_place_here() -> None:
    assert LASTING.keys() | HARMLESS == WHOLE_ANSWER.keys()


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_ends_as_what_it_is(
    fault: str, portal: SimulatedPortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    expected, facts, tries = LASTING[fault]
    portal.faults.add(fault, times=None)
    with pytest.raises(CrmapError) as caught:
        read(portal.webhook_url, patience=HASTY if fault in WAITING else PATIENT)
    error = caught.value
    assert type(error) is expected
    assert {name: error.facts[name] for name in facts} == facts
    assert len(portal.log.requests) <= tries
    assert portal.log.writes == []
    secret = portal.webhook_url.rstrip("/").rpartition("/")[2]
    told = "".join(traceback.format_exception(error)) + repr(error)
    assert secret not in told + caplog.text


@pytest.mark.parametrize("fault", sorted(HARMLESS))
def test_an_answer_that_is_only_odd_is_read(fault: str, portal: SimulatedPortal) -> None:
    portal.faults.add(fault, times=None)
    assert gaps(read(portal.webhook_url)) == {}


STUMBLES = sorted(name for name, (_, _, tries) in LASTING.items() if tries > 1)


@pytest.mark.parametrize("fault", STUMBLES)
def test_a_fault_that_passes_leaves_no_trace(fault: str, portal: SimulatedPortal) -> None:
    portal.faults.add(fault, times=1, **WAITING.get(fault, {}))
    snapshot = read(portal.webhook_url, patience=replace(PATIENT, idle_s=5) if fault in WAITING else PATIENT)
    assert gaps(snapshot) == {}
    assert as_specification(snapshot) == comparable(portal.truth())


def test_a_fault_in_the_middle_of_a_read_is_no_shorter_snapshot(portal: SimulatedPortal) -> None:
    portal.switches.references = False
    portal.faults.add("html_502", times=None, after=1)
    with pytest.raises(BadAnswer):
        read(portal.webhook_url)


QUOTING: dict[str, tuple[str, Any]] = {
    "a page that says what it could not find": ("404 Not Found", "<p>URL {path} was not found</p>"),
    "a text": ("502 Bad Gateway", "upstream {path} timed out"),
    "an error": ("400 Bad Request", '{{"error": "ERROR_CORE", "error_description": "no {path}"}}'),
    "an error of one command": (
        "200 OK",
        '{{"result": {{"result": {{"departments": []}}, "result_error": {{"users": {{"error": "{path}"}}}}}}}}',
    ),
}


@pytest.mark.parametrize(("status", "text"), QUOTING.values(), ids=QUOTING)
def test_what_the_portal_quotes_of_our_address_is_blotted_out(status: str, text: str) -> None:
    secret = "abcdef0123456789"
    for path in (f"/rest/1/{secret}/batch", rf"\/rest\/1\/{secret}\/batch"):
        with RawServer(http(text.format(path=path).encode(), status=status)) as server:
            url = f"http://127.0.0.1:{server.port}/rest/1/{secret}/"
            try:
                told = str(read(url, patience=PATIENT).coverage)
            except CrmapError as error:
                told = repr(error)
        assert "rest" in told
        assert secret not in told


def test_a_redirect_is_followed_with_no_byte(portal: SimulatedPortal) -> None:
    with RawServer(http(b'{"result": {"result": []}}')) as canary:
        portal.faults.add("redirect_host", times=None, host=f"127.0.0.1:{canary.port}", scheme="http")
        with opened(portal.webhook_url) as line, pytest.raises(PortalMoved) as caught:
            line.batch([])
        assert caught.value.facts == {"host": f"127.0.0.1:{canary.port}"}
        assert canary.connections == 0
