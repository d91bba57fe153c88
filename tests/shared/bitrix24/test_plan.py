"""What is asked first, and what each kind of answer leads to asking next."""

from __future__ import annotations

from typing import Any

import pytest

from shared.bitrix24 import entity_types
from shared.bitrix24.commands import BATCH_SIZE, Answer, Command, Key
from shared.bitrix24.entity_numbers import (
    StageDirectory,
    binding_prefix,
    directory_of,
    key_of,
    stage_directory,
)
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.read_portal import first_commands, next_commands
from tests.shared.bitrix24.answering import Answered, answered, snapshot
from tests.shared.bitrix24.reading import gaps


def asked_next(answers: Answered, language: str = "ru") -> dict[Key, Command]:
    return {command.key: command for command in next_commands(answers, language)}


def test_the_first_batch_fits_into_one_request() -> None:
    commands = first_commands("ru")
    assert len(commands) <= BATCH_SIZE
    assert len({command.key for command in commands}) == len(commands)


def test_every_key_begins_with_a_letter_and_needs_no_encoding() -> None:
    assert [command.key for command in first_commands("ru") if not command.key.text.isidentifier()] == []


def test_no_first_command_writes() -> None:
    readers = ("list", "get", "fields", "types", "ownertype", "info", "profile", "scope")
    assert {command.method.rpartition(".")[2] for command in first_commands("ru")} <= set(readers)


def test_sort_keys_are_spelled_as_each_method_knows_them() -> None:
    orders = {command.method: command.params.get("order") for command in first_commands("ru")}
    assert orders["crm.type.list"] == {"id": "ASC"}
    assert orders["userfieldconfig.list"] == {"id": "ASC"}
    assert orders["crm.status.list"] == {"ENTITY_ID": "ASC", "SORT": "ASC"}


def test_labels_are_asked_for_in_the_language_wanted() -> None:
    first = {command.key: command for command in first_commands("de")}
    assert first[Key("fields", 2, "de")].params["filter"] == {"LANG": "de"}
    assert first[Key("settings")].params["select"] == {"0": "*", "language": "de"}


def test_metadata_is_read_without_the_switch_for_original_names() -> None:
    assert [command.key for command in first_commands("ru") if "useOriginalUfNames" in command.text] == []


def test_references_come_after_what_they_refer_to() -> None:
    keys = [command.key for command in first_commands("ru")]
    referring = [command.key for command in first_commands("ru") if "%24result" in command.text]
    assert referring
    assert all(keys.index(entity_types.TYPES.key) < keys.index(key) for key in referring)


def test_an_ordinary_portal_needs_nothing_more() -> None:
    assert asked_next(answered()) == {}


def smart(count: int) -> list[dict[str, Any]]:
    return [
        {"id": 7 + number, "entityTypeId": 1030 + 2 * number, "title": f"Процесс {number}"}
        for number in range(count)
    ]


def reached(count: int) -> list[Key]:
    return [Key("described_by_reference", place) for place in range(count)]


def described(*codes: str) -> Answer:
    fields = {f"uf{place}": {"type": "string", "upperName": code} for place, code in enumerate(codes)}
    return Answer("crm.item.fields", {"fields": fields or []})


def test_references_that_were_not_resolved_are_asked_for_by_number() -> None:
    refused = Answer("crm.item.fields", error=PortalError(Fault.OTHER, "100", "Invalid value {Array}"))
    answers = answered(dict.fromkeys(reached(2), refused), smart=smart(2))
    asked = asked_next(answers)
    assert asked[Key("described", 1030)].params == {"entityTypeId": 1030}
    assert asked[Key("described", 1032)].params == {"entityTypeId": 1032}
    assert asked[Key("settings_list", 0)].params["filter"] == {"entityId": ["CRM_7", "CRM_8"]}


def test_smart_processes_beyond_the_first_ten_are_described_by_number() -> None:
    asked = asked_next(answered(smart=smart(12)))
    assert [key for key in asked if key.list.startswith("described")] == [
        Key("described", 1050),
        Key("described", 1052),
    ]


def test_settings_beyond_the_first_thirty_owners_are_listed_by_name() -> None:
    asked = asked_next(answered(smart=smart(33)))
    owners = asked[Key("settings_list", 0)].params["filter"]["entityId"]
    assert owners == ["CRM_37", "CRM_38", "CRM_39"]


def test_more_than_fifty_smart_processes_are_listed_to_the_end_first() -> None:
    first_page = Answer("crm.type.list", {"types": smart(50)}, 70, 50)
    asked = asked_next(answered({Key("types"): first_page}, smart=smart(70)))
    assert asked[Key("types", offset=50)].params == {"order": {"id": "ASC"}, "start": 50}
    assert not any(key.list.startswith("settings") for key in asked)


def test_a_reader_who_may_not_list_smart_processes_asks_for_each_he_sees() -> None:
    refused = Answer("crm.type.list", error=PortalError(Fault.RIGHTS, "ACCESS_DENIED"))
    asked = asked_next(answered({Key("types"): refused}, smart=smart(2)))
    assert asked[Key("type", 1030)] == Command(
        Key("type", 1030), "crm.type.getByEntityTypeId", {"entityTypeId": 1030}
    )
    assert {
        Key("type", 1030),
        Key("type", 1032),
        Key("described", 1030),
        Key("described", 1032),
    } <= asked.keys()


@pytest.mark.parametrize(
    "own", [{"types": {}}, [{"ID": "2"}, {"ID": "x", "NAME": "№ 1030"}], [{"ID": "2"}, {}]]
)
def test_a_list_with_something_odd_in_it_does_not_tell_that_there_are_no_smart_processes(own: Any) -> None:
    odd = {"a": 1}
    answers = answered(
        {
            Key("own"): Answer("crm.enum.ownertype", own),
            Key("types"): Answer("crm.type.list", odd, 1),
            Key("directories"): Answer("crm.status.entity.types", odd),
        },
        smart=smart(1),
    )
    assert {("entity_types", None), ("pipelines", None), ("stages", None)} <= gaps(snapshot(answers)).keys()


def test_a_doubled_row_of_smart_processes_moves_no_description_to_a_neighbour() -> None:
    first, second = smart(2)
    answers = answered(
        {Key("types"): Answer("crm.type.list", {"types": [first, first, second]}, 2)}, smart=[first, second]
    )
    places = {place: row.entity_type_id for place, row in entity_types.by_reference(answers).items()}
    assert places == {0: 1030, 1: 1030, 2: 1032}
    assert not any(key.list.startswith("described") for key in asked_next(answers))


def test_an_odd_row_of_smart_processes_keeps_its_place() -> None:
    first, second, third = smart(3)
    answers = answered(smart=[first, {**second, "id": None}, third])
    places = {place: row.entity_type_id for place, row in entity_types.by_reference(answers).items()}
    assert places == {0: 1030, 2: 1034}


def test_owners_whose_fields_did_not_come_are_asked_for_alone() -> None:
    answers = answered({Key("described_by_reference", 1): described("UF_CRM_8_A")}, smart=smart(2))
    assert list(asked_next(answers)) == [Key("settings", "CRM_8")]


def test_a_refused_table_is_asked_for_directory_by_directory() -> None:
    for refusal in (
        Answer("crm.status.list", error=PortalError(Fault.OTHER, "", "Filter by ENTITY_ID must be a string")),
        Answer("crm.status.list", [], 0),
        Answer("crm.status.list", None, 170),
    ):
        asked = asked_next(answered({Key("statuses"): refusal}))
        assert {
            Key("statuses", "SOURCE"),
            Key("statuses", "STATUS"),
            Key("statuses", "DEAL_STAGE"),
        } <= asked.keys()
        assert asked[Key("statuses", "SOURCE")].params["filter"] == {"ENTITY_ID": "SOURCE"}


@pytest.mark.parametrize("fault", [Fault.RIGHTS, Fault.SCOPE, Fault.PAUSED, Fault.NO_METHOD, Fault.SILENT])
def test_what_was_refused_for_good_is_not_asked_for_otherwise(fault: Fault) -> None:
    refused = PortalError(fault, "X")
    spoiled = {
        key: Answer(answer.method, error=refused)
        for key, answer in answered().items()
        if answer.method in ("crm.status.list", "userfieldconfig.list", "user.get", "crm.deal.userfield.list")
    }
    assert asked_next({**answered(), **spoiled}) == {}


def test_a_stage_directory_that_the_table_left_out_is_asked_for() -> None:
    whole = answered()[Key("statuses")]
    rows = [row for row in whole.value if row["ENTITY_ID"] != "QUOTE_STATUS"]
    asked = asked_next(answered({Key("statuses"): Answer(whole.method, rows, len(rows))}))
    assert list(asked) == [Key("statuses", "QUOTE_STATUS")]


def test_rows_missing_in_the_table_may_be_anybodys() -> None:
    whole = answered()[Key("statuses")]
    asked = asked_next(answered({Key("statuses"): Answer(whole.method, whole.value[:-1], whole.total)}))
    assert {Key("statuses", "SOURCE"), Key("statuses", "QUOTE_STATUS")} <= asked.keys()


def test_a_smart_process_without_a_stage_directory_is_asked_for_its_pipelines() -> None:
    forgotten = answered()[Key("directories")]
    asked = asked_next(answered({Key("directories"): forgotten}, smart=smart(1)))
    assert asked == {
        Key("pipelines", 1030): Command(Key("pipelines", 1030), "crm.category.list", {"entityTypeId": 1030})
    }


DIRECTORIES: list[tuple[str, tuple[int, int | None] | None]] = [
    ("STATUS", (1, None)),
    ("DEAL_STAGE", (2, 0)),
    ("DEAL_STAGE_3", (2, 3)),
    ("QUOTE_STATUS", (7, None)),
    ("INVOICE_STATUS", (5, None)),
    ("SMART_INVOICE_STAGE_7", (31, 7)),
    ("SMART_DOCUMENT_STAGE_9", (36, 9)),
    ("SMART_B2E_DOC_STAGE_2", (39, 2)),
    ("DYNAMIC_1042_STAGE_9", (1042, 9)),
    ("DYNAMIC_128_STAGE_0", (128, 0)),
    ("SOURCE", None),
    ("DEAL_TYPE", None),
    ("DEAL_STAGE_", None),
    ("DEAL_STAGE_X", None),
    ("XDEAL_STAGE_3", None),
    ("deal_stage", None),
    ("DYNAMIC_STAGE_9", None),
    ("DYNAMIC_1042_STAGE", None),
    ("DYNAMIC_1042_STAGE_9\n", None),
    ("LEAD_STAGE_5", None),
    ("", None),
]


@pytest.mark.parametrize(("name", "expected"), DIRECTORIES)
def test_a_directory_tells_whose_stages_it_holds(name: str, expected: tuple[int, int | None] | None) -> None:
    found = stage_directory(name)
    assert found == (None if expected is None else StageDirectory(*expected))
    if found is not None and found.pipeline_id is not None and name != "STATUS":
        assert directory_of(found.entity_type_id, found.pipeline_id) == name


@pytest.mark.parametrize(
    ("number", "key", "prefix"),
    [(128, "dynamic_128", "T80"), (162, "dynamic_162", "Ta2"), (1040, "dynamic_1040", "T410")],
)
def test_a_smart_process_is_named_after_its_number(number: int, key: str, prefix: str) -> None:
    assert (key_of(number), binding_prefix(number)) == (key, prefix)
