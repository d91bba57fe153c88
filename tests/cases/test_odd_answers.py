"""Answers that make no sense in one place, for a moment, or not at all: what each costs, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.bitrix24.access import parse_webhook
from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.read_portal import read_portal, snapshot_of
from shared.domain.coverage import Kind, ReasonCode, State
from shared.domain.diff import diff
from shared.domain.errors import BadAnswer, CrmapError
from shared.domain.findings import FindingCode, findings
from shared.domain.history import advance
from shared.domain.snapshot import NotUnderstood, Snapshot
from shared.specification.json_format import dump_json
from shared.specification.json_snapshot import load_json
from shared.wording.errors import error_sentence
from shared.wording.language import LANGUAGES
from shared.wording.reasons import reason_sentence
from tests.builders import READ_AT
from tests.cases.fields import classic, deal_fields
from tests.faults.raw_server import RawServer, http
from tests.shared.bitrix24.answering import Answered, answered, snapshot
from tests.shared.bitrix24.reading import QUICK, an_access, gaps, opened, read, receipts
from tests.shared.specification.reading_txt import txt
from tools.cli.sides import Side
from tools.simulator import ledger
from tools.simulator.portal import SimulatedPortal

Row = dict[str, Any]


def with_row(answers: Answered, key: Key, status_id: str, **changes: Any) -> Answered:
    """The answers with other attributes of the row that has this STATUS_ID among the stages of deals."""
    rows = [
        {**row, **changes} if (row["ENTITY_ID"], row["STATUS_ID"]) == ("DEAL_STAGE", status_id) else row
        for row in answers[key].value
    ]
    return {**answers, key: replace(answers[key], value=rows)}


def stages_with(status_id: str = "WON", **changes: Any) -> Snapshot:
    return snapshot(with_row(answered(), Key("statuses"), status_id, **changes))


ODD_STAGES: list[tuple[str, Any, str, str]] = [
    ("COLOR", "#", "color", "#"),
    ("COLOR", "rgb(1, 2, 3)", "color", "rgb(1, 2, 3)"),
    ("COLOR", "#39A8EFCC", "color", "#39A8EFCC"),
    ("SORT", "100.0", "sort", "100.0"),
    ("SYSTEM", "true", "system", "true"),
    ("NAME", {"ru": "Успех"}, "name", '{"ru":"Успех"}'),
    ("SEMANTICS", "X", "meaning", "X"),
]


@pytest.mark.parametrize(("key", "value", "attribute", "came"), ODD_STAGES)
def test_an_odd_attribute_of_a_stage_is_unknown_and_the_stage_stays(
    key: str, value: Any, attribute: str, came: str
) -> None:
    """FC-64: an odd colour cost the stage of success, and section 7 claimed there was none"""
    found = stages_with(**{key: value})
    (won,) = (row for row in found.stages if (row.directory, row.status_id) == ("DEAL_STAGE", "WON"))
    assert won.not_understood == (NotUnderstood(attribute, came),)
    assert gaps(found) == {}
    reason = receipts(found)["stages", None].reason
    assert reason is not None
    assert (reason.code, reason.detail) == (ReasonCode.NOT_UNDERSTOOD, f"WON: {attribute} {came}")
    assert FindingCode.SUCCESS_STAGES not in {finding.code for finding in findings(found)}


def test_what_came_is_shown_below_the_row_and_nothing_is_made_up_in_its_place() -> None:
    """FC-64"""
    text = txt(stages_with(COLOR="#", SORT="100.0"))
    (line,) = (line for line in text.splitlines() if " WON " in line and "не понято" in line)
    assert line.rstrip().endswith("не понято")
    assert "не понято: порядок «100.0» | цвет «#»" in text
    assert load_json(dump_json(stages_with(COLOR="#"), language="ru")) == stages_with(COLOR="#")


def test_an_odd_attribute_of_a_field_is_unknown_and_the_field_stays() -> None:
    """FC-64"""
    row = classic(
        7301,
        "UF_CRM_VESY",
        USER_TYPE_ID="rest_44_scale",
        EDIT_FORM_LABEL="Весы",
        SETTINGS='s:3:"abc"',
        SORT="100.0",
        MANDATORY="true",
    )
    found = snapshot(answered(deal_fields(row)))
    (field,) = found.user_fields
    assert (field.id, field.code, field.type) == (7301, "UF_CRM_VESY", "rest_44_scale")
    assert {odd.attribute: odd.came for odd in field.not_understood} == {
        "settings": 's:3:"abc"',
        "sort": "100.0",
        "mandatory": "true",
    }
    text = txt(found)
    assert "тип приложения rest_44_scale" in text
    assert "обязательное «true»" in text
    assert gaps(found) == {}


ODD_ROWS: list[tuple[str, Callable[[], Answered], str, str]] = [
    (
        "users",
        lambda: {Key("users"): Answer("user.get", [{"ID": "1", "ACTIVE": "perhaps", "NAME": "Мария"}], 1)},
        "active",
        "perhaps",
    ),
    (
        "departments",
        lambda: {
            Key("departments"): Answer("department.get", [{"ID": "1", "NAME": "Опт", "UF_HEAD": "x"}], 1)
        },
        "head_id",
        "x",
    ),
    (
        "pipelines",
        lambda: {
            Key("pipelines", 2): Answer(
                "crm.category.list", {"categories": [{"id": 0, "name": "Общая", "isDefault": "maybe"}]}, 1
            )
        },
        "is_default",
        "maybe",
    ),
    (
        "user_fields",
        lambda: deal_fields(
            classic(
                501,
                "UF_CRM_A",
                USER_TYPE_ID="enumeration",
                MULTIPLE="several",
                LIST=[{"ID": "61", "VALUE": "Юг", "SORT": "100.0"}],
            )
        ),
        "multiple",
        "several",
    ),
]


@pytest.mark.parametrize(("kind", "changes", "attribute", "came"), ODD_ROWS)
def test_no_odd_attribute_costs_any_object(
    kind: str, changes: Callable[[], Answered], attribute: str, came: str
) -> None:
    """FC-64: the kind of fault, not the value"""
    found = snapshot(answered(changes()))
    odd = [row.not_understood for row in getattr(found, kind) if row.not_understood]
    assert odd == [(NotUnderstood(attribute, came),)]
    assert gaps(found) == {}
    assert f"«{came}»" in txt(found)


def test_a_row_that_cannot_be_used_is_named_in_the_receipt() -> None:
    """FC-64: the receipt named neither code nor id"""
    row = classic(7301, "UF_CRM_VESY", USER_TYPE_ID=None)
    entry = receipts(snapshot(answered(deal_fields(row))))["user_fields", "deal"]
    assert entry.reason is not None
    assert "ID 7301" in reason_sentence(entry.reason, "ru")
    assert "UF_CRM_VESY" in reason_sentence(entry.reason, "ru")


def test_nothing_is_remarked_about_a_kind_that_was_not_read_whole() -> None:
    """FC-64: «Стадий успеха … ни одной» of a stage that was not understood"""
    found = stages_with(ID="?")
    assert gaps(found)["stages", None] == (State.PARTIAL, ReasonCode.UNEXPECTED_SHAPE)
    assert {finding.kind for finding in findings(found)}.isdisjoint({Kind.STAGES})


def test_understanding_is_no_change_and_a_change_meanwhile_is_told() -> None:
    """FC-64: known, not understood, known again"""
    red, odd, blue = stages_with(COLOR="#FF0000"), stages_with(COLOR="#"), stages_with(COLOR="#0000FF")
    assert diff(odd, red).changes == diff(red, odd).changes == diff(odd, odd).changes == ()
    first = advance(None, red)
    second = advance(first.baseline, odd)
    assert (second.changes, second.parts) == ((), first.parts)
    third = advance(second.baseline, blue)
    (change,) = third.changes
    assert (change.attribute, change.before, change.after) == ("color", "#FF0000", "#0000FF")
    assert advance(advance(None, odd).baseline, red).changes == ()


@pytest.mark.parametrize("fault", ["null", "dropped", "QUERY_LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR"])
@pytest.mark.parametrize("method", ["user.get", "crm.status.list", "department.get", "profile"])
def test_what_may_pass_is_asked_again_alone_wherever_it_was_said(
    portal: SimulatedPortal, fault: str, method: str
) -> None:
    """FC-65: null where a value belongs, or one command over the limit, was final at once"""
    whole = read(portal.webhook_url)
    before = len(portal.log.requests)
    if fault in ("null", "dropped"):
        portal.faults.add(fault, method=method)
    else:
        portal.faults.add("error", method=method, code=fault, text="later", status=503)
    assert read(portal.webhook_url) == whole
    assert len(portal.log.requests) - before == 2


def many_people(portal: SimulatedPortal) -> None:
    """More than the ten pages the first request asks for."""
    for number in range(1000, 1670):
        portal.crm.users.append(ledger.User(number, "Имя", f"Фамилия {number}", departments=[1]))


def test_a_method_near_its_limit_rests_while_the_others_go_on(portal: SimulatedPortal) -> None:
    """FC-66: the next batch went out 0.1 s later"""
    many_people(portal)
    portal.switches.durations_s = {"user.get": 47}
    slept: list[float] = []
    patience = replace(QUICK, silence_s=700)
    with opened(portal.webhook_url, sleep=slept.append, patience=patience) as line:
        found = read_portal(line, language="ru", now=lambda: READ_AT, full=True)
    assert gaps(found) == {}
    assert [seconds for seconds in slept if seconds > 500], "until the portal counts anew"
    asked = [command.method for command in portal.log.commands if command.method != "batch"]
    assert asked.count("user.get") == 14
    assert set(asked[-4:]) == {"user.get"}, "all else has gone on"


def test_the_receipt_says_that_a_method_rests_when_patience_ends_first(portal: SimulatedPortal) -> None:
    """FC-66"""
    many_people(portal)
    portal.switches.durations_s = {"user.get": 47}
    found = read(portal.webhook_url)
    assert gaps(found) == {("users", None): (State.PARTIAL, ReasonCode.METHOD_RESTS)}
    asked = [command for command in portal.log.commands if command.method == "user.get"]
    assert len(asked) == 10, "none was sent after the warning"


PAGES: list[tuple[str, bytes, str, str]] = [
    ("404 Not Found", b"<html>Site not found</html>", "no_portal", "имя портала"),
    ("401 Unauthorized", b"<html>Authorization Required</html>", "password", "пароль"),
    ("403 Forbidden", b"<html>Blocked by ModSecurity</html>", "firewall", "защита"),
    ("500 Error", b"<b>Fatal error</b>: Allowed memory in /home", "php", "PHP"),
    ("200 OK", b"<html>Maintenance</html>", "page", "обслуживании"),
]


@pytest.mark.parametrize(("status", "body", "what", "word"), PAGES)
def test_each_page_instead_of_an_answer_has_a_sentence_of_its_own(
    status: str, body: bytes, what: str, word: str
) -> None:
    """FC-71: all of them read "maintenance" """
    error = failure(body + b" \x1b[31m" + b"x" * 500, status=status)
    assert (type(error), error.facts["what"]) == (BadAnswer, what)
    assert word in error_sentence(error, "ru")
    assert len(error.facts["start"]) <= 80
    for language in LANGUAGES:
        sentence = error_sentence(error, language)
        assert error.facts["start"][:10] in sentence
        assert "\x1b" not in sentence


def failure(body: bytes, *headers: str, status: str = "200 OK") -> CrmapError:
    """How a read of a portal ends that answers like this."""
    with RawServer(http(body, *headers, status=status)) as server:
        with opened(server.url.removesuffix("batch")) as line, pytest.raises(CrmapError) as caught:
            read_portal(line, language="ru", now=lambda: READ_AT)
        return caught.value


@pytest.mark.parametrize("location", ["/rest/1/x/batch/", "/auth/"])
def test_a_redirect_to_the_same_host_is_no_other_address(location: str) -> None:
    """FC-71: "has another address: the same" """
    error = failure(b"", f"Location: {location}", status="302 Found")
    what = "redirect_here" if "/rest/" in location else "redirect"
    assert (type(error), error.facts["what"]) == (BadAnswer, what)
    assert location[:6] in error_sentence(error, "ru")


def test_messages_of_a_server_around_a_whole_answer_cost_nothing(portal: SimulatedPortal) -> None:
    """FC-71: one stray line after the JSON cost 62 s"""
    whole = read(portal.webhook_url)
    before = len(portal.log.requests)
    portal.faults.add("json_among_messages", times=None)
    assert read(portal.webhook_url) == whole
    assert len(portal.log.requests) - before == 1


def test_an_address_without_its_beginning_is_completed() -> None:
    """FC-71"""
    for address in ("portal.bitrix24.ru/rest/1/code", "portal.example:8443/rest/1/code/"):
        assert parse_webhook(address) == parse_webhook(f"https://{address}")
        assert Side("before", address).is_portal


def test_a_title_that_is_the_code_is_a_title() -> None:
    """FC-72: «название не задано» in every entity"""
    described_id = {"id": {"type": "integer", "title": "ID", "upperName": "ID"}}
    answers = answered({Key("described", 2): Answer("crm.item.fields", {"fields": described_id})})
    found = snapshot_of(answers, an_access(), language="ru", read_at=READ_AT, full=True)
    (field,) = (row for row in found.standard_fields if row.entity_type == "deal")
    assert field.label == "ID"
