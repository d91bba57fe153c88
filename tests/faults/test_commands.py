"""One command's answer goes wrong: what hangs on it says so or is healed, everything else is untouched."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.coverage import ReasonCode, State
from shared.domain.errors import BadAnswer
from tests.shared.bitrix24.reading import (
    Receipt,
    as_specification,
    comparable,
    dishonest,
    gaps,
    read,
    receipts,
)
from tools.simulator.in_batch import IN_BATCH
from tools.simulator.portal import SimulatedPortal

SMART = [("user_fields", key) for key in ("dynamic_162", "dynamic_1040", "dynamic_1042")]
BY_SETTINGS: list[Receipt] = [("user_fields", "smart_invoice"), *SMART]
DESCRIBED: list[Receipt] = [
    *(("user_fields", key) for key in ("lead", "deal", "contact", "company", "quote")),
    *BY_SETTINGS,
]
#: What hangs on each command of the plan.
HANGS_ON: dict[str, list[Receipt]] = {
    "app.info": [],
    "profile": [("portal", None)],
    "scope": [],
    "crm.settings.mode.get": [],
    "crm.enum.ownertype": [("entity_types", None)],
    "crm.type.list": [("entity_types", None)],
    "crm.status.entity.types": [
        (kind, None) for kind in ("entity_types", "pipelines", "stages", "dictionaries")
    ],
    "crm.status.list": [("stages", None), ("dictionaries", None)],
    "crm.category.list": [("pipelines", None)],
    "crm.deal.userfield.list": [("user_fields", "deal")],
    "crm.requisite.userfield.list": [("user_fields", "requisite")],
    "crm.item.fields": DESCRIBED,
    "userfieldconfig.list": BY_SETTINGS,
    "user.get": [("users", None)],
    "department.get": [("departments", None)],
}
#: Answers that agree with themselves and with all others. One read takes them for the truth, which is why a large loss
#: is believed only once it was read twice (tests of doubts); a list that does not count its rows may lack one for good.
UNNOTICEABLE = {
    ("row_missing", "crm.enum.ownertype"),
    ("row_hidden", "crm.enum.ownertype"),
    *(
        (fault, method)
        for fault in ("emptied", "row_hidden")
        for method in ("crm.status.list", "crm.requisite.userfield.list", "user.get", "department.get")
    ),
}
OF_ONE_COMMAND = [name for name, fault in IN_BATCH.items() if not fault.of_envelope]
OF_ENVELOPE = [name for name, fault in IN_BATCH.items() if fault.of_envelope]


@pytest.mark.parametrize("method", HANGS_ON)
@pytest.mark.parametrize("fault", OF_ONE_COMMAND)
def test_a_lasting_fault_concerns_what_hangs_on_the_command_and_nothing_else(
    fault: str, method: str, portal: SimulatedPortal
) -> None:
    portal.faults.add(fault, times=None, method=method)
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot).keys() <= set(HANGS_ON[method])
    hidden = dishonest(snapshot, portal.truth())
    assert bool(hidden) is ((fault, method) in UNNOTICEABLE), hidden
    assert len(portal.log.requests) <= 8
    assert portal.log.writes == []


@pytest.mark.parametrize("method", HANGS_ON)
@pytest.mark.parametrize(
    ("fault", "options"), [("dropped", {}), ("error", {"status": 500, "code": "INTERNAL_SERVER_ERROR"})]
)
def test_a_command_that_stumbles_once_is_asked_once_more(
    fault: str, options: dict[str, Any], method: str, portal: SimulatedPortal
) -> None:
    portal.faults.add(fault, times=1, method=method, **options)
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {}
    assert as_specification(snapshot) == comparable(portal.truth())


ERRORS = {
    "ACCESS_DENIED": (State.FORBIDDEN, ReasonCode.NO_RIGHTS),
    "insufficient_scope": (State.NOT_GRANTED, ReasonCode.SCOPE_MISSING),
    "ERROR_METHOD_NOT_FOUND": (State.NOT_AVAILABLE, ReasonCode.METHOD_MISSING),
    "NOT_FOUND": (State.NOT_AVAILABLE, ReasonCode.SWITCHED_OFF),
    "OPERATION_TIME_LIMIT": (State.FAILED, ReasonCode.METHOD_PAUSED),
    "ERROR_CORE": (State.FAILED, ReasonCode.PORTAL_ERROR),
    "INTERNAL_SERVER_ERROR": (State.FAILED, ReasonCode.PORTAL_ERROR),
    "QUERY_LIMIT_EXCEEDED": (State.FAILED, ReasonCode.PORTAL_ERROR),
    "expired_token": (State.FAILED, ReasonCode.PORTAL_ERROR),
}
#: Lists that nothing else can stand in for.
IRREPLACEABLE = ["crm.deal.userfield.list", "crm.requisite.userfield.list", "user.get", "department.get"]


@pytest.mark.parametrize("method", IRREPLACEABLE)
@pytest.mark.parametrize(("code", "expected"), ERRORS.items())
def test_an_error_says_why_there_is_nothing(
    code: str, expected: tuple[State, ReasonCode], method: str, portal: SimulatedPortal
) -> None:
    portal.faults.add("error", times=None, method=method, code=code, text="")
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == dict.fromkeys(HANGS_ON[method], expected)
    assert [receipts(snapshot)[key].items for key in HANGS_ON[method]] == [0]


SHAPES = {
    "dropped": (State.FAILED, ReasonCode.NOT_ANSWERED),
    "wrong_type": (State.FAILED, ReasonCode.UNEXPECTED_SHAPE),
    "null": (State.FAILED, ReasonCode.NOT_ANSWERED),
    "empty_list": (State.FAILED, ReasonCode.ROWS_MISSING),
    "page_missing": (State.FAILED, ReasonCode.ROWS_MISSING),
    "total_larger": (State.PARTIAL, ReasonCode.ROWS_MISSING),
}


@pytest.mark.parametrize("method", IRREPLACEABLE)
@pytest.mark.parametrize(("fault", "expected"), SHAPES.items())
def test_an_odd_answer_says_so(
    fault: str, expected: tuple[State, ReasonCode], method: str, portal: SimulatedPortal
) -> None:
    portal.faults.add(fault, times=None, method=method)
    assert gaps(read(portal.webhook_url)) == dict.fromkeys(HANGS_ON[method], expected)


@pytest.mark.parametrize("fault", ["empty_list", "page_missing", "total_larger"])
@pytest.mark.parametrize("method", ["user.get", "userfieldconfig.list", "crm.type.list"])
def test_a_page_that_was_wrong_once_is_read_once_more(
    fault: str, method: str, portal: SimulatedPortal
) -> None:
    portal.faults.add(fault, times=1, method=method)
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {}
    assert as_specification(snapshot) == comparable(portal.truth())


def test_a_method_that_is_missing_on_an_old_portal_is_no_failure(portal: SimulatedPortal) -> None:
    portal.switches.missing_methods = {"crm.quote.userfield.list", "department.get"}
    assert gaps(read(portal.webhook_url)) == {
        ("user_fields", "quote"): (State.NOT_AVAILABLE, ReasonCode.METHOD_MISSING),
        ("departments", None): (State.NOT_AVAILABLE, ReasonCode.METHOD_MISSING),
    }


@pytest.mark.parametrize("fault", ["result_error_list", "result_error_empty", "result_error_missing"])
def test_a_command_whose_error_nobody_can_name_was_not_answered(fault: str, portal: SimulatedPortal) -> None:
    portal.faults.add("error", times=None, method="crm.lead.userfield.list")
    portal.faults.add(fault, times=None)
    assert gaps(read(portal.webhook_url)) == {
        ("user_fields", "lead"): (State.FAILED, ReasonCode.NOT_ANSWERED)
    }


def test_results_without_their_keys_are_nobodys(portal: SimulatedPortal) -> None:
    portal.faults.add("result_list", times=None)
    with pytest.raises(BadAnswer):
        read(portal.webhook_url)
    assert len(portal.log.requests) <= 4


@pytest.mark.parametrize("fault", OF_ENVELOPE)
def test_an_envelope_that_was_wrong_once_is_asked_for_once_more(fault: str, portal: SimulatedPortal) -> None:
    portal.faults.add(fault, times=1)
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {}
    assert as_specification(snapshot) == comparable(portal.truth())


def test_one_odd_smart_process_costs_the_others_nothing(portal: SimulatedPortal) -> None:
    # The second smart process of the list, and the same asked for by its number.
    portal.faults.add("error", times=None, command="described_by_reference_of_1")
    portal.faults.add("error", times=None, command="described_of_1042")
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {("user_fields", "dynamic_1042"): (State.PARTIAL, ReasonCode.PORTAL_ERROR)}
    assert dishonest(snapshot, portal.truth()) == []


def test_a_portal_that_always_names_more_is_not_listened_to_for_ever(
    portal: SimulatedPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bitrix24.read_portal._MOST_COMMANDS", 52)
    portal.switches.status_list_needs_directory = True
    snapshot = read(portal.webhook_url)
    assert len([command for command in portal.log.commands if command.method != "batch"]) == 52
    assert {("stages", None), ("dictionaries", None)} <= gaps(snapshot).keys()
    assert dishonest(snapshot, portal.truth()) == []
