"""What a text specification says of what could not be read, or could be read only in part."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from tests.builders import a_smart_process, a_snapshot, a_user_field, an_entity_type, with_coverage
from tests.shared.specification.reading_txt import section, txt


def test_a_whole_read_says_so_in_section_1() -> None:
    assert "Всё прочитано полностью.\n" in section(txt(a_snapshot()), "1")


UNREAD: dict[Kind, tuple[str, dict[str, Any]]] = {
    Kind.DICTIONARIES: ("5", {"dictionaries": ()}),
    Kind.USERS: ("6", {"users": ()}),
    Kind.DEPARTMENTS: ("6", {"departments": ()}),
    Kind.ENTITY_TYPES: ("3", {"entity_types": ()}),
    Kind.USER_FIELDS: ("4.1", {"user_fields": ()}),
    Kind.PIPELINES: ("4.1", {"pipelines": (), "stages": ()}),
    Kind.STAGES: ("4.1", {"stages": ()}),
}


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize("state", [State.FORBIDDEN, State.NOT_GRANTED, State.FAILED])
def test_a_kind_that_was_not_read_prints_the_reason_and_not_nothing(kind: Kind, state: State) -> None:
    number, nothing = UNREAD[kind]
    reason = Reason(ReasonCode.PORTAL_ERROR, "ERROR_CORE: oops")
    snapshot = with_coverage(replace(a_snapshot(), **nothing), kind, state=state, items=0, reason=reason)
    text = txt(snapshot)
    assert "Портал ответил ошибкой: ERROR_CORE: oops." in section(text, "1")
    assert "Портал ответил ошибкой: ERROR_CORE: oops." in section(text, number)
    assert "Всё прочитано" not in text
    assert not re.search(
        r"\(0\)|[А-Яа-я]+ нет\.", section(text, number).replace("Пользовательских полей нет.", "")
    )


def test_a_kind_without_any_receipt_counts_as_unread() -> None:
    text = txt(a_snapshot(coverage=(), dictionaries=()))
    assert "! Справочники: не прочитано." in section(text, "5")


def test_what_was_partly_read_is_printed_with_a_note() -> None:
    snapshot = with_coverage(
        a_snapshot(),
        Kind.USERS,
        state=State.PARTIAL,
        items=1,
        reason=Reason(ReasonCode.ROWS_MISSING, "1 / 300"),
    )
    text = txt(snapshot)
    assert "6 ПОЛЬЗОВАТЕЛИ (1, ЧАСТИЧНО)" in text
    assert "! Пользователи: прочитано частично, подробно в разделе 1." in section(text, "6")
    assert "Пример Иван" in section(text, "6")
    assert "Портал отдал не все записи (1 / 300)." in section(text, "1")


def test_data_of_an_earlier_read_carry_their_age() -> None:
    snapshot = with_coverage(
        a_snapshot(), Kind.USERS, state=State.FAILED, items=1, read_at=datetime(2031, 3, 1, 12, 0, tzinfo=UTC)
    )
    assert "! Пользователи: не прочитано, данные от 01.03.2031 12:00 (+00:00), подробно в разделе 1." in txt(
        snapshot
    )


def test_what_the_portal_does_not_have_is_listed_as_no_error() -> None:
    snapshot = with_coverage(
        a_snapshot(user_fields=()),
        Kind.USER_FIELDS,
        state=State.NOT_AVAILABLE,
        reason=Reason(ReasonCode.LEADS_OFF),
    )
    text = section(txt(snapshot), "1")
    assert "Всё прочитано полностью.\nЭтого на портале нет, это не ошибка:\n" in text
    assert "Пользовательские поля: Сделка — нет на портале\n      CRM работает в простом режиме" in text


def test_what_is_worth_knowing_of_a_whole_read_stands_with_its_items() -> None:
    leads_off = Reason(ReasonCode.LEADS_OFF)
    for fields in ((a_user_field(),), ()):
        text = txt(with_coverage(a_snapshot(user_fields=fields), Kind.USER_FIELDS, reason=leads_off))
        assert f"({len(fields)})" in section(text, "4.1")
        assert "CRM работает в простом режиме, без лидов." in section(text, "4.1")
        assert "Всё прочитано полностью." in text


def test_the_same_gap_of_several_entities_is_told_once() -> None:
    snapshot = a_snapshot(entity_types=(an_entity_type(), a_smart_process()), user_fields=())
    snapshot = with_coverage(
        snapshot, Kind.USER_FIELDS, state=State.FORBIDDEN, reason=Reason(ReasonCode.NO_RIGHTS)
    )
    assert "! Пользовательские поля: Сделка, Ремонт — нет прав\n" in section(txt(snapshot), "1")
