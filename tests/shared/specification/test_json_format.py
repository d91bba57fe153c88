"""The JSON specification: fixed keys, stable bytes, and a way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.digest import fingerprint
from shared.domain.errors import NotASpecification
from shared.domain.snapshot import Snapshot
from shared.specification.json_format import dump_json
from shared.specification.json_snapshot import load_json
from tests.builders import (
    a_coverage,
    a_dictionary,
    a_list_field,
    a_portal,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    with_coverage,
)
from tests.shared.specification.strategies import snapshots

KEYS = {
    "portal": {"domain", "member_id", "language"},
    "snapshot": {"number", "read_at", "fingerprint", "reader"},
    "coverage": {"kind", "entity_type", "state", "items", "reason", "read_at"},
    "entity_types": {"key", "entity_type_id", "type_id", "title", "field_owner", "binding_prefix"},
    "pipelines": {"entity_type", "id", "name", "sort", "is_default", "directory"},
    "stages": {
        *("entity_type", "pipeline_id", "directory", "status_id", "id"),
        *("name", "sort", "meaning", "color", "system"),
    },
    "dictionaries": {"directory", "name", "items"},
    "user_fields": {
        *("entity_type", "id", "code", "api_name", "type", "multiple"),
        *("mandatory", "sort", "labels", "values", "settings"),
    },
    "users": {"id", "name", "active", "position", "departments"},
    "departments": {"id", "name", "parent_id", "head_id"},
}


def document(snapshot: Snapshot) -> dict[str, Any]:
    loaded = orjson.loads(dump_json(snapshot, language="ru"))
    assert isinstance(loaded, dict)
    return loaded


def nested(levels: int) -> dict[str, Any]:
    return {"a": nested(levels - 1)} if levels else {}


def edited(snapshot: Snapshot, *path: str | int, value: Any) -> bytes:
    whole: Any = document(snapshot)
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return orjson.dumps(whole)


def without(snapshot: Snapshot, *path: str | int) -> bytes:
    whole: Any = document(snapshot)
    place = whole
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return orjson.dumps(whole)


def test_the_document_names_its_format_and_version() -> None:
    whole = document(a_snapshot())
    assert (whole["format"], whole["version"]) == ("crmap-spec", 1)


@pytest.mark.parametrize("part", KEYS)
def test_the_promised_keys_are_there(part: str) -> None:
    rows = document(a_snapshot())[part]
    row = rows[0] if isinstance(rows, list) else rows
    assert row.keys() >= KEYS[part]


def test_a_stage_is_written_as_promised() -> None:
    assert document(a_snapshot())["stages"][0] == {
        "entity_type": "deal",
        "pipeline_id": 0,
        "directory": "DEAL_STAGE",
        "status_id": "NEW",
        "id": 101,
        "name": "Новая заявка",
        "sort": 10,
        "meaning": "process",
        "color": "#39A8EF",
        "system": True,
    }


def test_list_values_stand_in_their_field() -> None:
    field = document(a_snapshot(user_fields=(a_list_field("Самовывоз"),)))["user_fields"][0]
    assert field["values"] == [{"id": 71, "value": "Самовывоз", "sort": 10, "default": True, "xml_id": "x71"}]


def test_the_moment_keeps_its_zone() -> None:
    moment = datetime(2031, 3, 12, 9, 15, tzinfo=timezone(timedelta(hours=3)))
    assert document(a_snapshot(read_at=moment))["snapshot"]["read_at"] == "2031-03-12T09:15:00+03:00"


def test_the_fingerprint_is_that_of_the_items() -> None:
    snapshot = a_snapshot()
    assert document(snapshot)["snapshot"]["fingerprint"] == fingerprint(snapshot)


def test_a_reason_is_a_sentence_in_the_chosen_language_and_a_code() -> None:
    reason = Reason(ReasonCode.SCOPE_MISSING, "department")
    snapshot = with_coverage(a_snapshot(), Kind.DEPARTMENTS, state=State.NOT_GRANTED, reason=reason)
    told = {
        language: orjson.loads(dump_json(snapshot, language=language))["coverage"][-1]
        for language in ("ru", "en")
    }
    assert told["ru"]["reason"].startswith("Вебхуку или приложению не выдано право")
    assert told["en"]["reason"].startswith("The webhook or application was not granted")
    assert {(entry["reason_code"], entry["reason_detail"]) for entry in told.values()} == {
        ("scope_missing", "department")
    }


def test_findings_are_said_in_words_too() -> None:
    whole = document(a_snapshot(user_fields=(a_user_field(labels={}),)))
    assert [finding["code"] for finding in whole["findings"]] == ["no_label"]
    assert "UF_CRM_1700000000001" in whole["findings"][0]["sentence"]


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    scopes = ("crm", "department", "user_brief")
    one = a_snapshot(reader=a_reader(scopes=frozenset(scopes)))
    other = a_snapshot(reader=a_reader(scopes=frozenset(reversed(scopes))))
    assert dump_json(one, language="ru") == dump_json(other, language="ru")


@given(snapshots())
def test_what_was_dumped_is_loaded_equal(snapshot: Snapshot) -> None:
    assert load_json(dump_json(snapshot, language="ru")) == snapshot


def test_a_document_in_another_language_loads_to_the_same_snapshot() -> None:
    snapshot = a_snapshot()
    assert load_json(dump_json(snapshot, language="en")) == load_json(dump_json(snapshot, language="ru"))


def test_a_document_with_a_byte_order_mark_is_read() -> None:
    snapshot = a_snapshot()
    assert load_json(b"\xef\xbb\xbf" + dump_json(snapshot, language="ru")) == snapshot


def test_half_a_surrogate_pair_becomes_the_sign_for_damage() -> None:
    snapshot = a_snapshot(users=(a_user(name="a\ud83d"), a_user(id=13, name="𝄞")))
    users = load_json(dump_json(snapshot, language="ru")).users
    assert [user.name for user in users] == ["a\ufffd", "𝄞"]


def test_numbers_beyond_64_bits_in_settings_do_not_stop_the_document() -> None:
    snapshot = a_snapshot(user_fields=(a_user_field(settings={"SIZE": 10**30, "DEEP": [{"A": -(10**30)}]}),))
    assert load_json(dump_json(snapshot, language="ru")).user_fields[0].settings["SIZE"] == 1e30


def test_keys_of_a_later_release_are_ignored() -> None:
    snapshot = a_snapshot()
    data = edited(snapshot, "users", 0, "birthday", value="1990-01-01")
    assert load_json(data) == snapshot


def test_keys_that_came_later_may_be_missing() -> None:
    snapshot = a_snapshot(portal=a_portal(plan=None, crm_mode=None), reader=a_reader(scopes=frozenset()))
    whole = document(snapshot)
    for place, key in [
        *((whole["portal"], key) for key in ("plan", "crm_mode")),
        *((whole["snapshot"]["reader"], key) for key in ("scopes",)),
        *((whole["snapshot"], key) for key in ("number",)),
        *((whole, key) for key in ("orphan_stages", "findings")),
        *((entry, key) for entry in whole["coverage"] for key in ("reason_code", "reason_detail")),
    ]:
        del place[key]
    assert load_json(orjson.dumps(whole)) == snapshot


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b"\xff\xfe{\x00}\x00", "json"),
        (b"null", "format"),
        (b"[]", "format"),
        (b"{}", "format"),
        (b'{"format": "another", "version": 1}', "format"),
        (b'{"format": "crmap-spec"}', "version"),
        (b'{"format": "crmap-spec", "version": 2}', "version"),
        (b'{"format": "crmap-spec", "version": "1"}', "version"),
        (b'{"format": "crmap-spec", "version": 1}', "missing"),
    ],
)
def test_what_is_no_specification_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(NotASpecification) as refusal:
        load_json(data)
    assert refusal.value.facts["what"] == what


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("users",), None, "users"),
        (("users", 0), "Иван", "users[0]"),
        (("users", 0, "id"), "12", "users[0].id"),
        (("users", 0, "id"), True, "users[0].id"),
        (("users", 0, "id"), 12.0, "users[0].id"),
        (("users", 0, "active"), 1, "users[0].active"),
        (("users", 0, "departments"), ["1"], "users[0].departments[0]"),
        (("stages", 1, "meaning"), "triumph", "stages[1].meaning"),
        (("coverage", 0, "state"), "fine", "coverage[0].state"),
        (("snapshot", "read_at"), "yesterday", "snapshot.read_at"),
        (("snapshot", "read_at"), "2031-03-12T09:15:00", "snapshot.read_at"),
        (("snapshot", "reader", "admin"), None, "snapshot.reader.admin"),
        (("user_fields", 0, "labels"), {"ru": 1}, "user_fields[0].labels.ru"),
        (("user_fields", 0, "settings"), [], "user_fields[0].settings"),
        (("user_fields", 0, "settings"), nested(60), "user_fields[0].settings"),
        (("dictionaries", 0, "items", 0, "status_id"), 1, "dictionaries[0].items[0].status_id"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_place(
    path: tuple[str | int, ...], value: Any, where: str
) -> None:
    with pytest.raises(NotASpecification) as refusal:
        load_json(edited(a_snapshot(), *path, value=value))
    assert refusal.value.facts == {"what": "type", "where": where}


@pytest.mark.parametrize(
    "path",
    [
        (part, key)
        for part, keys in KEYS.items()
        for key in sorted(keys)
        if (part, key)
        not in {
            ("snapshot", "number"),
            ("coverage", "entity_type"),
            ("coverage", "reason"),
            ("snapshot", "fingerprint"),
        }
    ],
)
def test_a_missing_key_is_refused_with_its_place(path: tuple[str, str]) -> None:
    part, key = path
    snapshot = a_snapshot()
    listed = isinstance(document(snapshot)[part], list)
    with pytest.raises(NotASpecification) as refusal:
        load_json(without(snapshot, *((part, 0, key) if listed else path)))
    assert refusal.value.facts == {
        "what": "missing",
        "where": f"{part}[0].{key}" if listed else f"{part}.{key}",
    }


def test_everything_there_is_goes_there_and_back() -> None:
    snapshot = a_snapshot(
        number=148,
        entity_types=(a_smart_process(title=None),),
        user_fields=(
            a_list_field("Курьер", entity_type="dynamic_1040", settings={"DISPLAY": "UI", "X": [1, {}]}),
        ),
        dictionaries=(a_dictionary(name=None, items=()),),
        orphan_stages=(a_stage(directory="DEAL_STAGE_9", pipeline_id=9),),
        coverage=(a_coverage(Kind.PORTAL, items=1, reason=Reason(ReasonCode.FACTS_MISSING)),),
    )
    snapshot = replace(snapshot, portal=a_portal(member_id="0123456789abcdef0123456789abcdef", plan=None))
    assert load_json(dump_json(snapshot, language="en")) == snapshot
