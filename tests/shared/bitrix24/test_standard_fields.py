"""Standard fields out of descriptions: only full reads tell them, and only what makes sense of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.errors import Fault, PortalError, portal_error
from shared.bitrix24.read_portal import further_commands, snapshot_of
from shared.domain.coverage import Kind, ReasonCode, State
from shared.domain.snapshot import Snapshot, StandardField
from tests.builders import READ_AT
from tests.shared.bitrix24.answering import Row, answered
from tests.shared.bitrix24.reading import an_access, receipts

TITLE = StandardField(
    "deal", "TITLE", "title", "string", multiple=False, mandatory=False, read_only=False, label="Название"
)


def there(code: str, **changes: Any) -> Row:
    """How a standard field is described."""
    flags = dict.fromkeys(("isRequired", "isReadOnly", "isImmutable", "isMultiple", "isDynamic"), False)
    return {"type": "string", **flags, "title": "Название", "upperName": code, **changes}


def without(row: Row, *keys: str) -> Row:
    return {key: value for key, value in row.items() if key not in keys}


def read(changes: Mapping[Key, Answer], **options: Any) -> Snapshot:
    answers = answered(changes, **options)
    return snapshot_of(answers, an_access(), language="ru", read_at=READ_AT, full=True)


def deals(described: Any) -> tuple[list[StandardField], tuple[State, ReasonCode | None]]:
    """What a full read makes of this description of deals, and how it is called."""
    snapshot = read({Key("described", 2): Answer("crm.item.fields", {"fields": described})})
    entry = receipts(snapshot)["standard_fields", "deal"]
    found = [field for field in snapshot.standard_fields if field.entity_type == "deal"]
    assert entry.items == len(found)
    return found, (entry.state, entry.reason.code if entry.reason else None)


COMPLETE = (State.COMPLETE, None)
PARTIAL = (State.PARTIAL, ReasonCode.UNEXPECTED_SHAPE)
FAILED = (State.FAILED, ReasonCode.UNEXPECTED_SHAPE)


def test_user_fields_are_none_of_them() -> None:
    described = {
        "title": there("TITLE"),
        "ufCrmA": there("UF_CRM_A"),
        "ufCrmB": there("uf_crm_b"),
        "utmSource": there("UTM_SOURCE", isReadOnly=True, isMultiple="Y", isRequired=1, title="Система"),
        "parentId1040": there("PARENT_ID_1040", type="crm_entity"),
    }
    found, told = deals(described)
    assert told == COMPLETE
    assert {field.code for field in found} == {"PARENT_ID_1040", "TITLE", "UTM_SOURCE"}
    utm = next(field for field in found if field.code == "UTM_SOURCE")
    assert (utm.api_name, utm.multiple, utm.mandatory, utm.read_only, utm.label) == (
        "utmSource",
        True,
        True,
        True,
        "Система",
    )


@pytest.mark.parametrize("title", ["TITLE", "title"])
def test_a_title_that_is_the_code_is_a_title(title: str) -> None:
    (field,), told = deals({"title": there("TITLE", title=title)})
    assert (field.label, told) == (title, COMPLETE)


@pytest.mark.parametrize("title", ["", None, False])
def test_no_title_is_no_label(title: Any) -> None:
    (field,), told = deals({"title": there("TITLE", title=title)})
    assert (field.label, told) == (None, COMPLETE)


@pytest.mark.parametrize("title", ["=1+1", "a\nb\t\"'<b>", "x" * 300, "\u202eeltit", "\ud83d\ude00", "﷽"])
def test_a_title_is_taken_as_it_is(title: str) -> None:
    (field,), told = deals({"title": there("TITLE", title=title)})
    assert (field.label, told) == (title.replace("\ud83d", "\ufffd").replace("\ude00", "\ufffd"), COMPLETE)


def test_a_code_in_small_letters_stays_as_it_is() -> None:
    (field,), told = deals({"title": there("title", title="Название")})
    assert (field.code, told) == ("title", COMPLETE)


def test_flags_that_are_not_there_are_false() -> None:
    (field,), told = deals({"title": {"type": "string", "title": "Название", "upperName": "TITLE"}})
    assert (field, told) == (TITLE, COMPLETE)


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        "TITLE",
        [],
        {},
        without(there("STAGE_ID"), "type"),
        without(there("STAGE_ID"), "upperName"),
        there(""),
        there("STAGE_ID", upperName=None),
        there("STAGE_ID", upperName={"a": 1}),
        there("STAGE_ID", type=[1]),
        there("0"),
    ],
)
def test_a_row_that_makes_no_sense_makes_the_rest_partial(nonsense: Any) -> None:
    assert deals({"title": there("TITLE"), "stageId": nonsense}) == ([TITLE], PARTIAL)
    assert deals({"stageId": nonsense}) == ([], FAILED)


@pytest.mark.parametrize("described", [[], {}, None, "x", 1, [there("TITLE")], [[]]])
def test_a_description_without_any_makes_no_sense(described: Any) -> None:
    assert deals(described) == ([], FAILED)


def test_of_two_rows_with_one_code_always_the_same_is_taken() -> None:
    rows = [("title", there("TITLE")), ("zitle", there("TITLE", type="text"))]
    assert deals(dict(rows)) == deals(dict(reversed(rows))) == ([TITLE], PARTIAL)


def test_requisites_are_described_by_code() -> None:
    rows = {
        "RQ_INN": without(there("", title="ИНН"), "upperName"),
        "ORIGINATOR_ID": without(there("", title="ORIGINATOR_ID"), "upperName"),
        "UF_CRM_A": without(there(""), "upperName"),
    }
    snapshot = read({Key("described", 8): Answer("crm.requisite.fields", rows)})
    found = [field for field in snapshot.standard_fields if field.entity_type == "requisite"]
    assert [(field.code, field.api_name, field.label) for field in found] == [
        ("ORIGINATOR_ID", None, "ORIGINATOR_ID"),
        ("RQ_INN", None, "ИНН"),
    ]
    assert receipts(snapshot)["standard_fields", "requisite"].state is State.COMPLETE


def test_requisites_that_come_as_a_list_have_lost_their_codes() -> None:
    snapshot = read({Key("described", 8): Answer("crm.requisite.fields", [there("")])})
    entry = receipts(snapshot)["standard_fields", "requisite"]
    assert (entry.state, entry.items) == (State.FAILED, 0)


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (portal_error("ACCESS_DENIED", "", method="crm.item.fields"), State.FORBIDDEN, ReasonCode.NO_RIGHTS),
        (
            portal_error("NOT_FOUND", "", method="crm.item.fields"),
            State.NOT_AVAILABLE,
            ReasonCode.SWITCHED_OFF,
        ),
        (PortalError(Fault.NOT_ANSWERED), State.FAILED, ReasonCode.NOT_ANSWERED),
        (PortalError(Fault.PAUSED), State.FAILED, ReasonCode.METHOD_PAUSED),
    ],
)
def test_a_refused_description_says_why(error: PortalError, state: State, code: ReasonCode) -> None:
    snapshot = read({Key("described", 2): Answer("crm.item.fields", error=error)})
    entry = receipts(snapshot)["standard_fields", "deal"]
    assert entry.reason is not None
    assert (entry.state, entry.reason.code, entry.items) == (state, code, 0)


def test_every_entity_type_has_a_line_and_what_was_never_asked_for_is_unread() -> None:
    smart = [{"id": 7, "entityTypeId": 1040, "title": "Ремонт"}]
    snapshot = read({}, smart=smart)
    lines = {entry.entity_type for entry in snapshot.coverage if entry.kind is Kind.STANDARD_FIELDS}
    assert lines == {entry.entity_type for entry in snapshot.coverage if entry.kind is Kind.USER_FIELDS}
    reason = receipts(snapshot)["standard_fields", "requisite"].reason
    assert reason is not None
    assert (reason.code, reason.detail) == (ReasonCode.NOT_ANSWERED, "crm.requisite.fields")


def test_one_more_command_is_all_they_take() -> None:
    answers = answered()
    (command,) = [row for row in further_commands(answers, "ru") if not row.key.list.startswith("further_")]
    assert (command.method, dict(command.params)) == ("crm.requisite.fields", {})
    assert command not in further_commands({**answers, command.key: Answer(command.method, {})}, "ru")


def test_an_ordinary_read_does_not_speak_of_them() -> None:
    answers = answered(
        {Key("described", 2): Answer("crm.item.fields", {"fields": {"title": there("TITLE")}})}
    )
    snapshot = snapshot_of(answers, an_access(), language="ru", read_at=READ_AT)
    assert snapshot.standard_fields == ()
    assert Kind.STANDARD_FIELDS not in {entry.kind for entry in snapshot.coverage}
